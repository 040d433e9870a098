"""Statements of always the same text, compiled once per database and sent by the driver itself.

For what every single save sends: SQLAlchemy's own way around a statement costs several times what
the database needs for one. Its listeners hear of them all the same, and errors are told alike.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from psycopg import RawCursor
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

Carry = Callable[[Any], Any]
Cursor = Any
"""A cursor of the driver."""

_NAMED = re.compile(r"%\((\w+)\)s|%%")


@dataclass(frozen=True, slots=True)
class Text:
    """A statement for one database: its parameters in their places, and how they are carried."""

    sql: str
    names: tuple[str, ...]
    carried: tuple[tuple[int, Carry], ...]
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]

    def line(self, row: Mapping[str, Any]) -> list[Any]:
        """Give the parameters of a row in their order, as the driver takes them."""
        values = list(self.pick(row))
        for at, carry in self.carried:
            values[at] = carry(values[at])
        return values


def text_of(compiled: Any, columns: Sequence[str], types: Mapping[str, Any]) -> Text:
    """Make the text of a compiled statement.

    Args:
        compiled: by SQLAlchemy.
        columns: names of its parameters, where it does not know their order itself.
        types: of parameters by name.
    """
    dialect, sql = compiled.dialect, str(compiled)
    names = tuple(compiled.positiontup) if compiled.positional else tuple(columns)
    if not compiled.positional:
        places = {name: at for at, name in enumerate(names, 1)}
        sql = _NAMED.sub(lambda one: f"${places[one[1]]}" if one[1] else "%", sql)
    carriers = ((at, bound(types[name], dialect)) for at, name in enumerate(names))
    carried = tuple((at, carry) for at, carry in carriers if carry is not None)
    return Text(sql, names, carried, _picker(names))


def bound(type_: TypeEngine[Any], dialect: Dialect) -> Carry | None:
    """Give how values of a type are carried to a database; None: as they are."""
    return type_.dialect_impl(dialect).bind_processor(dialect)


def send(connection: Connection, sql: str, values: Sequence[Any]) -> Cursor:
    """Execute at the driver; ``values`` stand for ``?`` on SQLite, for ``$1`` on PostgreSQL.

    Raises:
        DBAPIError: in the kind that fits the driver's error.
    """
    return _sent(connection, sql, values, many=False)


def first_number(connection: Connection, sql: str) -> int | None:
    """Execute a query without parameters and give the number in its row; None without a row.

    As the first one of a transaction on PostgreSQL it takes the transaction's beginning along.

    Raises:
        DBAPIError: in the kind that fits the driver's error.
    """
    driver: Any = connection.connection.driver_connection
    sqlite = connection.dialect.name == "sqlite"
    if sqlite or driver.autocommit or driver.pgconn.transaction_status != TransactionStatus.IDLE:
        row = send(connection, sql, ()).fetchone()
        return row[0] if row else None
    return _sent_with(connection, driver, sql)


def _sent_with(connection: Connection, driver: Any, sql: str) -> int | None:
    """Begin and ask in one message."""
    heard = connection._has_events or connection.engine._has_events
    if heard:
        connection.dispatch.before_cursor_execute(connection, None, sql, (), None, False)
    try:
        result = driver.pgconn.exec_(f"BEGIN;{sql}".encode())
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)
    except connection.dialect.loaded_dbapi.Error as error:
        connection._handle_dbapi_exception(error, sql, None, None, None)
    if heard:
        connection.dispatch.after_cursor_execute(connection, None, sql, (), None, False)
    value = result.get_value(0, 0) if result.ntuples else None
    return None if value is None else int(value)


def send_many(connection: Connection, sql: str, rows: Sequence[Sequence[Any]]) -> Cursor:
    """Execute at the driver once for each of several rows.

    Raises:
        DBAPIError: in the kind that fits the driver's error.
    """
    return _sent(connection, sql, rows, many=True)


def _sent(connection: Connection, sql: str, values: Any, *, many: bool) -> Cursor:
    driver: Any = connection.connection.driver_connection
    cursor: Any = driver.cursor() if connection.dialect.name == "sqlite" else RawCursor(driver)
    heard = connection._has_events or connection.engine._has_events
    if heard:
        connection.dispatch.before_cursor_execute(connection, cursor, sql, values, None, many)
    try:
        if many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
    except connection.dialect.loaded_dbapi.Error as error:
        connection._handle_dbapi_exception(error, sql, None, cursor, None)
    if heard:
        connection.dispatch.after_cursor_execute(connection, cursor, sql, values, None, many)
    return cursor


def _picker(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if not names:
        return lambda row: ()
    if len(names) == 1:
        return lambda row: (row[names[0]],)
    return itemgetter(*names)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement for one database. ``constants``: parameters that it brings itself."""

    text: Text
    constants: Mapping[str, Any]
    readers: tuple[tuple[int, Carry], ...]

    def line(self, parameters: Mapping[str, Any]) -> list[Any]:
        return self.text.line({**self.constants, **parameters} if self.constants else parameters)

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self.readers:
            return row
        values = list(row)
        for at, read in self.readers:
            values[at] = read(values[at])
        return values


@dataclass(frozen=True, slots=True)
class Driven:
    """A statement whose text never differs: no parameter of it grows with its value."""

    statement: Any
    _ready: dict[str, _Ready] = field(default_factory=dict)

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> list[Sequence[Any]]:
        """Execute it and give all rows, values as the types of their columns read them."""
        ready = self._for(connection.dialect)
        found = send(connection, ready.text.sql, ready.line(parameters)).fetchall()
        return [ready.read(row) for row in found] if ready.readers else found

    def first(self, connection: Connection, parameters: Mapping[str, Any]) -> Sequence[Any] | None:
        """Execute it and give the first row; None without one."""
        ready = self._for(connection.dialect)
        cursor = send(connection, ready.text.sql, ready.line(parameters))
        found = cursor.fetchone()
        cursor.close()
        return None if found is None else ready.read(found)

    def count(self, connection: Connection, parameters: Mapping[str, Any]) -> int:
        """Execute it and tell how many rows it changed."""
        ready = self._for(connection.dialect)
        return int(send(connection, ready.text.sql, ready.line(parameters)).rowcount)

    def _for(self, dialect: Dialect) -> _Ready:
        found = self._ready.get(dialect.name)
        if found is None:
            found = self._ready[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> _Ready:
        compiled: Any = self.statement.compile(dialect=dialect)
        params = compiled.params
        types = {name: compiled.binds[name].type for name in params}
        columns = compiled._result_columns  # nothing else tells the types
        readers = (
            (at, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for at, column in enumerate(columns)
        )
        return _Ready(
            text_of(compiled, tuple(params), types),
            {name: value for name, value in params.items() if value is not None},
            tuple((at, read) for at, read in readers if read is not None),
        )
