"""Holding a job: claim, keep, save progress, end. Every write names the fence of its claim.

A worker that dies loses its lease and another goes on where the last saved step ended; the dead
one's late writes meet a newer fence and change nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, case, func, insert, or_, select, update

from engine.queue.job import COLUMNS, Job, JobState, RowError, from_row
from engine.storage.kernel_tables import job, job_error

LEASE = timedelta(seconds=45)
MOST_TRIES = 5
"""Claims without any progress; a poison job ends ``dead`` and is shown to administrators."""
BACK_OFF = timedelta(seconds=10)
"""Until the second try; each further one waits twice as long."""


class LeaseLost(RuntimeError):
    """Another worker holds the job now: what this one was about to write must not be."""


def claim(
    connection: Connection,
    worker_id: str,
    kinds: Collection[str],
    now: datetime,
    *,
    only: int | None = None,
) -> Job | None:
    """Take the oldest job that is ready, or whose holder died; None when there is none.

    ``only``: this very job or none, before its time too: whoever names it put it off for himself.
    """
    query = (
        select(job.c.id, job.c.tries)
        .where(*_free(kinds, now, only))
        .order_by(job.c.ready_at, job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    if found.tries >= MOST_TRIES:
        connection.execute(
            update(job).where(job.c.id == found.id).values(state="dead", ended_at=now)
        )
        return claim(connection, worker_id, kinds, now, only=only)
    row = connection.execute(
        update(job)
        .where(job.c.id == found.id)
        .values(
            state="running",
            worker=worker_id,
            tries=job.c.tries + 1,
            fence=job.c.fence + 1,
            leased_until=now + LEASE,
            started_at=func.coalesce(job.c.started_at, now),
        )
        .returning(*COLUMNS)
    ).one()
    return from_row(row)


def is_any_ready(connection: Connection, kinds: Collection[str], now: datetime) -> bool:
    """Tell whether `claim` would find a job; reads only."""
    found = connection.execute(select(job.c.id).where(*_free(kinds, now)).limit(1)).first()
    return found is not None


def keep(connection: Connection, held: Job, now: datetime) -> None:
    """Hold on to the job a while longer.

    Raises:
        LeaseLost: another worker has it.
    """
    _write(connection, held, update(job).values(leased_until=now + LEASE))


def save_progress(
    connection: Connection,
    held: Job,
    *,
    done: int,
    total: int | None = None,
    counts: Mapping[str, int],
    errors: Sequence[RowError] = (),
    result: Mapping[str, Any] | None = None,
) -> None:
    """Save a step in the very transaction that did it, so that it is done exactly once.

    Args:
        connection: the transaction of the step.
        held: the job as claimed.
        done: rows dealt with so far.
        total: rows in all, once known.
        counts: the whole counts so far, such as created and failed.
        errors: the rows that failed in this step.
        result: what the end page shows.

    Raises:
        LeaseLost: another worker has the job; roll the step back.
    """
    values: dict[str, Any] = {
        "done": done,
        "counts": dict(counts),
        "tries": case((job.c.done < done, 0), else_=job.c.tries),
    }
    if total is not None:
        values["total"] = total
    if result is not None:
        values["result"] = dict(result)
    _write(connection, held, update(job).values(**values))
    if errors:
        connection.execute(
            insert(job_error),
            [
                {
                    "job_id": held.id,
                    "row": error.row,
                    "column": error.column,
                    "code": error.code,
                    "params": dict(error.params),
                }
                for error in errors
            ],
        )


def save_mark(connection: Connection, held: Job, mark: Mapping[str, Any]) -> None:
    """Save where the next step goes on, in the transaction of this one.

    Raises:
        LeaseLost: another worker has the job; roll the step back.
    """
    _write(connection, held, update(job).values(mark=dict(mark)))


def finish(
    connection: Connection,
    held: Job,
    now: datetime,
    *,
    state: JobState = "done",
    result: Mapping[str, Any] | None = None,
) -> None:
    """End the job.

    Raises:
        LeaseLost: another worker has it.
    """
    values: dict[str, Any] = {"state": state, "ended_at": now, "leased_until": None}
    if result is not None:
        values["result"] = dict(result)
    _write(connection, held, update(job).values(**values))


def give_back(
    connection: Connection,
    held: Job,
    now: datetime,
    problem: Mapping[str, Any] | None = None,
) -> None:
    """Put a job back after an unexpected error; it is tried again later, then counts as dead.

    ``problem``: ``{code, params}`` of what went wrong, for its page.

    Raises:
        LeaseLost: another worker has it.
    """
    query = select(job.c.tries).where(job.c.id == held.id)
    tries: int = connection.execute(query).scalar_one()  # progress since the claim resets it
    if tries >= MOST_TRIES:
        _write(connection, held, update(job).values(problem=problem))
        finish(connection, held, now, state="dead")
        return
    later = now + BACK_OFF * 2 ** max(tries - 1, 0)
    _write(connection, held, update(job).values(state="queued", ready_at=later, problem=problem))


def is_cancel_asked(connection: Connection, held: Job) -> bool:
    """Tell whether somebody asked the job to stop."""
    return bool(connection.execute(select(job.c.cancel_asked).where(job.c.id == held.id)).scalar())


def _free(
    kinds: Collection[str], now: datetime, only: int | None = None
) -> tuple[ColumnElement[bool], ...]:
    waits = job.c.ready_at <= now if only is None else job.c.id == only
    orphaned = (job.c.state == "running") & (job.c.leased_until < now)
    free = or_((job.c.state == "queued") & waits, orphaned)
    return (free, job.c.kind.in_(list(kinds)), *([job.c.id == only] if only is not None else []))


def _write(connection: Connection, held: Job, change: Update) -> None:
    done = connection.execute(
        change.where(job.c.id == held.id, job.c.fence == held.fence, job.c.state == "running")
    )
    if done.rowcount != 1:
        raise LeaseLost(f"job {held.id}")
