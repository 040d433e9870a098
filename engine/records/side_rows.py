"""Side tables: one row per value of a field that holds several, for filters and counts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete

from engine.records.shape import Shape, run
from engine.storage.fixed_insert import FixedInsert
from engine.storage.snapshot import BoundField, Unit


def add_side_rows(
    unit: Unit, shape: Shape, records: Iterable[tuple[int, Mapping[str, Any]]]
) -> None:
    """Write the side rows of new records: pairs of id and stored values."""
    if not shape.many:
        return
    held = list(records)
    for field in shape.many:
        rows = [
            {"record_id": record_id, "value": value}
            for record_id, values in held
            for value in field.type.side_values(values.get(field.key), field.definition)
        ]
        _insert(unit, shape, field, rows)


def change_side_rows(unit: Unit, shape: Shape, record_id: int, values: Mapping[str, Any]) -> None:
    """Write anew the side rows of the fields among ``values``, the changed ones."""
    for field in shape.many:
        if field.key in values:
            _delete(unit, shape, field, [record_id])
            chosen = field.type.side_values(values[field.key], field.definition)
            rows = [{"record_id": record_id, "value": value} for value in chosen]
            _insert(unit, shape, field, rows)


def remove_side_rows(unit: Unit, shape: Shape, record_ids: Sequence[int]) -> None:
    """Remove every side row of records that are gone for good."""
    for field in shape.many:
        _delete(unit, shape, field, record_ids)


def _insert(unit: Unit, shape: Shape, field: BoundField, rows: list[dict[str, Any]]) -> None:
    if rows and field.side is not None:
        side = field.side
        statement = unit.snapshot.once(
            ("side insert", shape.key, field.key),
            lambda: FixedInsert(side, ("record_id", "value")),
        )
        statement.many(unit.connection, rows)


def _delete(unit: Unit, shape: Shape, field: BoundField, record_ids: Sequence[int]) -> None:
    if field.side is not None:
        side = field.side
        statement = unit.snapshot.once(
            ("side delete", shape.key, field.key),
            lambda: delete(side).where(side.c.record_id.in_(bindparam("ids", expanding=True))),
        )
        run(unit, statement, {"ids": list(record_ids)})
