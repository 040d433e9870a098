"""Indexes of full tables: built and dropped while people work.

PostgreSQL builds beside everybody (``CONCURRENTLY``, outside of any transaction) and leaves an
invalid index behind when that fails; it is cleaned away. SQLite has one writer: a build that takes
too long is given up, so that nobody waits longer than for any other busy moment.
"""

import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Index, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateIndex

from engine.errors import Busy
from engine.storage.database import Database
from metadata.errors import PlatformError

LOCK_TIMEOUT = "5s"
SECONDS = 8.0
"""How long SQLite's one writer may be busy with an index; others wait up to fifteen."""
LOOK_AFTER = 20_000  # steps of SQLite's machine between two looks at the clock
_NO_LOCK = "55P03"

_VALID = text(
    "SELECT x.indisvalid FROM pg_class c JOIN pg_index x ON x.indexrelid = c.oid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relname = :name AND n.nspname = current_schema()"
)
_SQLITE_HAS = text("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = :name")


class IndexTooSlow(PlatformError):
    """SQLite would keep everybody waiting for too long."""

    code = "index_too_slow"
    status = 503


def has_index(connection: Connection, name: str) -> bool:
    """Tell whether an index stands, whole and usable."""
    if connection.dialect.name == "sqlite":
        return connection.execute(_SQLITE_HAS, {"name": name}).first() is not None
    return bool(connection.execute(_VALID, {"name": name}).scalar())


def build_index(database: Database, index: Index) -> None:
    """Build an index unless it stands; what a build that died left behind goes first.

    Raises:
        Busy: somebody else builds it, or a long transaction stands in the way.
        IndexTooSlow: SQLite needs longer than people should wait.
        IntegrityError: a unique index, and the values are not.
    """
    name = str(index.name)
    if database.dialect == "sqlite":
        with database.write() as connection, _bounded(connection):
            connection.execute(CreateIndex(index, if_not_exists=True))
        return
    with _alone(database, name) as connection:
        valid = connection.execute(_VALID, {"name": name}).scalar()
        if valid:
            return
        if valid is not None:
            _drop(connection, name)
        try:
            index.create(_concurrently(connection, index), checkfirst=False)
        except Exception:
            _drop(connection, name)
            raise


def drop_index(database: Database, name: str) -> None:
    """Drop an index if it stands.

    Raises:
        Busy: somebody else is at it, or a long transaction stands in the way.
    """
    if database.dialect == "sqlite":
        with database.write() as connection:
            connection.execute(text(f"DROP INDEX IF EXISTS {_quoted(connection, name)}"))
        return
    with _alone(database, name) as connection:
        _drop(connection, name)


def _concurrently(connection: Connection, index: Index) -> Connection:
    index.dialect_options["postgresql"]["concurrently"] = True
    return connection


def _drop(connection: Connection, name: str) -> None:
    quoted = _quoted(connection, name)
    connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}"))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


@contextmanager
def _alone(database: Database, name: str) -> Iterator[Connection]:
    """Give a session of its own, outside of transactions; one for each name at a time.

    The session is closed at the end and not pooled: its settings and its lock end with it, also
    when this process dies.
    """
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.detach()
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        lock = text("SELECT pg_try_advisory_lock(:key)")
        key = zlib.crc32(name.encode())
        if not connection.execute(lock, {"key": key}).scalar():
            raise Busy
        try:
            yield connection
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _NO_LOCK:
                raise Busy from error
            raise


@contextmanager
def _bounded(connection: Connection) -> Iterator[None]:
    """Give up what SQLite does after `SECONDS`."""
    driver: Any = connection.connection.dbapi_connection
    until = time.monotonic() + SECONDS
    late = False

    def look() -> int:
        nonlocal late
        late = time.monotonic() > until
        return int(late)

    driver.set_progress_handler(look, LOOK_AFTER)
    try:
        yield
    except OperationalError as error:
        if late:
            raise IndexTooSlow(seconds=round(SECONDS)) from error
        raise
    finally:
        driver.set_progress_handler(None, 0)
