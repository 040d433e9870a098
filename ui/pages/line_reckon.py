"""One line of a form, reckoned as a save would: what its links bring, what price it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import InvalidValue
from engine.records.copies import copied
from engine.records.line_plans import LinePlan
from engine.records.line_sums import reckoned
from engine.records.lines import children
from engine.records.pricing import settle_price
from engine.records.shape import Shape, Stored, shape_of
from engine.records.validate import first_values
from engine.storage.snapshot import Unit
from ui.pages.forms_read import InputRefused, raw_value
from ui.pages.layout import settable
from ui.widgets.base import ABSENT, Form, last
from ui.widgets.line_items import NUMBER, prefix_of

CHANGED = "_changed"
"""The name under which the script tells which input was changed just now."""


@dataclass(frozen=True, slots=True)
class Reckoner:
    """Reckons the lines of one form.

    ``old``: the lines that are stored, by id. ``record``: path over the link of a line -> what
    stands there in the form.
    """

    unit: Unit
    plan: LinePlan
    shape: Shape
    sent: Form
    old: Mapping[str, Stored]
    record: Mapping[str, Any]

    @property
    def changed(self) -> str:
        """Give the name of the input that was changed just now."""
        return str(last(self.sent, CHANGED))

    def line(self, mark: str) -> dict[str, Any]:
        """Give the stored values of a line; what is wrong is left out."""
        plan, shape = self.plan, self.shape
        prefix = prefix_of(plan.key, mark)
        old = self.old.get(str(last(self.sent, prefix + NUMBER)))
        values = dict(old.values) if old is not None else first_values(self.unit, shape)
        given = self._given(prefix)
        values.update(given)
        values.update(copied(self.unit, shape, given, old.values if old is not None else None))
        if plan.pricing and self.changed.startswith(prefix):
            key = self.changed.removeprefix(prefix).partition(".")[0]
            now = {key, plan.pricing["list"]} if key in shape.links else {key}
            settle_price(shape.bound, plan.pricing, values, now)
        held = old.values if old is not None else {}
        return values | reckoned(self.unit, shape.bound, {**self.record, **values}, held)

    def _given(self, prefix: str) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for key in settable(self.unit, self.plan.child, new=True):
            field = self.shape.fields[key]
            try:
                raw = raw_value(self.unit, field, self.sent, prefix + key)
                if raw is not ABSENT:
                    given[key] = field.type.parse(raw, field.definition)
            except (InputRefused, InvalidValue):
                continue
        return given


def reckoner(
    unit: Unit, plan: LinePlan, sent: Form, record_id: int | None, record: Mapping[str, Any]
) -> Reckoner:
    """Prepare to reckon the lines of a form.

    Args:
        unit: the call.
        plan: which lines.
        sent: the form.
        record_id: the record; None for a new one.
        record: its stored values, as the form would make them.
    """
    held = children(unit, plan, [record_id], hold=False) if record_id is not None else []
    old = {str(line.id): line for line in held}
    known = {f"{plan.link}.{key}": value for key, value in record.items()}
    return Reckoner(unit, plan, shape_of(unit, plan.child), sent, old, known)
