"""Tables as they really stand in a database, hidden columns too, in words of both databases."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    inspect,
    text,
)
from sqlalchemy.types import ARRAY, TypeEngine

from engine.storage.kernel import KERNEL
from engine.storage.search_index import INDEX, Tokens
from engine.storage.types import BigId, BinaryText, Instant

Kind = Literal["integer", "text", "instant", "date", "boolean", "bytes", "tokens"]
TYPES: Mapping[Kind, TypeEngine[Any]] = {
    "integer": BigId,
    "text": BinaryText,
    "instant": Instant(),
    "date": Date(),
    "boolean": Boolean(),
    "bytes": LargeBinary(),
    "tokens": Tokens(),
}
LEFT_OUT = frozenset({"heddle_worker"})
"""Who is alive now is nothing to carry."""
NOT_EQUAL = {"heddle_event": "xact"}
"""A column that means something in its own database alone."""
SAFE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_INDEX = re.compile(
    r"CREATE (UNIQUE )?INDEX ([a-z0-9_]+) ON (?:public\.)?([a-z0-9_]+) (?:USING btree )?(\(.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column: ``required`` is NOT NULL, ``key`` part of the primary key."""

    name: str
    kind: Kind
    required: bool = False
    key: bool = False


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table. ``next``: the largest number it has given out; None where it numbers nothing."""

    name: str
    columns: tuple[ColumnShape, ...]
    indexes: tuple[str, ...] = ()
    next: int | None = None
    kinds: Mapping[str, Kind] = field(default_factory=dict, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Give the columns' names, in their order."""
        return tuple(column.name for column in self.columns)

    def table(self) -> Table:
        """Give it as a table of plain values: JSON stays text."""
        return Table(
            self.name,
            MetaData(),
            *(
                Column(
                    one.name,
                    TYPES[one.kind],
                    primary_key=one.key,
                    nullable=not one.required,
                    autoincrement=self.next is not None and one.key,
                )
                for one in self.columns
            ),
            sqlite_autoincrement=self.next is not None,
        )


def read_tables(connection: Connection) -> list[TableShape]:
    """Describe every table there is, in an order in which they can be filled."""
    found = inspect(connection)
    names = {
        name
        for name in found.get_table_names()
        if not name.startswith((INDEX, "sqlite_")) and name not in LEFT_OUT
    }
    order = [table.name for table in KERNEL.sorted_tables if table.name in names]
    order += sorted(names - set(order))
    indexes = _indexes(connection)
    return [_describe(connection, name, indexes.get(name, ())) for name in order]


def is_empty(connection: Connection) -> bool:
    """Tell whether a database holds no tables of ours, or none at all."""
    return not inspect(connection).get_table_names()


def to_json(shape: TableShape) -> dict[str, Any]:
    """Write a shape for the head of an archive."""
    return {
        "name": shape.name,
        "columns": [[one.name, one.kind, one.required, one.key] for one in shape.columns],
        "indexes": list(shape.indexes),
        "next": shape.next,
    }


def from_json(raw: Mapping[str, Any]) -> TableShape:
    """Read a shape; what is not a name or an index of ours is refused.

    Raises:
        ValueError: it is no shape that `to_json` wrote.
    """
    columns = tuple(ColumnShape(*one) for one in raw["columns"])
    names = (raw["name"], *(one.name for one in columns))
    if not all(SAFE.fullmatch(name) for name in names) or any(
        one.kind not in TYPES for one in columns
    ):
        raise ValueError("not the shape of a table")
    indexes = tuple(raw["indexes"])
    if any(plain_index(one) != one for one in indexes):
        raise ValueError("not an index")
    return TableShape(raw["name"], columns, indexes, raw["next"])


def plain_index(definition: str) -> str:
    """Write an index so that both databases take it; "" for what is none of ours."""
    match = _INDEX.fullmatch(definition.strip())
    if match is None or ";" in match[4] or "--" in match[4]:
        return ""
    unique = "UNIQUE " if match[1] else ""
    return f"CREATE {unique}INDEX {match[2]} ON {match[3]} {match[4]}"


def _indexes(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Give the definitions of indexes by table; the kernel's own come with its tables."""
    if connection.dialect.name == "sqlite":
        query = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        query = (
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indrelid "
            "WHERE c.relnamespace = current_schema()::regnamespace "
            "AND NOT i.indisprimary AND i.indisvalid"
        )
    made: dict[str, list[str]] = {}
    for table, definition in connection.execute(text(query)):
        if table not in KERNEL.tables:
            made.setdefault(table, []).append(plain_index(definition))
    return {table: tuple(sorted(filter(None, found))) for table, found in made.items()}


def _describe(connection: Connection, name: str, indexes: Sequence[str]) -> TableShape:
    found = inspect(connection)
    keys = found.get_pk_constraint(name)["constrained_columns"]
    columns = tuple(
        ColumnShape(
            one["name"],
            _kind(one["type"], name, one["name"]),
            not one["nullable"],
            one["name"] in keys,
        )
        for one in found.get_columns(name)
    )
    ordered = tuple(sorted(columns, key=lambda one: one.name))
    return TableShape(name, ordered, tuple(indexes), _next(connection, name, keys))


def _kind(found: TypeEngine[Any], table: str, column: str) -> Kind:
    known = KERNEL.tables.get(table)
    if known is not None and column in known.c and isinstance(known.c[column].type, Tokens):
        return "tokens"
    kinds: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
        (ARRAY, "tokens"),
        (Boolean, "boolean"),
        (DateTime, "instant"),
        (Date, "date"),
        (LargeBinary, "bytes"),
        (BigInteger, "integer"),
        (Integer, "integer"),
        (Text, "text"),
    )
    for type_, kind in kinds:
        if isinstance(found, type_):
            return kind
    if str(found).upper() in {"TEXT", "VARCHAR"}:
        return "text"
    raise ValueError(f"{table} has a column of type {found}")


def _next(connection: Connection, name: str, keys: Sequence[str]) -> int | None:
    """Give the last number a table gave out: none is ever given out again."""
    if list(keys) != ["id"]:
        return None
    if connection.dialect.name == "sqlite":
        if "AUTOINCREMENT" not in str(
            connection.execute(
                text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}
            ).scalar()
        ):
            return None
        last = connection.execute(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": name}
        ).scalar()
        return int(last or 0)
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": name}
    ).scalar()
    if sequence is None:
        return None
    row = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - a name from the catalogue
    return int(row.last_value) if row.is_called else 0
