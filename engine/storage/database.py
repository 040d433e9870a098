"""Connections and transactions of both databases. A use-case is one transaction.

SQLite: WAL, one writer at a time in order of arrival, ``BEGIN IMMEDIATE`` for writes, real
transactions around DDL (pysqlite's own transaction control leaves half-applied DDL behind).
PostgreSQL: psycopg without server-side prepared statements (they break on changed columns).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from engine.errors import Busy, DatabaseLost
from engine.storage.functions import add_functions
from engine.storage.pulse import watch
from engine.storage.turns import Turns

BUSY_SECONDS = 15.0
"""How long a write waits for its turn before it gives up with `Busy`."""
DEADLOCK = "40P01"
"""What PostgreSQL calls two transactions that wait for each other; it ends one of them."""
STOPPING = frozenset({"57P01", "57P02", "57P03"})
"""What PostgreSQL says when it is shut down, has crashed, or is not up yet."""
CONNECTION = "08"
"""How its codes begin where the connection itself failed."""
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-16384",
    "PRAGMA temp_store=MEMORY",
)
POSTGRESQL_OPTIONS = "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000"
LOST_AFTER = {
    "connect_timeout": 5,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""Seconds, and milliseconds at the end: when a cable is pulled nobody says so, and without these a
thread would wait a quarter of an hour for an answer that cannot come. A statement that takes long
is not lost: the server's machine still answers."""


class Database:
    """One database. Thread-safe; `close` it at the end."""

    def __init__(self, url: str, *, pool_size: int = 16) -> None:
        """Prepare connections; nothing is opened yet.

        Args:
            url: ``sqlite:///path`` or ``postgresql://user@host/name``.
            pool_size: the most connections held open.
        """
        self.url = _normalised(url)
        self.dialect = self.url.get_backend_name()
        self.engine = _engine(self.url, pool_size)
        self._turns = Turns(self.engine, BUSY_SECONDS)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open what reads. On SQLite it is a transaction that sees one state of the data.

        On PostgreSQL each statement sees the state of its own moment, as it would inside a
        transaction of that isolation level, so the two round trips of one are saved.

        Raises:
            DatabaseLost: PostgreSQL cannot be reached.
            Busy: every connection is in use.
        """
        try:
            with self.engine.connect() as connection:
                driver: Any = connection.connection.dbapi_connection
                if self.dialect == "sqlite":
                    driver.execute("BEGIN")
                else:
                    driver.autocommit = True
                try:
                    with connection.begin():
                        yield connection
                finally:
                    if self.dialect == "postgresql" and not driver.closed:
                        driver.autocommit = False
        except (DBAPIError, PoolExhausted) as error:
            raise _told(error) from error

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the data throughout, on both databases.

        Raises:
            DatabaseLost: see `read`.
        """
        try:
            with self.engine.connect() as connection:
                if self.dialect == "sqlite":
                    _tell(connection, "BEGIN")
                else:
                    connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin():
                    yield connection
        except (DBAPIError, PoolExhausted) as error:
            raise _told(error) from error

    @contextmanager
    def write(self, *, brief: bool = False) -> Iterator[Connection]:
        """Open a transaction that writes: committed at the end, rolled back on any error.

        ``brief``: it is one of many small ones, whose work SQLite may put on the disk together.

        Raises:
            Busy: no turn within `BUSY_SECONDS`, or two writers waited for each other; nothing was
                done, trying again is safe.
            DatabaseLost: PostgreSQL cannot be reached; when that happened at the very end, nobody
                knows whether it was done.
        """
        if self.dialect == "postgresql":
            try:
                with self.engine.connect() as connection, connection.begin():
                    yield connection
            except (DBAPIError, PoolExhausted) as error:
                raise _told(error) from error
            return
        with self._turns.turn(brief=brief) as connection:
            yield connection

    def close(self) -> None:
        """Close every pooled connection."""
        self._turns.close()
        self.engine.dispose()


def _told(error: DBAPIError | PoolExhausted) -> Exception:
    """Give what to raise for an error: ours where callers can do something about it."""
    if isinstance(error, PoolExhausted):
        return Busy()
    driver: Any = error.orig
    if not hasattr(driver, "sqlstate"):  # only PostgreSQL's driver gives one
        return error
    state = driver.sqlstate
    if state == DEADLOCK:
        return Busy()
    if state is None:  # the driver itself failed: no server was there to say anything
        lost = isinstance(error, OperationalError) or error.connection_invalidated
    else:
        lost = state in STOPPING or state.startswith(CONNECTION)
    return DatabaseLost() if lost else error


def _normalised(text: str) -> URL:
    url = make_url(text)
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise ValueError(f"only sqlite and postgresql are served, not {url.drivername}")
    return url


def _engine(url: URL, pool_size: int) -> Engine:
    if url.get_backend_name() == "postgresql":
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=4,
            pool_use_lifo=True,
            connect_args={
                "prepare_threshold": None,
                "options": POSTGRESQL_OPTIONS,
                **LOST_AFTER,
            },
        )
        watch(engine)
        return engine
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=pool_size, max_overflow=4)
    event.listen(engine, "connect", _on_connect)
    return engine


def _on_connect(driver: Any, _record: Any) -> None:
    driver.isolation_level = None
    cursor = driver.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
    add_functions(driver)


def _tell(connection: Connection, statement: str) -> None:
    """Begin a transaction at the driver; a listener of SQLAlchemy's would slow every statement."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute(statement)
