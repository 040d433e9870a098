"""One unchanging view of a whole database, as a source to load from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.carry.load import unread_events
from engine.carry.rows import Row, read_rows
from engine.carry.tables import TableShape, read_tables
from engine.storage.database import Database


@dataclass(frozen=True, slots=True)
class DatabaseSource:
    """A database, read in one transaction."""

    connection: Connection
    tables: Sequence[TableShape]
    unread: Mapping[str, int]

    def rows(self, shape: TableShape) -> Iterable[Row]:
        """Give the rows of a table."""
        return read_rows(self.connection, shape)


@contextmanager
def reading(database: Database) -> Iterator[DatabaseSource]:
    """Open a view that no writer changes while it is open, however long that is."""
    with database.view() as connection:
        without_limits(connection)
        yield DatabaseSource(connection, read_tables(connection), unread_events(connection))


def without_limits(connection: Connection) -> None:
    """Let a transaction of ours take as long as a large database needs."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
