"""Reading the outbox in order, every event once, for consumers that each keep a cursor.

On PostgreSQL a later id may be committed before an earlier one. So the order is that of the
transactions, and whatever is younger than the oldest open one waits: no event is passed by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, literal_column, select, tuple_, update

from engine.storage.kernel_tables import event, setting


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a consumer has read; ``xact`` is 0 on SQLite."""

    xact: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it lies in the outbox."""

    id: int
    at: datetime
    kind: str
    object_id: int | None
    record_id: int | None
    by: int | None
    data: Mapping[str, Any]


_COLUMNS = (
    event.c.id,
    event.c.at,
    event.c.kind,
    event.c.object_id,
    event.c.record_id,
    event.c.by,
    event.c.data,
    event.c.xact,
)
_OLDEST_OPEN: Any = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def is_any_after(connection: Connection, cursor: Cursor) -> bool:
    """Tell whether `read_after` would give events."""
    return connection.execute(_after(connection, cursor).limit(1)).first() is not None


def read_after(
    connection: Connection, cursor: Cursor, limit: int
) -> tuple[Sequence[StoredEvent], Cursor]:
    """Give the next events, and the cursor behind them."""
    rows = connection.execute(_after(connection, cursor).limit(limit)).all()
    if not rows:
        return [], cursor
    found = [
        StoredEvent(row.id, row.at, row.kind, row.object_id, row.record_id, row.by, row.data or {})
        for row in rows
    ]
    return found, Cursor(rows[-1].xact or 0, rows[-1].id)


def newest(connection: Connection) -> Cursor:
    """Give the cursor behind everything that is there: for a consumer that begins now."""
    if connection.dialect.name == "postgresql":
        return Cursor(int(connection.execute(select(_OLDEST_OPEN)).scalar_one()), 0)
    return Cursor(0, int(connection.execute(select(func.max(event.c.id))).scalar() or 0))


def read_cursor(connection: Connection, consumer: str, *, hold: bool = False) -> Cursor:
    """Give a consumer's cursor; ``hold``: nobody else moves it in this transaction."""
    query = select(setting.c.value).where(setting.c.key == _key(consumer))
    stored = connection.execute(query.with_for_update() if hold else query).scalar()
    return Cursor(**stored) if stored else Cursor()


def save_cursor(connection: Connection, consumer: str, cursor: Cursor) -> None:
    """Keep a consumer's cursor."""
    done = connection.execute(
        update(setting).where(setting.c.key == _key(consumer)).values(value=asdict(cursor))
    )
    if done.rowcount == 0:
        connection.execute(insert(setting).values(key=_key(consumer), value=asdict(cursor)))


def _key(consumer: str) -> str:
    return f"outbox.{consumer}"


def _after(connection: Connection, cursor: Cursor) -> Select[Any]:
    if connection.dialect.name == "postgresql":
        return (
            select(*_COLUMNS)
            .where(
                tuple_(event.c.xact, event.c.id) > tuple_(cursor.xact, cursor.id),
                event.c.xact < _OLDEST_OPEN,
            )
            .order_by(event.c.xact, event.c.id)
        )
    return select(*_COLUMNS).where(event.c.id > cursor.id).order_by(event.c.id)
