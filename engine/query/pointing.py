"""Who points to a record: conditions that a link of any kind names it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import FromClause, Text, and_, bindparam, cast, exists, literal, select
from sqlalchemy.sql.elements import ColumnElement

from engine.storage.snapshot import BoundField
from metadata.conditions import Test

Truth = ColumnElement[bool]


def pointing(field: BoundField, object_key: str, record_id: int) -> Test:
    """Give the condition that a record names another one by a link."""
    op = "contains" if field.many else "eq"
    alone = bool(field.type.target(field.definition))
    return Test(field.key, op, record_id if alone else f"{object_key}/{record_id}")


def points_to_row(
    field: BoundField, table: FromClause, object_key: str, far: FromClause, name: str
) -> Truth:
    """Give the condition that a row of ``table`` names the record of another row.

    Args:
        field: a link.
        table: the table of the link's object, or an alias of it.
        object_key: the object of the named record.
        far: the table of the named record, or an alias of it.
        name: of an alias for a side table, other than those around.
    """
    alone = bool(field.type.target(field.definition))
    record: Any = far.c.id
    if field.side is not None:
        values = field.side.alias(name)
        wanted: Any = record if alone else literal(f"{object_key}/") + cast(record, Text)
        return (
            exists()
            .select_from(values)
            .where(values.c.record_id == table.c.id, values.c.value == wanted)
            .correlate(table, far)
        )
    if alone:
        same: Truth = table.c[field.column.key] == record
        return same
    kind, number = (table.c[column.key] for column in field.columns)
    return and_(kind == object_key, number == record)


def points_to_ids(field: BoundField, object_key: str) -> Truth:
    """Give the condition that a record names one of those bound as ``at_ids``: `pointed_ids`."""
    slot: Any = bindparam("at_ids", expanding=True)
    if field.side is not None:
        table = field.column.table
        holders = select(field.side.c.record_id).where(field.side.c.value.in_(slot))
        return table.c.id.in_(holders)
    if field.type.target(field.definition):
        return field.column.in_(slot)
    kind, number = field.columns
    return and_(kind == object_key, number.in_(slot))


def pointed_ids(field: BoundField, object_key: str, ids: Iterable[int]) -> list[Any]:
    """Give what to bind as ``at_ids``."""
    if field.side is not None and not field.type.target(field.definition):
        return [f"{object_key}/{number}" for number in ids]
    return list(ids)
