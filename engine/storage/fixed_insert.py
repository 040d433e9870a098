"""INSERTs into tables that never change, compiled once per database: half the cost of a call.

For the rows that every single save writes beside the record itself: history, events, search.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, CursorResult, Table, TableClause, insert
from sqlalchemy.engine import Dialect

Carry = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text for one database, and how each value is carried there."""

    sql: str
    carried: tuple[tuple[str, Carry | None], ...]
    positional: bool

    def parameters(self, row: Mapping[str, Any]) -> Any:
        """Give the row as the driver takes it."""
        values = [carry(row[name]) if carry else row[name] for name, carry in self.carried]
        if self.positional:
            return tuple(values)
        return {name: value for (name, _), value in zip(self.carried, values, strict=True)}


@dataclass(frozen=True, slots=True)
class FixedInsert:
    """An INSERT of always the same columns into one table."""

    table: Table | TableClause
    columns: tuple[str, ...]
    _compiled: dict[str, _Compiled] = field(default_factory=dict)

    def one(self, connection: Connection, row: Mapping[str, Any]) -> CursorResult[Any]:
        """Insert one row; ``lastrowid`` of the result is its id on SQLite."""
        compiled = self._for(connection.dialect)
        return connection.exec_driver_sql(compiled.sql, compiled.parameters(row))

    def many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows in their order; none is fine."""
        if rows:
            compiled = self._for(connection.dialect)
            held = [compiled.parameters(row) for row in rows]
            connection.exec_driver_sql(compiled.sql, held)

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = insert(self.table).inline()
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(self.columns))
        names = tuple(compiled.positiontup) if compiled.positional else self.columns
        carried = tuple(
            (name, self.table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in names
        )
        return _Compiled(str(compiled), carried, bool(compiled.positional))
