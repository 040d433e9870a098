"""Putting work into the queue: a plain insert in the caller's transaction.

If the transaction rolls back the job never was; if it commits the job will run at least once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from engine.storage.kernel_tables import job
from engine.storage.snapshot import Unit


def enqueue(
    unit: Unit,
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    ready_at: datetime | None = None,
) -> int:
    """Put a job into the queue.

    Args:
        unit: the transaction that the job belongs to.
        kind: which handler runs it.
        payload: JSON data for the handler; no secrets.
        key: at most one job of this key is ever made; None: no such limit.
        ready_at: not before this instant; at once when None.

    Returns:
        The job's id: of the one that has the key already, if there is one.
    """
    if key is not None:
        known = unit.connection.execute(select(job.c.id).where(job.c.key == key)).scalar()
        if known is not None:
            return int(known)
    now = unit.context.now
    made = unit.connection.execute(
        insert(job)
        .values(
            kind=kind,
            key=key,
            payload=dict(payload),
            state="queued",
            by=unit.context.actor.user_id,
            created_at=now,
            ready_at=ready_at or now,
            counts={},
        )
        .returning(job.c.id)
    ).scalar_one()
    return int(made)
