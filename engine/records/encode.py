"""Rows as JSON of the API: one plain function per column, composed once per set of columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.access.roles import rights_of
from engine.fields.base import FieldType
from engine.query.listing import Found, Page
from engine.query.paths import resolve
from engine.query.rows import Row, Slot
from engine.records.line_plans import line_plans
from engine.records.line_rows import lines_of
from engine.storage.snapshot import BoundField, Unit

Encoder = Callable[[Row], Any]

ALWAYS = "always"
HIDDEN = "****"
SHOWN = 3
"""Characters at each end of a covered value that stay."""


def page_json(unit: Unit, object_key: str, page: Page) -> list[dict[str, Any]]:
    """Give the rows of a page."""
    encoders = _encoders(unit, object_key, page.slots, listed=True)
    records = [_record(encoders, row) for row in page.rows]
    _add_lines(unit, object_key, page.slots, records)
    return records


def record_json(unit: Unit, object_key: str, found: Found) -> dict[str, Any]:
    """Give one record; links as ``{id, label}``, money and decimals as text."""
    record = _record(_encoders(unit, object_key, found.slots, listed=False), found.row)
    _add_lines(unit, object_key, found.slots, [record])
    return record


def covered(text: str, field: BoundField | None = None) -> str:
    """Give a text of which only the ends may be seen; of amounts, not even their length."""
    if field is not None and field.type.covered_whole and text:
        return HIDDEN
    if len(text) <= SHOWN * 2:
        return "*" * len(text)
    return f"{text[:SHOWN]}{'*' * (len(text) - SHOWN * 2)}{text[-SHOWN:]}"


def _add_lines(
    unit: Unit, object_key: str, slots: Mapping[str, Slot], records: Sequence[dict[str, Any]]
) -> None:
    """Put the lines themselves in the place of their number."""
    for plan in line_plans(unit.snapshot, object_key):
        covered_too = rights_of(unit).field_mask(object_key, plan.key)
        if plan.key not in slots or not records or covered_too:
            continue
        page, rows = lines_of(unit, plan, [record["id"] for record in records])
        slots_of = {key: slot for key, slot in page.slots.items() if key != plan.link}
        encoders = _encoders(unit, plan.child, slots_of, listed=False)
        for record in records:
            record[plan.key] = [_record(encoders, row) for row in rows.get(record["id"], ())]


def _record(encoders: Sequence[tuple[str, Encoder]], row: Row) -> dict[str, Any]:
    return {path: encode(row) for path, encode in encoders}


def _encoders(
    unit: Unit, object_key: str, slots: Mapping[str, Slot], *, listed: bool
) -> Sequence[tuple[str, Encoder]]:
    actor = unit.context.actor
    return unit.snapshot.once(
        ("encoders", object_key, tuple(slots), actor.roles, actor.superadmin, listed),
        lambda: _compose(unit, object_key, slots, listed=listed),
    )


def _compose(
    unit: Unit, object_key: str, slots: Mapping[str, Slot], *, listed: bool
) -> Sequence[tuple[str, Encoder]]:
    made: dict[str, Encoder] = {"id": _at(0), "version": _at(1)}
    rights = rights_of(unit)
    bound = unit.snapshot.object(object_key)
    for path, slot in slots.items():
        made[path] = _encoder(slot)
        owner = resolve(unit.snapshot, bound, path).owner
        mask = rights.field_mask(owner.key, slot.field.key)
        if mask == ALWAYS or (mask and listed):
            made[path] = _covering(made[path], slot.field)
    return tuple(made.items())


def _encoder(slot: Slot) -> Encoder:
    definition, api = slot.field.definition, slot.field.type.api
    if slot.label_index is not None or len(slot.field.columns) > 1:
        return lambda row: api(slot.value(row), definition)
    if type(slot.field.type).api is FieldType.api:  # JSON as it is stored
        return _at(slot.index)
    at = slot.index
    return lambda row: api(row[at], definition)


def _at(index: int) -> Encoder:
    return lambda row: row[index]


def _covering(encode: Encoder, field: BoundField) -> Encoder:
    def cover(row: Row) -> Any:
        value = encode(row)
        return covered(value, field) if isinstance(value, str) else None

    return cover
