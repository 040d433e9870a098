"""What the verbs need to know of an object's table, composed once per metadata version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    CursorResult,
    Executable,
    Select,
    Table,
    Update,
    bindparam,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import RecordNotFound
from engine.fields.base import Named, stored_columns
from engine.storage.driven import Driven
from engine.storage.fixed_insert import FixedInsert
from engine.storage.snapshot import BoundField, BoundObject, Unit
from engine.storage.tables import unique_column
from metadata.computed import overridden

Rows = CursorResult[*tuple[Any, ...]]

BASE_KEYS = frozenset(
    {
        "id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at",
        "deleted_by",
    }
)  # fmt: skip
"""Fields that the verbs keep themselves: neither input nor part of an entry of history."""

MOST_IDS = 500
"""Ids in one statement."""

WRITTEN_ONCE = ("version", "created_at", "created_by_id", "updated_at", "updated_by_id")
"""Columns of a new record beside those of its fields."""

_FACTS = (
    "id", "version", "deleted_at", "deleted_batch", "created_at", "created_by_id", "updated_at",
    "updated_by_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it stands in its table."""

    id: int
    version: int
    deleted: bool
    deleted_batch: str | None
    values: dict[str, Any]
    facts: dict[str, Any]  # of `BASE_KEYS`, for conditions

    @property
    def owner(self) -> int | None:
        """Give the owner's user id; None without one."""
        return self.values.get("owner")

    @property
    def whole(self) -> dict[str, Any]:
        """Give all fields, those that the verbs keep themselves included."""
        return {**self.facts, **self.values}


@dataclass(frozen=True, slots=True)
class Shape:
    """An object's table as the verbs see it. ``fields``: all stored ones but `BASE_KEYS`."""

    bound: BoundObject
    fields: Mapping[str, BoundField]
    shadows: Mapping[str, str]  # key of a unique field -> name of its shadow column
    unproven: frozenset[str]  # unique fields whose index a job still builds
    plain: Mapping[str, str]  # key of a field that is one column and no more -> its name
    links: tuple[str, ...]  # keys of fields that name records
    computed: frozenset[str]  # fields that the engine fills: neither input nor history
    following: frozenset[str]  # fields that follow others until overridden, and their flags
    many: tuple[BoundField, ...]  # fields whose values also stand in a side table
    files: tuple[BoundField, ...]  # fields whose values name files of the store
    columns: tuple[Column[Any], ...]
    spans: tuple[tuple[str, int, int], ...]  # field key, first column, number of columns
    insert: FixedInsert  # gives the new id; no row where a unique value is in the way
    update: Update
    by_id: Driven  # locks the row where the database has row locks
    by_ids: Select[Any]  # in the order of ids, locked alike

    @property
    def key(self) -> str:
        """Give the object's key."""
        return self.bound.key

    @property
    def table(self) -> Table:
        """Give the object's table."""
        return self.bound.table

    def stored(self, row: Sequence[Any]) -> Stored:
        """Read a row of `by_id` or `by_ids`."""
        values: dict[str, Any] = {}
        for key, first, count in self.spans:
            if count == 1:
                values[key] = row[first]
            else:
                parts = tuple(row[first : first + count])
                values[key] = None if all(part is None for part in parts) else parts
        return Stored(
            id=row[0],
            version=row[1],
            deleted=row[2] is not None,
            deleted_batch=row[3],
            values=values,
            facts={
                "id": row[0],
                "version": row[1],
                "created_at": row[4],
                "created_by": row[5],
                "updated_at": row[6],
                "updated_by": row[7],
            },
        )

    def parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Spread stored values over columns, shadow columns of unique fields included."""
        parameters: dict[str, Any] = {}
        plain = self.plain
        for key, value in values.items():
            name = plain.get(key)
            if name is not None:
                parameters[name] = value
                continue
            field = self.fields[key]
            if len(field.columns) == 1:
                parameters[field.columns[0].key] = value
            else:
                for column, part in zip(
                    field.columns, stored_columns(value, len(field.columns)), strict=True
                ):
                    parameters[column.key] = part
            shadow = self.shadows.get(key)
            if shadow is not None:
                parameters[shadow] = self.unique_key(key, value)
        return parameters

    def named(self, key: str, stored: Any) -> Sequence[Named]:
        """Give the records that the stored value of a link names."""
        field = self.fields[key]
        return field.type.named(stored, field.definition)

    def unique_key(self, key: str, value: Any) -> str | None:
        """Give what of a unique field may stand only once."""
        field = self.fields[key]
        return None if value is None else field.type.unique_key(value, field.definition)


def shape_of(unit: Unit, object_key: str) -> Shape:
    """Give the shape of an object.

    Raises:
        UnknownObject: there is none in this version.
    """
    bound = unit.snapshot.object(object_key)
    dialect = unit.connection.dialect.name
    return unit.snapshot.once(("shape", object_key, dialect), lambda: _compose(bound, dialect))


def load(unit: Unit, shape: Shape, record_id: int) -> Stored:
    """Read one record, in the bin or not, and hold it until the end of the transaction.

    Raises:
        RecordNotFound: there is none.
    """
    row = shape.by_id.first(unit.connection, {"at_id": record_id})
    if row is None:
        raise RecordNotFound(object=shape.key, id=record_id)
    return shape.stored(row)


def load_live(unit: Unit, shape: Shape, record_id: int) -> Stored:
    """Read one record that is not in the bin, and hold it.

    Raises:
        RecordNotFound: there is none.
    """
    record = load(unit, shape, record_id)
    if record.deleted:
        raise RecordNotFound(object=shape.key, id=record_id)
    return record


def load_all(unit: Unit, shape: Shape, record_ids: Sequence[int]) -> list[Stored]:
    """Read records, in the bin or not, in the order of ids, and hold them; some may be gone."""
    found = []
    for first in range(0, len(record_ids), MOST_IDS):
        part = list(record_ids[first : first + MOST_IDS])
        found += [shape.stored(row) for row in run(unit, shape.by_ids, {"at_ids": part})]
    return found


def run(unit: Unit, statement: Executable, parameters: Any = None) -> Rows:
    """Execute a prebuilt statement; the connection keeps compiled SQL in the snapshot's cache."""
    return unit.connection.execute(statement, parameters)


def _compose(bound: BoundObject, dialect: str) -> Shape:
    table = bound.table
    fields = {
        key: field
        for key, field in bound.fields.items()
        if key not in BASE_KEYS and field.columns  # a virtual field has none
    }
    shadows = {}
    columns: list[Column[Any]] = [table.c[name] for name in _FACTS]
    spans = []
    for key, field in fields.items():
        shadow = unique_column(field)
        if shadow is not None:
            shadows[key] = shadow.key
        spans.append((key, len(columns), len(field.columns)))
        columns.extend(field.columns)
    rows = select(*columns)
    follow = frozenset(key for key, field in fields.items() if field.definition.follows)
    return Shape(
        bound=bound,
        fields=fields,
        shadows=shadows,
        plain={
            key: field.columns[0].key
            for key, field in fields.items()
            if len(field.columns) == 1 and key not in shadows
        },
        unproven=frozenset(key for key in shadows if fields[key].unproven),
        links=tuple(key for key, field in fields.items() if field.type.labelled),
        computed=frozenset(k for k, f in fields.items() if f.definition.computed is not None),
        following=follow | {overridden(key) for key in follow},
        many=tuple(field for field in fields.values() if field.side is not None),
        files=tuple(field for field in fields.values() if field.type.files),
        columns=tuple(columns),
        spans=tuple(spans),
        insert=_insert(table, fields, shadows, dialect),
        update=update(table).where(
            table.c.id == bindparam("at_id"), table.c.version == bindparam("at_version")
        ),
        by_id=Driven(rows.where(table.c.id == bindparam("at_id")).with_for_update()),
        by_ids=rows.where(table.c.id.in_(bindparam("at_ids", expanding=True)))
        .order_by(table.c.id)
        .with_for_update(),
    )


def _insert(
    table: Table, fields: Mapping[str, BoundField], shadows: Mapping[str, str], dialect: str
) -> FixedInsert:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    plain = make(table)
    statement = (plain.on_conflict_do_nothing() if shadows else plain).returning(table.c.id)
    held = [column.key for field in fields.values() for column in field.columns]
    columns = (*WRITTEN_ONCE, *held, *shadows.values())
    return FixedInsert(table, columns, statement)
