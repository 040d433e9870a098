"""Errors of what goes past SQLAlchemy to the driver, told as SQLAlchemy tells its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def told_alike(connection: Connection, statement: str) -> Iterator[None]:
    """Turn errors of PostgreSQL's driver into those of any statement; ``statement`` names it.

    Raises:
        DBAPIError: of the class that SQLAlchemy gives the same error elsewhere.
    """
    try:
        yield
    except psycopg.Error as error:
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, dialect=connection.dialect
        ) from error
