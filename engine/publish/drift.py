"""Does the database stand as the ledger and the served version say? Reads only, by reflection.

This is the only place that asks the database what it looks like; everything else trusts the
ledger, and here is where that trust is checked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, inspect, select
from sqlalchemy import types as sa

from engine.fields.base import FieldType
from engine.storage.kernel import KERNEL
from engine.storage.kernel_tables import field_ledger, object_ledger, version
from engine.storage.ledger import BASE_COLUMNS, Ledger
from engine.storage.snapshot import Snapshot
from engine.storage.tables import bind_object, unique_index
from metadata.load import parse_layers

_OURS = ("o_", "s_")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be. ``code`` is a key of the messages, `doctor.<code>`."""

    code: str
    where: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Live:
    """The database as it is: table -> column -> type, table -> names of indexes."""

    columns: Mapping[str, Mapping[str, Any]]
    indexes: Mapping[str, frozenset[str]]


def find_drift(
    connection: Connection, snapshot: Snapshot, ledger: Ledger, types: Mapping[str, FieldType]
) -> Iterator[Finding]:
    """Compare tables, ledger and served version.

    Args:
        connection: a transaction that reads.
        snapshot: the served version.
        ledger: the ledger as it stands.
        types: the field types by key.
    """
    live = _reflected(connection)
    for table in KERNEL.tables.values():
        yield from _table(live, table)
    yield from _version(connection, snapshot)
    yield from _ledger(connection, live)
    for key, bound in snapshot.objects.items():
        entry = ledger.get(key)
        if entry is None:
            yield Finding("object_unknown", key)
            continue
        missing = [one for one in bound.definition.fields if one not in entry.fields]
        for one in missing:
            yield Finding("field_unknown", f"{key}.{one}")
        if missing:
            continue
        fresh = bind_object(bound.definition, entry, types)
        yield from _table(live, fresh.table)
        for each in fresh.fields.values():
            if each.side is not None:
                yield from _table(live, each.side)
            if each.definition.unique and not each.unproven:
                name = str(unique_index(each).name)
                if name not in live.indexes.get(fresh.table.name, frozenset()):
                    yield Finding("index_missing", fresh.table.name, {"name": name})


def _reflected(connection: Connection) -> _Live:
    found = inspect(connection)
    columns = {
        key[1]: {str(column["name"]): column["type"] for column in listed}
        for key, listed in found.get_multi_columns().items()
    }
    indexes = {
        key[1]: frozenset(str(one["name"]) for one in listed)
        for key, listed in found.get_multi_indexes().items()
    }
    return _Live(columns, indexes)


def _table(live: _Live, table: Table) -> Iterator[Finding]:
    columns = live.columns.get(table.name)
    if columns is None:
        yield Finding("table_missing", table.name)
        return
    for column in table.columns:
        there = columns.get(column.name)
        if there is None:
            yield Finding("column_missing", f"{table.name}.{column.name}")
        elif _family(there) != _family(column.type):
            params = {"is": str(there), "wanted": _family(column.type)}
            yield Finding("column_type", f"{table.name}.{column.name}", params)


def _family(kind: Any) -> str:
    """Name what a column holds, however the database calls it; SQLite writes times as text."""
    held = kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind
    families: tuple[tuple[type[Any], str], ...] = (
        (sa.Boolean, "boolean"), (sa.Integer, "integer"), (sa.DateTime, "instant"),
        (sa.Date, "date"), (sa.LargeBinary, "bytes"), (sa.ARRAY, "text"), (sa.JSON, "text"),
        (sa.String, "text"),
    )  # fmt: skip
    return next((name for family, name in families if isinstance(held, family)), "other")


def _version(connection: Connection, snapshot: Snapshot) -> Iterator[Finding]:
    stored = connection.execute(
        select(version.c.layers, version.c.hash).where(version.c.number == snapshot.number)
    ).one_or_none()
    if stored is None:
        yield Finding("version_missing", str(snapshot.number))
    elif parse_layers(stored.layers).hash != stored.hash:
        yield Finding("version_changed", str(snapshot.number))


def _ledger(connection: Connection, live: _Live) -> Iterator[Finding]:
    """Every column that was ever given out is there, and nothing is there that was not."""
    known, sides = _given_out(connection)
    for name, columns in known.items():
        there = live.columns.get(name)
        if there is None:
            yield Finding("table_missing", name)
            continue
        for column in sorted(columns - there.keys()):
            yield Finding("column_missing", f"{name}.{column}")
        for column in sorted(there.keys() - columns - BASE_COLUMNS):
            yield Finding("column_unknown", f"{name}.{column}")
    for name in sorted(live.columns.keys() - known.keys() - sides):
        if name.startswith(_OURS):
            yield Finding("table_unknown", name)
    for name in sorted(sides - live.columns.keys()):
        yield Finding("table_missing", name)


def _given_out(connection: Connection) -> tuple[dict[str, set[str]], set[str]]:
    """Give the columns of each table in the ledger, and the side tables."""
    tables = {row.id: row.table_name for row in connection.execute(select(object_ledger))}
    known: dict[str, set[str]] = {name: set() for name in tables.values()}
    sides: set[str] = set()
    for row in connection.execute(select(field_ledger)):
        name = tables[row.object_id]
        known[name].update(row.columns)
        if row.unique_column:
            known[name].add(row.unique_column)
        if row.side_table:
            sides.add(row.side_table)
    return known, sides
