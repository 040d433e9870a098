"""What a job is, and reading jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from engine.storage.kernel_tables import job, job_error
from metadata.errors import PlatformError

JobState = Literal["queued", "running", "done", "failed", "cancelled", "dead"]
ENDED = frozenset({"done", "failed", "cancelled", "dead"})


class UnknownJob(PlatformError):
    """There is no such job, or it is somebody else's."""

    code = "unknown_job"
    status = 404


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row of a file (or of a bulk action) failed. ``column`` "" means the row itself."""

    row: int
    column: str
    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. ``fence`` grows with every claim: an old holder cannot write."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    state: JobState
    by: int | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    tries: int
    fence: int
    cancel_asked: bool
    done: int
    total: int | None
    counts: Mapping[str, int]
    mark: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None

    @property
    def ended(self) -> bool:
        """Tell whether nothing will happen to it any more."""
        return self.state in ENDED


COLUMNS = (
    job.c.id,
    job.c.kind,
    job.c.payload,
    job.c.state,
    job.c.by,
    job.c.created_at,
    job.c.started_at,
    job.c.ended_at,
    job.c.tries,
    job.c.fence,
    job.c.cancel_asked,
    job.c.done,
    job.c.total,
    job.c.counts,
    job.c.mark,
    job.c.result,
    job.c.problem,
)


def from_row(row: Sequence[Any]) -> Job:
    """Make a `Job` of a row of `COLUMNS`."""
    return Job(*row)


def read_job(connection: Connection, number: int, *, by: int | None = None) -> Job:
    """Read a job.

    Args:
        connection: the database.
        number: the job's id.
        by: only a job of this user counts; anybody's when None.

    Raises:
        UnknownJob: there is none (of that user).
    """
    query = select(*COLUMNS).where(job.c.id == number)
    if by is not None:
        query = query.where(job.c.by == by)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownJob(job=number)
    return from_row(row)


def list_jobs(
    connection: Connection,
    *,
    by: int | None,
    kinds: Sequence[str] = (),
    before: int | None = None,
    limit: int = 20,
) -> list[Job]:
    """List jobs, newest first.

    Args:
        connection: the database.
        by: who ordered them; everybody's when None.
        kinds: of which kinds; of all when none is named.
        before: only those with a lower id.
        limit: the most.
    """
    query = select(*COLUMNS).order_by(job.c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(job.c.by == by)
    if before is not None:
        query = query.where(job.c.id < before)
    if kinds:
        query = query.where(job.c.kind.in_(kinds))
    return [from_row(row) for row in connection.execute(query)]


def read_errors(
    connection: Connection, number: int, *, after: int = 0, limit: int = 1000
) -> list[RowError]:
    """List a job's failed rows in the order of the file; ``after``: skip so many."""
    query = (
        select(job_error.c.row, job_error.c.column, job_error.c.code, job_error.c.params)
        .where(job_error.c.job_id == number)
        .order_by(job_error.c.row, job_error.c.id)
        .offset(after)
        .limit(limit)
    )
    return [RowError(*row) for row in connection.execute(query)]


def ask_to_cancel(connection: Connection, number: int, now: datetime | None = None) -> None:
    """Ask a job to stop: a waiting one never starts, a running one ends after its step."""
    connection.execute(
        update(job)
        .where(job.c.id == number, job.c.state == "queued")
        .values(state="cancelled", cancel_asked=True, ended_at=now)
    )
    connection.execute(
        update(job).where(job.c.id == number, job.c.state == "running").values(cancel_asked=True)
    )


def try_again(connection: Connection, number: int, now: datetime) -> bool:
    """Put a job that failed, died or was cancelled back; it goes on where it stopped.

    Returns:
        Whether it was one of those.
    """
    found = connection.execute(
        update(job)
        .where(job.c.id == number, job.c.state.in_(["failed", "dead", "cancelled"]))
        .values(
            state="queued",
            ready_at=now,
            ended_at=None,
            cancel_asked=False,
            tries=0,
            problem=None,
        )
    )
    return found.rowcount == 1
