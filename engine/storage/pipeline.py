"""Sending statements together whose answers nobody waits for: one round trip for all of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from engine.storage.driver_errors import told_alike


@contextmanager
def sent_together(connection: Connection) -> Iterator[None]:
    """Send what is executed inside at the end, in its order; an error comes up there.

    For statements that give nothing back. SQLite has no round trips to save.

    Raises:
        DBAPIError: one of them failed; the others after it were not done.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    with told_alike(connection, "(sent together)"), driver.pipeline():
        yield
