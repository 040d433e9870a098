"""Which jobs a person sees and steers: his own; who looks after the system, everybody's."""

from collections.abc import Sequence

from engine.access.roles import rights_of
from engine.context import Context
from engine.errors import Forbidden
from engine.publish.live import LiveSite
from engine.queue.job import Job, UnknownJob, ask_to_cancel, list_jobs, read_job, try_again
from engine.storage.snapshot import Unit

ADMIN_RIGHT = "system_log"
RESUMABLE = frozenset(
    {
        "bulk", "bulk_undo", "import_undo", "index_build", "index_drop", "unique_check",
        "required_check", "search_rebuild", "purge_field",
    }
)  # fmt: skip
"""Kinds that go on where they stopped when somebody asks for it."""


def sees_all(unit: Unit) -> bool:
    """Tell whether the actor sees everybody's jobs."""
    return rights_of(unit).admin(ADMIN_RIGHT)


def visible_jobs(
    unit: Unit, *, everybody: bool = False, before: int | None = None, limit: int = 50
) -> list[Job]:
    """List jobs, newest first; everybody's only for who may see them."""
    me = unit.context.actor.user_id or 0
    by = None if everybody and sees_all(unit) else me
    return list_jobs(unit.connection, by=by, before=before, limit=limit)


def visible_job(unit: Unit, number: int) -> Job:
    """Give a job.

    Raises:
        UnknownJob: there is none, or it is somebody else's.
    """
    job = read_job(unit.connection, number)
    mine = job.by is not None and job.by == unit.context.actor.user_id
    if not mine and not sees_all(unit):
        raise UnknownJob(job=number)
    return job


def cancel(live: LiveSite, context: Context, number: int) -> None:
    """Ask a job to stop; what it has done so far stays.

    Raises:
        UnknownJob: see `visible_job`.
    """
    with live.write(context) as unit:
        ask_to_cancel(unit.connection, visible_job(unit, number).id, context.now)


def can_resume(job: Job) -> bool:
    """Tell whether a job that has ended badly can go on."""
    return job.kind in RESUMABLE and job.state in {"failed", "dead", "cancelled"}


def resume(live: LiveSite, context: Context, number: int) -> None:
    """Let a job that failed, died or was cancelled go on where it stopped.

    Raises:
        UnknownJob: see `visible_job`.
        Forbidden: it is of no kind that can.
    """
    with live.write(context) as unit:
        job = visible_job(unit, number)
        if not can_resume(job) or not try_again(unit.connection, job.id, context.now):
            raise Forbidden(object="", action="resume")
    live.job_bell.set()


def last_of(unit: Unit, kinds: Sequence[str], *, by: int) -> Job | None:
    """Give a user's newest job of some kinds."""
    found = list_jobs(unit.connection, by=by, kinds=kinds, limit=1)
    return found[0] if found else None
