"""Sending statements together whose answers nobody waits for: one round trip for all of them."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import Connection


def sent_together(connection: Connection) -> AbstractContextManager[Any]:
    """Send what is executed inside at the end, in its order; an error comes up there.

    For statements that give nothing back. SQLite has no round trips to save.
    """
    if connection.dialect.name != "postgresql":
        return nullcontext()
    driver: Any = connection.connection.driver_connection
    pipeline: AbstractContextManager[Any] = driver.pipeline()
    return pipeline
