"""Up to which id a log is settled: whatever is not there by then never will be.

SQLite has one writer: what is committed is settled. On PostgreSQL a transaction may take an id
and commit long after others with higher ones. Whoever took an id holds a lock on the table until
his row can be seen or never will be: so the last id given out is noted, then who holds such a
lock, and when all of those are gone the log is settled up to that id. Nobody is kept waiting.
"""

import time
from collections.abc import Callable

from sqlalchemy import Connection, Table, func, select, text

from engine.storage.database import Database

PATIENCE = 5.0
"""Seconds to wait for transactions under way; after that the log is looked at another time."""
PAUSE = 0.05

_LAST = "SELECT last_value, is_called FROM {sequence}"
_WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND relation = to_regclass(:log) AND mode = 'RowExclusiveLock' AND granted "
    "AND pid IS DISTINCT FROM pg_backend_pid()"
)

Wait = Callable[[float], None]


def settled_until(
    database: Database, log: Table, *, patience: float = PATIENCE, wait: Wait = time.sleep
) -> int | None:
    """Give the id up to which a log is settled; None when somebody writes for too long."""
    with database.read() as connection:
        if database.dialect == "sqlite":
            return int(connection.execute(select(func.max(log.c.id))).scalar() or 0)
        last = _last_given(connection, log)
        writing = _writers(connection, log)
        left = patience
        while writing and left > 0:
            wait(PAUSE)
            left -= PAUSE
            writing &= _writers(connection, log)
    return None if writing else last


def _last_given(connection: Connection, log: Table) -> int:
    find = text("SELECT pg_get_serial_sequence(:log, 'id')")
    sequence = connection.execute(find, {"log": log.name}).scalar_one()
    row = connection.execute(text(_LAST.format(sequence=sequence))).one()
    return int(row.last_value) if row.is_called else 0


def _writers(connection: Connection, log: Table) -> set[str]:
    return set(connection.scalars(_WRITERS, {"log": log.name}))
