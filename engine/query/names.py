"""Names of records by id: one statement for each object, however many records."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from engine.query.rows import Layout, Row
from engine.storage.snapshot import BoundObject, Unit

MOST_IDS = 500
"""Ids in one statement."""

Place = tuple[str, int]
"""Object and id."""


def names_of(unit: Unit, wanted: Iterable[Place]) -> dict[Place, str]:
    """Give the names of records, those in the bin included; unknown ids are left out."""
    by_object: dict[str, set[int]] = {}
    for object_key, record_id in wanted:
        by_object.setdefault(object_key, set()).add(record_id)
    found: dict[Place, str] = {}
    for object_key, ids in by_object.items():
        if object_key in unit.snapshot.objects:
            names = _names(unit, unit.snapshot.object(object_key), ids)
            found.update({(object_key, number): name for number, name in names.items()})
    return found


def with_late_names(unit: Unit, layout: Layout, rows: Sequence[Row]) -> Sequence[Row]:
    """Put the names of links that no join can bring into the places that rows have for them."""
    late = [slot for slot in layout.slots if slot.late]
    if not late or not rows:
        return rows
    held = [[slot.stored(row) for slot in late] for row in rows]
    wanted = {
        place
        for values in held
        for slot, value in zip(late, values, strict=True)
        for place in slot.field.type.named(value, slot.field.definition)
    }
    names = names_of(unit, wanted)
    filled: list[list[Any]] = []
    for row, values in zip(rows, held, strict=True):
        cells = list(row)
        for slot, value in zip(late, values, strict=True):
            kind, definition = slot.field.type, slot.field.definition
            cells[slot.label_index or 0] = kind.with_names(value, definition, names)
        filled.append(cells)
    return filled


def _names(unit: Unit, bound: BoundObject, ids: Collection[int]) -> dict[int, str]:
    name = bound.name
    statement = unit.snapshot.once(
        ("names", bound.key),
        lambda: select(bound.table.c.id, *name.columns).where(
            bound.table.c.id.in_(bindparam("ids", expanding=True))
        ),
    )
    held = list(ids)
    rows: list[Any] = []
    for first in range(0, len(held), MOST_IDS):
        part = {"ids": held[first : first + MOST_IDS]}
        rows += unit.connection.execute(statement, part)
    kind, definition, locale = name.type, name.definition, unit.context.locale
    values = {row[0]: row[1] if len(name.columns) == 1 else tuple(row[1:]) for row in rows}
    if not kind.labelled:
        return {number: kind.text(value, definition, locale) for number, value in values.items()}
    inner = names_of(
        unit, {place for value in values.values() for place in kind.named(value, definition)}
    )
    return {
        number: kind.text(kind.with_names(value, definition, inner), definition, locale)
        or f"#{number}"
        for number, value in values.items()
    }
