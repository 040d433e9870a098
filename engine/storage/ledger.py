"""The ledger: which physical table and columns belong to which object and field, for ever.

A field's identity is its ledger id. A key that is freed (its field retired) and used again gets
new columns, so old data never comes back under a new meaning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, insert, select, update

from engine.fields.base import FieldType
from engine.storage.kernel_tables import field_ledger, object_ledger
from metadata.model import FieldDef, ObjectDef

BASE_COLUMNS = frozenset(
    {
        "id", "version", "created_at", "created_by_id", "updated_at", "updated_by_id",
        "deleted_at", "deleted_by_id", "deleted_batch",
    }
)  # fmt: skip
"""Columns that every table has, whatever the object's documents say."""
LONGEST_NAME = 48
"""PostgreSQL silently cuts names at 63 bytes; index names add a little to ours."""


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A field's place in its table. ``id`` 0: planned, not yet written."""

    id: int
    key: str
    type: str
    columns: tuple[str, ...]
    side_table: str | None = None
    unique_column: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """An object's table and the places of its living fields. ``taken``: names never free again."""

    id: int
    key: str
    table_name: str
    fields: Mapping[str, FieldEntry] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()


Ledger = Mapping[str, ObjectEntry]


def read_ledger(connection: Connection) -> dict[str, ObjectEntry]:
    """Read the whole ledger, by object key."""
    objects = {
        row.id: ObjectEntry(id=row.id, key=row.key, table_name=row.table_name)
        for row in connection.execute(select(object_ledger).order_by(object_ledger.c.id))
    }
    living: dict[int, dict[str, FieldEntry]] = {number: {} for number in objects}
    taken: dict[int, set[str]] = {number: set() for number in objects}
    for row in connection.execute(select(field_ledger).order_by(field_ledger.c.id)):
        taken[row.object_id].update(row.columns)
        if row.retired is None:
            living[row.object_id][row.key] = FieldEntry(
                id=row.id,
                key=row.key,
                type=row.type,
                columns=tuple(row.columns),
                side_table=row.side_table,
                unique_column=row.unique_column,
            )
    return {
        entry.key: replace(entry, fields=living[number], taken=frozenset(taken[number]))
        for number, entry in objects.items()
    }


def add_object(connection: Connection, definition: ObjectDef, version: int) -> ObjectEntry:
    """Write a new object into the ledger, without fields."""
    name = table_name(definition.key)
    number = connection.execute(
        insert(object_ledger)
        .values(key=definition.key, table_name=name, since=version)
        .returning(object_ledger.c.id)
    ).scalar_one()
    return ObjectEntry(id=number, key=definition.key, table_name=name)


def add_fields(
    connection: Connection,
    entry: ObjectEntry,
    fields: Iterable[tuple[FieldDef, FieldType]],
    version: int,
) -> ObjectEntry:
    """Write new fields into the ledger; gives the entry with them."""
    known = dict(entry.fields)
    taken = set(entry.taken)
    for definition, type_ in fields:
        made = _add_field(connection, entry, (definition, type_), taken, version)
        known[definition.key] = made
        taken.update(made.columns)
    return replace(entry, fields=known, taken=frozenset(taken))


def retire_field(connection: Connection, entry: FieldEntry, version: int) -> None:
    """Free the key of a field that gives way to another of the same key; its columns stay."""
    connection.execute(
        update(field_ledger).where(field_ledger.c.id == entry.id).values(retired=version)
    )


def make_unique(connection: Connection, entry: FieldEntry) -> FieldEntry:
    """Give a field its shadow column for uniqueness."""
    name = f"u_{entry.id}"
    connection.execute(
        update(field_ledger).where(field_ledger.c.id == entry.id).values(unique_column=name)
    )
    return replace(entry, unique_column=name)


def table_name(object_key: str) -> str:
    """Give the physical name of an object's table."""
    return f"o_{object_key}"[:LONGEST_NAME]


def column_names(definition: FieldDef, type_: FieldType, taken: Iterable[str]) -> tuple[str, ...]:
    """Choose physical names for a field's columns that none of ``taken`` has."""
    used = set(taken) | (set() if definition.system else BASE_COLUMNS)
    specs = type_.columns(definition)
    stem = definition.key[: LONGEST_NAME - 10]
    number = 1
    while True:
        base = stem if number == 1 else f"{stem}_{number}"
        names = tuple(f"{base}{spec.suffix}" for spec in specs)
        if not used.intersection(names):
            return names
        number += 1


def _add_field(
    connection: Connection,
    entry: ObjectEntry,
    pair: tuple[FieldDef, FieldType],
    taken: set[str],
    version: int,
) -> FieldEntry:
    definition, type_ = pair
    names = column_names(definition, type_, taken)
    number = connection.execute(
        insert(field_ledger)
        .values(
            object_id=entry.id,
            key=definition.key,
            type=definition.type,
            columns=list(names),
            since=version,
        )
        .returning(field_ledger.c.id)
    ).scalar_one()
    side = f"s_{entry.id}_{number}" if type_.many else None
    unique = f"u_{number}" if definition.unique else None
    if side or unique:
        connection.execute(
            update(field_ledger)
            .where(field_ledger.c.id == number)
            .values(side_table=side, unique_column=unique)
        )
    return FieldEntry(
        id=number,
        key=definition.key,
        type=definition.type,
        columns=names,
        side_table=side,
        unique_column=unique,
    )
