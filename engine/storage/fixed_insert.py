"""INSERTs of always the same columns: what every single save writes, and many rows at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Insert, Table, TableClause, insert
from sqlalchemy.engine import Dialect

from engine.storage.driven import Cursor, Text, send, send_many, text_of
from engine.storage.driver_errors import told_alike

FEW = 20
"""From so many rows on a bulk load costs less than statements."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text for one database."""

    text: Text
    copy: str  # PostgreSQL's bulk load; "" where there is none


@dataclass(frozen=True, slots=True)
class FixedInsert:
    """An INSERT of always the same columns into one table.

    Many rows at once go by COPY where the database has it.
    ``statement`` is what is compiled where it says more than that: what to do when a row is in
    the way, what to give back.
    """

    table: Table | TableClause
    columns: tuple[str, ...]
    statement: Insert | None = None
    _compiled: dict[str, _Compiled] = field(default_factory=dict)

    def one(self, connection: Connection, row: Mapping[str, Any]) -> Cursor:
        """Insert one row; ``lastrowid`` of the driver's cursor is its id on SQLite."""
        text = self._for(connection.dialect).text
        return send(connection, text.sql, text.line(row))

    def many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows in their order; none is fine."""
        if not rows:
            return
        compiled = self._for(connection.dialect)
        if compiled.copy and len(rows) >= FEW:
            _copy(connection, compiled, rows)
            return
        line = compiled.text.line
        send_many(connection, compiled.text.sql, [line(row) for row in rows])

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = insert(self.table).inline() if self.statement is None else self.statement
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(self.columns))
        types = {name: self.table.c[name].type for name in self.columns}
        text = text_of(compiled, self.columns, types)
        copy = ""
        if dialect.name == "postgresql":
            quote = dialect.identifier_preparer.quote
            columns = ", ".join(quote(name) for name in text.names)
            copy = f"COPY {quote(self.table.name)} ({columns}) FROM STDIN"
        return _Compiled(text, copy)


def _copy(connection: Connection, compiled: _Compiled, rows: Sequence[Mapping[str, Any]]) -> None:
    """Load rows as PostgreSQL does it fastest; errors are those of any statement."""
    driver: Any = connection.connection.driver_connection
    line = compiled.text.line
    with (
        told_alike(connection, compiled.copy),
        driver.cursor() as cursor,
        cursor.copy(compiled.copy) as copy,
    ):
        for row in rows:
            copy.write_row(line(row))
