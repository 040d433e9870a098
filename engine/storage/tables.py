"""Objects become tables: real typed columns, physical names from the ledger.

A published table only ever grows: a column for every field there ever was, all nullable, none
renamed or retyped. A snapshot's `Table` holds the columns of its own version alone.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, desc

from engine.fields.base import FieldType, columns_of
from engine.storage.ledger import FieldEntry, ObjectEntry
from engine.storage.snapshot import BoundField, BoundObject
from engine.storage.types import BigId, Instant, column_type
from metadata.model import FieldDef, ObjectDef

BIN = "bin"
MOST_INDEXES = 8
"""Base indexes of one object; each costs about 40 microseconds on every insert."""


def bind_object(
    definition: ObjectDef, entry: ObjectEntry, types: Mapping[str, FieldType]
) -> BoundObject:
    """Make the table of an object in a `MetaData` of its own, and bind its fields to it.

    Args:
        definition: the object as compiled.
        entry: its place in the ledger; every field of the object is in it.
        types: the field types by key.
    """
    metadata = MetaData()
    table = Table(entry.table_name, metadata, *_base_columns(), sqlite_autoincrement=True)
    fields = {
        field.key: _bind_field(field, entry.fields[field.key], types[field.type], table)
        for field in definition.fields.values()
    }
    return BoundObject(id=entry.id, definition=definition, table=table, fields=fields)


def unique_column(field: BoundField) -> Column[Any] | None:
    """Give the shadow column that keeps a unique field's folded value; None when not unique."""
    if not field.definition.unique:
        return None
    found: Column[Any] | None = field.column.table.c.get(f"u_{field.id}")
    return found


def base_indexes(bound: BoundObject) -> list[Index]:
    """Give the indexes that come with a NEW table: at most `MOST_INDEXES` plus unique ones."""
    made = [_index(bound.table, name, parts) for name, parts in _base_parts(bound).items()]
    return made + unique_indexes(bound)


def has_order(bound: BoundObject, field: BoundField) -> bool:
    """Tell whether records can be walked in the order of a field without sorting them."""
    return _order_name(field) in _base_parts(bound)


def _base_parts(bound: BoundObject) -> dict[str, list[Any]]:
    """Give what each base index holds, by the end of its name.

    In this order: owner with the default sort, the default sort, the bin, links, sortable fields.
    Each ends with ``deleted_at``, and those of an order with the owner, so that a walk over
    living records in reach never touches the table.
    """
    table, deleted = bound.table, bound.table.c.deleted_at
    newest = [desc(table.c.updated_at), desc(table.c.id), deleted]
    owner = [bound.fields["owner"].column] if "owner" in bound.fields else []
    made: dict[str, list[Any]] = {"owner_updated": [*owner, *newest]} if owner else {}
    made["updated"] = [*newest, *owner]
    made[BIN] = [desc(deleted), desc(table.c.id)]
    for field in bound.fields.values():
        if field.definition.system:
            continue
        if field.type.labelled and not field.many:
            made[f"f{field.id}"] = [*field.columns, table.c.id, deleted]
    for field in bound.fields.values():
        if field.key == "updated_at":  # the default sort has it
            continue
        if field.definition.sortable and field.type.sortable and not field.type.labelled:
            made[_order_name(field)] = [field.column, table.c.id, deleted, *owner]
    return dict(list(made.items())[:MOST_INDEXES])


def _order_name(field: BoundField) -> str:
    return f"f{field.id}_sort"


def unique_indexes(bound: BoundObject) -> list[Index]:
    """Give the partial unique indexes: exact among the records that are not in the bin."""
    return [
        unique_index(field) for field in bound.fields.values() if unique_column(field) is not None
    ]


def unique_index(field: BoundField) -> Index:
    """Give the partial unique index of one unique field."""
    shadow = unique_column(field)
    if shadow is None:
        raise ValueError(f"{field.key} is not unique")
    table = field.column.table
    live = shadow.is_not(None) & table.c.deleted_at.is_(None)
    return Index(
        f"{table.name[:34]}_u{field.id}",
        shadow,
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )


def _index(table: Table, suffix: str, parts: list[Any]) -> Index:
    name = f"{table.name[:30]}_{suffix}"
    # Living records are not in that of the bin, and cost it nothing.
    where = table.c.deleted_at.is_not(None) if suffix == BIN else None
    index = Index(name, *parts, sqlite_where=where, postgresql_where=where)
    if index.table is None:  # an index of expressions alone does not find its table by itself
        index._set_parent(table)
    return index


def _base_columns() -> list[Column[Any]]:
    return [
        Column("id", BigId, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("created_by_id", BigId),
        Column("updated_at", Instant, nullable=False),
        Column("updated_by_id", BigId),
        Column("deleted_at", Instant),
        Column("deleted_by_id", BigId),
        Column("deleted_batch", Text),
    ]


def _bind_field(field: FieldDef, entry: FieldEntry, type_: FieldType, table: Table) -> BoundField:
    columns = []
    for spec, name in zip(columns_of(field, type_), entry.columns, strict=False):
        if name not in table.c:
            table.append_column(Column(name, column_type(spec.kind, many=type_.is_many(field))))
        columns.append(table.c[name])
    if entry.unique_column and entry.unique_column not in table.c:
        table.append_column(Column(entry.unique_column, Text))
    side = _side_table(entry, type_, table.metadata) if entry.side_table else None
    return BoundField(
        id=entry.id,
        definition=field,
        type=type_,
        columns=tuple(columns),
        side=side,
        unproven=entry.unproven and field.unique,
    )


def _side_table(entry: FieldEntry, type_: FieldType, metadata: MetaData) -> Table:
    name = entry.side_table or ""
    value = Text() if type_.side_kind == "text" else column_type(type_.side_kind)
    side = Table(
        name,
        metadata,
        Column("record_id", BigId, primary_key=True, autoincrement=False),
        Column("value", value, primary_key=True, autoincrement=False),
    )
    Index(f"{name}_value", side.c.value, side.c.record_id)
    return side
