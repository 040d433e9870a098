"""Taking an import back: what it created goes to the bin, where it stays for thirty days."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine.access.actors import read_actor
from engine.context import SYSTEM, Context, Locale
from engine.errors import Forbidden
from engine.exchange.order import IMPORT
from engine.exchange.preview import created_ids
from engine.publish.live import LiveSite
from engine.queue import lease
from engine.queue.enqueue import enqueue
from engine.queue.job import Job, RowError, UnknownJob, read_job
from engine.records.bulk import remove_each
from engine.storage.snapshot import Unit
from engine.worker.runner import Handler
from metadata.errors import PlatformError

UNDO = "import_undo"
ROWS = 100
KEPT = timedelta(days=30)


class NotUndoable(PlatformError):
    """An import that created nothing, has not ended, or ended too long ago."""

    code = "not_undoable"
    status = 409


def can_undo(job: Job, context: Context) -> bool:
    """Tell whether an import can be taken back now."""
    if job.kind != IMPORT or not job.ended or job.ended_at is None:
        return False
    return bool(created_ids(job.result or {})) and context.now - job.ended_at < KEPT


def start_undo(live: LiveSite, context: Context, number: int) -> int:
    """Order an import of the actor to be taken back; gives the job's id, the same each time.

    Raises:
        UnknownJob: there is no such import of his.
        NotUndoable: see there.
        Forbidden: he may not delete.
    """
    with live.write(context) as unit:
        job = read_job(unit.connection, number)
        if job.by != context.actor.user_id or job.kind != IMPORT:
            raise UnknownJob(job=number)
        if not can_undo(job, context):
            raise NotUndoable
        payload = {"import": number, "object": job.payload["object"]}
        made = enqueue(unit, UNDO, payload, key=f"undo-{number}")
    live.job_bell.set()
    return made


def undo_handler(locale: Locale) -> Handler:
    """Give the handler of these jobs."""

    def handle(live: LiveSite, job: Job) -> None:
        _undo(live, job, locale)

    return handle


def _undo(live: LiveSite, job: Job, locale: Locale) -> None:
    with live.read(_context(live, locale)) as unit:
        ids = created_ids(read_job(unit.connection, job.payload["import"]).result or {})
    counts = Counter(job.counts)
    done = job.done
    while done < len(ids):
        part = ids[done : done + ROWS]
        with live.write(_context(live, locale)) as system:
            unit = _as_person(system, job)
            errors: list[RowError] = []
            outcomes = remove_each(unit, job.payload["object"], part)
            for record_id, outcome in zip(part, outcomes, strict=True):
                if outcome.error is None:
                    counts["removed"] += 1
                elif outcome.error.code != "record_not_found":  # gone already: nothing to do
                    errors.append(_row_error(record_id, outcome.error))
            counts["failed"] += len(errors)
            done += len(part)
            lease.save_progress(
                system.connection, job, done=done, total=len(ids), counts=counts, errors=errors
            )
    with live.write(_context(live, locale)) as unit:
        lease.finish(unit.connection, job, unit.context.now)


def _row_error(record_id: int, error: PlatformError) -> RowError:
    params: dict[str, Any] = {
        key: value for key, value in error.params.items() if isinstance(value, str | int)
    }
    return RowError(record_id, "", error.code, params)


def _context(live: LiveSite, locale: Locale) -> Context:
    return Context(actor=SYSTEM, now=live.clock(), locale=locale)


def _as_person(unit: Unit, job: Job) -> Unit:
    if job.by is None:
        return unit
    actor = read_actor(unit.connection, unit.snapshot, job.by)
    if actor is None:
        raise Forbidden(object=job.payload["object"], action="delete")
    return replace(unit, context=replace(unit.context, actor=actor))
