"""Which statements a piece of work sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event


@contextmanager
def counted(connection: Connection) -> Iterator[list[str]]:
    """Give a list that the SQL of every statement is added to."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    event.listen(connection.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection.engine, "before_cursor_execute", note)
