"""How much waits in the queue, for whoever watches the server."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from engine.storage.kernel_tables import job

OPEN = ("queued", "running", "dead")
"""States that somebody has to do with."""


@dataclass(frozen=True, slots=True)
class QueueSizes:
    """Jobs by state, and when the oldest of those that should run by now became ready."""

    states: dict[str, int]
    oldest: datetime | None


def queue_sizes(connection: Connection, now: datetime) -> QueueSizes:
    """Count the jobs that are not over."""
    rows = connection.execute(
        select(job.c.state, func.count()).where(job.c.state.in_(OPEN)).group_by(job.c.state)
    )
    states = {**dict.fromkeys(OPEN, 0), **{row[0]: row[1] for row in rows}}
    waiting = select(func.min(job.c.ready_at)).where(job.c.state == "queued", job.c.ready_at < now)
    return QueueSizes(states, connection.execute(waiting).scalar())
