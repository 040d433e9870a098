"""What a form is filled with: a record, a copy of one, or what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.roles import rights_of
from engine.errors import FieldError
from engine.records.encode import ALWAYS
from engine.records.line_plans import parent_of_lines
from engine.records.line_sums import of_lines
from engine.records.numbering import numberings
from engine.records.ownership import OWNER
from engine.records.shape import shape_of
from engine.storage.tables import unique_column
from ui.pages.layout import settable
from ui.pages.opened import Opened
from ui.widgets.base import Form

COPY = "_copy"
"""Says in the address of a new form which record it begins as a copy of."""
STAY = "_stay"
"""The box that keeps whoever makes a record for somebody else in its team."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What a form is filled with.

    Attributes:
        stored: values of the record, or those that a new one begins with; links as labels.
        opened: the record; None for a new one.
        copied: the record that a new one begins as a copy of.
        sent: what was sent, if it was; it wins over what is stored.
        fresh: fields that are shown as stored all the same.
        errors: what was wrong with it.
    """

    stored: Mapping[str, Any]
    opened: Opened | None = None
    copied: Opened | None = None
    sent: Form | None = None
    fresh: frozenset[str] = frozenset()
    errors: tuple[FieldError, ...] = ()

    def error(self, key: str) -> FieldError | None:
        """Give the first thing that is wrong with a field."""
        return next((one for one in self.errors if one.field == key), None)


def can_copy(source: Opened) -> bool:
    """Tell whether the person may make a record like this one; lines come with theirs alone."""
    alone = parent_of_lines(source.unit.snapshot, source.key) is None
    return alone and rights_of(source.unit).allows(source.key, "create")


def copy_of(source: Opened) -> dict[str, Any]:
    """Give what a copy of a record begins with: what people fill, and the sums of its lines.

    Numbers and unique values belong to one record; whose the copy is follows from who makes it.
    """
    unit, bound = source.unit, source.bound
    numbered = {one.field.key for one in numberings(unit, shape_of(unit, bound.key))}
    keys = settable(unit, bound.key, new=True) | of_lines(unit.snapshot, bound)
    keys |= shape_of(unit, bound.key).following
    return {
        key: source.found.value(key)
        for key in keys & source.shown - numbered - {OWNER}
        if unique_column(bound.fields[key]) is None
        and rights_of(unit).field_mask(bound.key, key) != ALWAYS
    }
