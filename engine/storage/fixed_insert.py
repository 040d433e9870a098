"""INSERTs of always the same columns, compiled once per database: half the cost of a call.

For what every single save writes: the record itself, and the rows beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, CursorResult, Insert, Table, TableClause, insert
from sqlalchemy.engine import Dialect

from engine.storage.driver_errors import told_alike

FEW = 20
"""From so many rows on a bulk load costs less than statements."""

Carry = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text for one database, and how each value is carried there."""

    sql: str
    carried: tuple[tuple[str, Carry | None], ...]
    positional: bool
    copy: str  # PostgreSQL's bulk load; "" where there is none

    def parameters(self, row: Mapping[str, Any]) -> Any:
        """Give the row as the driver takes it."""
        values = [carry(row[name]) if carry else row[name] for name, carry in self.carried]
        if self.positional:
            return tuple(values)
        return {name: value for (name, _), value in zip(self.carried, values, strict=True)}

    def line(self, row: Mapping[str, Any]) -> list[Any]:
        """Give the values of a row in the order of the columns."""
        return [carry(row[name]) if carry else row[name] for name, carry in self.carried]


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

    def one(self, connection: Connection, row: Mapping[str, Any]) -> CursorResult[Any]:
        """Insert one row; ``lastrowid`` of the result is its id on SQLite."""
        compiled = self._for(connection.dialect)
        return connection.exec_driver_sql(compiled.sql, compiled.parameters(row))

    def many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows in their order; none is fine."""
        if not rows:
            return
        compiled = self._for(connection.dialect)
        if compiled.copy and len(rows) >= FEW:
            _copy(connection, compiled, rows)
            return
        connection.exec_driver_sql(compiled.sql, [compiled.parameters(row) for row in rows])

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = insert(self.table).inline() if self.statement is None else self.statement
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(self.columns))
        names = tuple(compiled.positiontup) if compiled.positional else self.columns
        carried = tuple(
            (name, self.table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in names
        )
        copy = ""
        if dialect.name == "postgresql":
            quote = dialect.identifier_preparer.quote
            columns = ", ".join(quote(name) for name in names)
            copy = f"COPY {quote(self.table.name)} ({columns}) FROM STDIN"
        return _Compiled(str(compiled), carried, bool(compiled.positional), copy)


def _copy(connection: Connection, compiled: _Compiled, rows: Sequence[Mapping[str, Any]]) -> None:
    """Load rows as PostgreSQL does it fastest; errors are those of any statement."""
    driver: Any = connection.connection.driver_connection
    with (
        told_alike(connection, compiled.copy),
        driver.cursor() as cursor,
        cursor.copy(compiled.copy) as copy,
    ):
        for row in rows:
            copy.write_row(compiled.line(row))
