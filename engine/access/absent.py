"""Inserting a row unless its key is taken: the same on both databases, safe among writers."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_absent(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row; tells whether it was inserted.

    On PostgreSQL it waits for another transaction that is inserting the same key.
    """
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    key = list(table.primary_key)
    statement = make(table).values(**values).on_conflict_do_nothing(index_elements=key)
    return connection.execute(statement.returning(*key)).first() is not None


def insert_or_replace(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row, or give the row of the same key these values."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    key = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in key}
    statement = make(table).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))
