"""Errors of a driver that was called directly become those of any other statement."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def told_alike(connection: Connection, statement: str) -> Iterator[None]:
    """Raise what the driver raises inside as SQLAlchemy does; its own error is ``orig``.

    Raises:
        DBAPIError: in the kind that fits the driver's error.
    """
    errors = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except errors as error:
        told = DBAPIError.instance(statement, None, error, errors, dialect=connection.dialect)
        raise told from error
