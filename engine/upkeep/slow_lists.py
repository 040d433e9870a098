"""Keeping the slow lists that the read gateway noticed: by shape, a few hundred at most."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from engine.publish.live import LiveSite
from engine.query.slow import Seen, sampler_of
from engine.storage.kernel_tables import slow_list

EVERY = timedelta(minutes=1)
MOST_KEPT = 300


class KeepSlowLists:
    """A chore of the runner: writes down what was noticed, once a minute at most."""

    def __init__(self, every: timedelta = EVERY) -> None:
        """Wait a while before the first time."""
        self._every = every
        self._next: datetime | None = None

    def __call__(self, live: LiveSite) -> None:
        """Write, when it is time and there is something."""
        now = live.clock()
        if self._next is not None and now < self._next:
            return
        self._next = now + self._every
        taken = sampler_of(live.snapshot).take()
        if taken:
            with live.database.write() as connection:
                _add(connection, taken, now)
                _forget_oldest(connection)


def forget(connection: Connection, key: str) -> None:
    """Forget one slow list: it is noted again when it is slow again."""
    connection.execute(delete(slow_list).where(slow_list.c.id == key))


def _add(connection: Connection, taken: Mapping[tuple[int, str], Seen], now: datetime) -> None:
    for (object_id, shape), seen in taken.items():
        key = hashlib.sha256(f"{object_id} {shape}".encode()).hexdigest()[:32]
        known = update(slow_list).where(slow_list.c.id == key)
        longest = connection.scalar(select(slow_list.c.longest_us).where(slow_list.c.id == key))
        if longest is not None:
            connection.execute(
                known.values(
                    seen=slow_list.c.seen + seen.times,
                    total_us=slow_list.c.total_us + seen.total_us,
                    longest_us=max(longest, seen.longest_us),
                    last_at=now,
                )
            )
            continue
        connection.execute(
            insert(slow_list).values(
                id=key,
                object_id=object_id,
                shape=json.loads(shape),
                seen=seen.times,
                total_us=seen.total_us,
                longest_us=seen.longest_us,
                last_at=now,
            )
        )


def _forget_oldest(connection: Connection) -> None:
    kept = select(slow_list.c.id).order_by(slow_list.c.last_at.desc()).limit(MOST_KEPT)
    ids = list(connection.scalars(kept))
    if len(ids) == MOST_KEPT:
        connection.execute(delete(slow_list).where(slow_list.c.id.not_in(ids)))
