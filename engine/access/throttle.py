"""Slowing down those who guess: failures are counted per account and per address, in the database.

An attempt counts as failed before the password is looked at and is forgiven when it was right:
so guesses made at once cannot slip past the count together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from engine.access.absent import insert_if_absent
from engine.storage.people_tables import throttle
from metadata.errors import PlatformError

WINDOW = timedelta(minutes=15)
FIRST_BLOCK = timedelta(minutes=1)
LONGEST_BLOCK = timedelta(minutes=15)
KEY_LENGTH = 100


class TooManyAttempts(PlatformError):
    """Too many failures; ``seconds`` tells how long to wait."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.retry_after = seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that is counted: ``key`` may fail ``free`` times within `WINDOW`."""

    key: str
    free: int


def limits_of(account: str, address: str) -> tuple[Limit, Limit]:
    """Give what an attempt counts against: an address may be a whole office, so it has more."""
    return (
        Limit(f"account:{account}"[:KEY_LENGTH], free=5),
        Limit(f"address:{address}"[:KEY_LENGTH], free=30),
    )


def begin_attempt(connection: Connection, limits: Sequence[Limit], *, now: datetime) -> None:
    """Count an attempt as failed, unless one of its limits is used up.

    Raises:
        TooManyAttempts: nothing was counted, nothing must be checked.
    """
    rows = _held(connection, sorted(limit.key for limit in limits), now)
    waits = [row.blocked_until - now for row in rows.values() if row.blocked_until is not None]
    longest = max(waits, default=timedelta())
    if longest > timedelta():
        raise TooManyAttempts(int(longest.total_seconds()) + 1)
    for limit in limits:
        row = rows[limit.key]
        over = not row.failures or now - row.since > WINDOW
        failures = 1 if over else row.failures + 1
        connection.execute(
            update(throttle)
            .where(throttle.c.key == limit.key)
            .values(
                failures=failures,
                since=now if over else row.since,
                blocked_until=_blocked_until(limit, failures, now),
            )
        )


def forgive(connection: Connection, limits: Sequence[Limit]) -> None:
    """Forget the failures of an account that signed in, and the last one of the address.

    The count stays, at nothing: one that was gone would be made anew by several at once who hold
    the address already, and they would wait for each other.
    """
    account, *others = limits
    mine = throttle.c.key == account.key
    connection.execute(update(throttle).where(mine).values(failures=0, blocked_until=None))
    for limit in others:
        mine = throttle.c.key == limit.key
        less = throttle.c.failures - 1
        connection.execute(update(throttle).where(mine).values(failures=less, blocked_until=None))


def _held(connection: Connection, keys: Sequence[str], now: datetime) -> dict[str, Any]:
    """Give the counts of keys, locked. One that is removed as old just now is made again."""
    fresh = {"failures": 0, "since": now, "blocked_until": None}
    chosen = select(throttle).where(throttle.c.key.in_(keys)).order_by(throttle.c.key)
    rows: dict[str, Any] = {}
    while len(rows) < len(keys):
        for key in keys:
            insert_if_absent(connection, throttle, {"key": key, **fresh})
        rows = {row.key: row for row in connection.execute(chosen.with_for_update())}
    return rows


def _blocked_until(limit: Limit, failures: int, now: datetime) -> datetime | None:
    over = failures - limit.free
    if over < 0:
        return None
    doubled: timedelta = FIRST_BLOCK * 2 ** min(over, 8)
    return now + min(doubled, LONGEST_BLOCK)


def remove_old(connection: Connection, *, now: datetime) -> int:
    """Remove counts that no longer matter; gives how many."""
    old = throttle.c.since < now - WINDOW - LONGEST_BLOCK
    return connection.execute(delete(throttle).where(old)).rowcount
