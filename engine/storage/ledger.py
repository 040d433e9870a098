"""The ledger: which physical table and columns belong to which object and field, for ever.

A field's identity is its ledger id. A key that is freed (its field retired) and used again gets
new columns, so old data never comes back under a new meaning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, func, insert, select, update

from engine.fields.base import FieldType, columns_of
from engine.storage.kernel_tables import field_ledger, object_ledger
from metadata.model import FieldDef

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
    unproven: bool = False  # unique, while a job looks at what is there and builds the index


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """An object's table and the places of its living fields. ``taken``: names never free again."""

    id: int
    key: str
    table_name: str
    fields: Mapping[str, FieldEntry] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    past: tuple[tuple[int, FieldEntry], ...] = ()  # what fields were before: id now, entry


Ledger = Mapping[str, ObjectEntry]


def read_ledger(connection: Connection) -> dict[str, ObjectEntry]:
    """Read the whole ledger, by object key."""
    objects = {
        row.id: ObjectEntry(id=row.id, key=row.key, table_name=row.table_name)
        for row in connection.execute(select(object_ledger).order_by(object_ledger.c.id))
    }
    living: dict[int, dict[str, FieldEntry]] = {number: {} for number in objects}
    taken: dict[int, set[str]] = {number: set() for number in objects}
    past: dict[int, list[tuple[int, FieldEntry]]] = {number: [] for number in objects}
    for row in connection.execute(select(field_ledger).order_by(field_ledger.c.id)):
        taken[row.object_id].update(row.columns)
        entry = FieldEntry(
            id=row.id,
            key=row.key,
            type=row.type,
            columns=tuple(row.columns),
            side_table=row.side_table,
            unique_column=row.unique_column,
            unproven=row.unproven,
        )
        if row.retired is None:
            living[row.object_id][row.key] = entry
        elif row.became is not None:
            past[row.object_id].append((row.became, entry))
    return {
        owner.key: replace(
            owner,
            fields=living[number],
            taken=frozenset(taken[number]),
            past=tuple(past[number]),
        )
        for number, owner in objects.items()
    }


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """What a publish writes into the ledger.

    Ids are chosen before it is written: the publish fence keeps others out, and rows are never
    removed, so the next number is the largest plus one.
    """

    objects: tuple[ObjectEntry, ...] = ()  # new ones, with all their fields
    fields: tuple[tuple[ObjectEntry, FieldEntry], ...] = ()  # new ones, those of new objects too
    retired: tuple[FieldEntry, ...] = ()  # their keys pass to a field of another type
    retyped: tuple[FieldEntry, ...] = ()  # same columns, another name for the type
    made_unique: tuple[FieldEntry, ...] = ()
    renamed: tuple[FieldEntry, ...] = ()  # the same field under another key
    became: tuple[tuple[FieldEntry, int], ...] = ()  # converted to the field of this id
    revived: tuple[FieldEntry, ...] = ()  # converted once, and what its key means again


def write_change(connection: Connection, change: LedgerChange, version: int) -> None:
    """Write a change that `engine.publish.steps` planned, as of metadata ``version``."""
    for entry in change.retired:
        connection.execute(
            update(field_ledger).where(field_ledger.c.id == entry.id).values(retired=version)
        )
    for entry, number in change.became:
        connection.execute(
            update(field_ledger)
            .where(field_ledger.c.id == entry.id)
            .values(retired=version, became=number)
        )
    for entry in change.revived:
        connection.execute(
            update(field_ledger)
            .where(field_ledger.c.id == entry.id)
            .values(retired=None, became=None, key=entry.key)
        )
    for entry in (*change.retyped, *change.made_unique):
        connection.execute(
            update(field_ledger)
            .where(field_ledger.c.id == entry.id)
            .values(type=entry.type, unique_column=entry.unique_column, unproven=entry.unproven)
        )
    for entry in change.renamed:
        connection.execute(
            update(field_ledger).where(field_ledger.c.id == entry.id).values(key=entry.key)
        )
    for made in change.objects:
        connection.execute(
            insert(object_ledger).values(
                id=made.id, key=made.key, table_name=made.table_name, since=version
            )
        )
    if change.fields:
        connection.execute(
            insert(field_ledger),
            [
                {
                    "id": entry.id,
                    "object_id": owner.id,
                    "key": entry.key,
                    "type": entry.type,
                    "columns": list(entry.columns),
                    "side_table": entry.side_table,
                    "unique_column": entry.unique_column,
                    "unproven": entry.unproven,
                    "since": version,
                }
                for owner, entry in change.fields
            ],
        )


def prove_unique(connection: Connection, field_id: int) -> None:
    """Note that the index of a unique field stands: from now on it decides alone."""
    connection.execute(
        update(field_ledger).where(field_ledger.c.id == field_id).values(unproven=False)
    )


def next_ids(connection: Connection) -> tuple[int, int]:
    """Give the next free object id and the next free field id."""
    objects = connection.execute(select(func.max(object_ledger.c.id))).scalar() or 0
    fields = connection.execute(select(func.max(field_ledger.c.id))).scalar() or 0
    return objects + 1, fields + 1


def new_field(
    owner: ObjectEntry, number: int, definition: FieldDef, type_: FieldType
) -> FieldEntry:
    """Choose the columns of a new field of ``owner``; nothing is written."""
    return FieldEntry(
        id=number,
        key=definition.key,
        type=definition.type,
        columns=column_names(definition, type_, owner.taken),
        side_table=f"s_{owner.id}_{number}" if type_.is_many(definition) else None,
        unique_column=f"u_{number}" if definition.unique else None,
    )


def with_field(owner: ObjectEntry, entry: FieldEntry) -> ObjectEntry:
    """Give ``owner`` with one more (or a changed) field."""
    fields = {**owner.fields, entry.key: entry}
    return replace(owner, fields=fields, taken=owner.taken.union(entry.columns))


def table_name(object_key: str) -> str:
    """Give the physical name of an object's table."""
    return f"o_{object_key}"[:LONGEST_NAME]


def column_names(definition: FieldDef, type_: FieldType, taken: Iterable[str]) -> tuple[str, ...]:
    """Choose physical names for a field's columns that none of ``taken`` has."""
    used = set(taken) | (set() if definition.system else BASE_COLUMNS)
    specs = columns_of(definition, type_)
    stem = definition.key[: LONGEST_NAME - 10]
    number = 1
    while True:
        base = stem if number == 1 else f"{stem}_{number}"
        names = tuple(f"{base}{spec.suffix}" for spec in specs)
        if not used.intersection(names):
            return names
        number += 1
