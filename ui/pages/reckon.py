"""A form while nothing of it is saved: its record, its lines, and all that is computed of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.roles import rights_of
from engine.derived.fill import is_formula
from engine.fields.line_items import MOST_LINES
from engine.records.evaluate import seen_through
from engine.records.line_plans import line_plans
from engine.records.line_sums import of_lines, reckoned, sums_of
from engine.records.read import visible_fields
from engine.storage.snapshot import BoundObject, Unit
from ui.pages.follow_form import settle_following
from ui.pages.form_read import typed_record
from ui.pages.layout import settable
from ui.pages.line_marks import marks_in
from ui.pages.line_reckon import reckoner
from ui.pages.opened import plain
from ui.widgets.base import Form
from ui.widgets.line_items import ORDER

Lines = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A record as a form would make it. ``lines``: field of lines -> mark -> stored values."""

    values: dict[str, Any]
    lines: Mapping[str, Lines]


def reckon(
    unit: Unit,
    bound: BoundObject,
    sent: Form,
    stored: Mapping[str, Any],
    record_id: int | None,
    fresh: frozenset[str] = frozenset(),
) -> Reckoned:
    """Reckon what a form holds, by the code that saves it.

    Args:
        unit: the call.
        bound: the object of the record.
        sent: what stands in the form.
        stored: values of the record, or those that a new one begins with.
        record_id: the record; None for a new one.
        fresh: fields that count as stored, whatever was sent.
    """
    keys = settable(unit, bound.key, new=record_id is None) - fresh
    values = typed_record(unit, bound, sent, keys, stored)
    held = {key: plain(value) for key, value in stored.items()}
    values |= reckoned(unit, bound, values, held)
    lines: dict[str, Lines] = {}
    for plan in line_plans(unit.snapshot, bound.key):
        sends = plan.key in keys and plan.key in sent
        if record_id is not None and not sends:
            continue
        marks = sent.get(plan.key + ORDER, ())[:MOST_LINES] if sends else ()
        entry = reckoner(unit, plan, sent, record_id, values)
        lines[plan.key] = {mark: entry.line(mark) for mark in marks}
        filled = [lines[plan.key][mark] for mark in marks_in(unit, plan, sent) if mark in marks]
        values |= sums_of(unit, plan, filled)
    settle_following(unit, bound, values, sent, held)
    return Reckoned(values, lines)


def computed_texts(unit: Unit, bound: BoundObject, values: Mapping[str, Any]) -> dict[str, str]:
    """Give the computed fields that the person may read, as text, by the values at hand.

    What reads a field that he may not read is left out, and so are roll-ups of other lists: they
    do not change while somebody types.
    """
    locale = unit.context.locale
    return {
        key: bound.fields[key].type.text(values.get(key), bound.fields[key].definition, locale)
        for key in reckonable(unit, bound)
        if not rights_of(unit).field_mask(bound.key, key)
    }


def reckonable(unit: Unit, bound: BoundObject) -> frozenset[str]:
    """Give the computed fields that a form can reckon for the person."""
    actor = unit.context.actor
    return unit.snapshot.once(
        ("reckonable", bound.key, actor.roles, actor.superadmin), lambda: _reckonable(unit, bound)
    )


def _reckonable(unit: Unit, bound: BoundObject) -> frozenset[str]:
    seen = frozenset(visible_fields(unit, bound.key))
    lines = of_lines(unit.snapshot, bound)
    found = set()
    for key, field in bound.fields.items():
        if is_formula(field):
            behind = seen_through(unit.snapshot, bound, frozenset({key}))
            if all(one in seen or one in lines for one in behind):
                found.add(key)
        elif key in lines:
            found.add(key)
    return frozenset(found & seen)
