"""Taking a bulk action back, for thirty days: old values return where nobody was since."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, literal, select

from engine.bulk.order import BULK, WAITING
from engine.bulk.verbs import verb_of
from engine.context import Context
from engine.publish.live import LiveSite
from engine.queue.enqueue import enqueue
from engine.queue.job import Job, UnknownJob, read_job
from engine.storage.kernel_tables import job, job_row
from metadata.errors import PlatformError

UNDO = "bulk_undo"
KEPT = timedelta(days=30)
FORGET_EVERY = timedelta(hours=1)
MOST_FORGOTTEN = 5_000
"""Rows of one transaction."""


class BulkNotUndoable(PlatformError):
    """A bulk action that changed nothing, runs still, is for good, or ended too long ago."""

    code = "bulk_not_undoable"
    status = 409


def can_undo_bulk(held: Job, now: datetime) -> bool:
    """Tell whether a bulk action can be taken back now."""
    if held.kind != BULK or not held.ended or held.ended_at is None:
        return False
    verb = verb_of(str(held.payload.get("verb")))
    undoable = verb.undo is not None and held.counts.get("done", 0) > 0
    return undoable and now - held.ended_at < KEPT


def undo_bulk(live: LiveSite, context: Context, number: int) -> int:
    """Order a bulk action of the actor to be taken back; gives the job's id, the same each time.

    Raises:
        UnknownJob: there is no such job of his.
        BulkNotUndoable: see there.
    """
    with live.write(context) as unit:
        held = read_job(unit.connection, number)
        if held.by != context.actor.user_id or held.kind != BULK:
            raise UnknownJob(job=number)
        if not can_undo_bulk(held, context.now):
            raise BulkNotUndoable
        key = f"bulk-undo-{number}"
        known = unit.connection.scalar(select(job.c.id).where(job.c.key == key))
        if known is not None:
            return int(known)
        payload = {
            "object": held.payload["object"],
            "verb": held.payload["verb"],
            "of": number,
            "language": context.locale.language,
        }
        made = enqueue(unit, UNDO, payload, key=key)
        done = select(
            literal(made),
            job_row.c.place,
            job_row.c.object_id,
            job_row.c.record_id,
            literal(WAITING),
            literal(""),
            job_row.c.version,
            job_row.c.before,
        ).where(job_row.c.job_id == number, job_row.c.state == "done")
        names = ["job_id", "place", "object_id", "record_id", "state", "code", "version", "before"]
        unit.connection.execute(insert(job_row).from_select(names, done))
    live.job_bell.set()
    return made


class ForgetOldRows:
    """Removes the rows of bulk actions that can be undone no more; a chore of the runner."""

    def __init__(self) -> None:
        """Look for the first time at once."""
        self._next: datetime | None = None

    def __call__(self, live: LiveSite) -> None:
        """Remove some, when it is time."""
        now = live.clock()
        if self._next is not None and now < self._next:
            return
        self._next = now + FORGET_EVERY
        over = select(job.c.id).where(job.c.ended_at < now - KEPT)
        some = (
            select(job_row.c.job_id, job_row.c.place)
            .where(job_row.c.job_id.in_(over))
            .limit(MOST_FORGOTTEN)
        )
        with live.database.read() as connection:
            rows = connection.execute(some).all()
        if not rows:
            return
        self._next = now
        for number in {row.job_id for row in rows}:
            places = [row.place for row in rows if row.job_id == number]
            with live.database.write() as connection:
                mine = (job_row.c.job_id == number, job_row.c.place <= max(places))
                connection.execute(delete(job_row).where(*mine))
