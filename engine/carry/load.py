"""Filling an empty database with the tables of another one, in one transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Protocol

from sqlalchemy import Connection, func, insert, select, text, update

from engine.carry.errors import NotEqual
from engine.carry.rows import CHUNK, Digest, Row, digest_of, read_rows, to_line
from engine.carry.tables import NOT_EQUAL, TableShape, read_tables
from engine.queue.outbox import Cursor
from engine.storage.kernel import KERNEL, create_kernel
from engine.storage.kernel_tables import event, setting
from engine.storage.search_index import INDEX, index

OUTBOX = "outbox."
Told = Callable[[str, int], None]
"""Hears the name of a table and how many of its rows have arrived."""


class Source(Protocol):
    """Where tables come from."""

    @property
    def tables(self) -> Sequence[TableShape]:
        """Give the tables, in an order in which they can be filled."""

    def rows(self, shape: TableShape) -> Iterable[Row]:
        """Give the rows of a table."""

    @property
    def unread(self) -> Mapping[str, int]:
        """Give, for each consumer of the outbox, the first event that it has not read."""


def load(connection: Connection, source: Source, told: Told) -> dict[str, str]:
    """Make and fill every table; gives table -> digest of what was sent.

    The caller's transaction holds all of it: until its end nothing is there.

    Raises:
        NotEqual: the target gives back something else than what was sent.
    """
    create_kernel(connection)
    for shape in source.tables:
        if shape.name not in KERNEL.tables:
            shape.table().create(connection)
    sent = {
        shape.name: _fill(connection, shape, source.rows(shape), told) for shape in source.tables
    }
    _index_search(connection)
    for shape in source.tables:
        for definition in shape.indexes:
            connection.execute(text(definition))
        _go_on_numbering(connection, shape)
    compare(connection, source.tables, sent)
    _take_up_outbox(connection, source.unread)
    return sent


def compare(
    connection: Connection, tables: Sequence[TableShape], wanted: Mapping[str, str]
) -> None:
    """Read everything back and hold it against digests.

    Raises:
        NotEqual: names the first table that differs.
    """
    held = {shape.name: shape for shape in read_tables(connection)}
    for shape in tables:
        if shape.name not in held or digest_of(shape, read_rows(connection, shape)) != wanted.get(
            shape.name
        ):
            raise NotEqual(table=shape.name)


def unread_events(connection: Connection) -> dict[str, int]:
    """Find the first event that each consumer of the outbox has not read."""
    stored = select(setting.c.key, setting.c.value).where(setting.c.key.startswith(OUTBOX))
    found = {}
    for key, value in connection.execute(stored).all():
        cursor = Cursor(**value)
        later = event.c.id > cursor.id
        if connection.dialect.name == "postgresql":
            later = (event.c.xact > cursor.xact) | ((event.c.xact == cursor.xact) & later)
        first = connection.execute(select(func.min(event.c.id)).where(later)).scalar()
        last = connection.execute(select(func.max(event.c.id))).scalar() or 0
        found[key.removeprefix(OUTBOX)] = int(last) + 1 if first is None else int(first)
    return found


def _fill(connection: Connection, shape: TableShape, rows: Iterable[Row], told: Told) -> str:
    statement = insert(shape.table()).inline()
    digest = Digest()
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        for row in chunk:
            digest.add(to_line(shape, row))
        values = [dict(zip(shape.names, row, strict=True)) for row in chunk]
        connection.execute(statement, values)
        told(shape.name, digest.rows)
    return digest.text


def _index_search(connection: Connection) -> None:
    """Fill SQLite's full-text index from the table beside it."""
    if connection.dialect.name == "sqlite":
        connection.execute(insert(index).values({INDEX: "rebuild"}))


def _go_on_numbering(connection: Connection, shape: TableShape) -> None:
    if shape.next is None or not shape.next:
        return
    values = {"name": shape.name, "last": shape.next}
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), values
        )
        return
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    connection.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values
    )


def _take_up_outbox(connection: Connection, unread: Mapping[str, int]) -> None:
    """Let consumers go on where they were: numbers of transactions begin anew here."""
    if connection.dialect.name == "postgresql":
        column = event.c[NOT_EQUAL[event.name]]
        connection.execute(update(event).values({column: 0}))
    for consumer, number in unread.items():
        value = {"xact": 0, "id": number - 1}
        connection.execute(
            update(setting).where(setting.c.key == OUTBOX + consumer).values(value=value)
        )
