"""Jobs of files as screens and the API see them, and who runs them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.context import Context, Locale
from engine.exchange.exporter import export_handler
from engine.exchange.importer import COUNTS, import_handler
from engine.exchange.logged import EXPORT, USUAL_A_DAY
from engine.exchange.order import IMPORT
from engine.exchange.store import FileStore, StoredFile
from engine.exchange.undo import UNDO, undo_handler
from engine.files.errors import UnknownFile
from engine.publish.live import LiveSite
from engine.queue.job import Job, RowError, UnknownJob, ask_to_cancel, read_errors, read_job
from engine.worker.runner import Handler

MOST_ERRORS = 1_000
KINDS = (IMPORT, EXPORT, UNDO)
TELLING = (IMPORT, UNDO, "unique_check", "required_check")
"""Kinds that tell of single rows or records."""


def job_handlers(
    files: FileStore, locale: Locale, most_a_day: int = USUAL_A_DAY
) -> dict[str, Handler]:
    """Give what runs each kind of job of this package, for a `JobRunner`.

    ``most_a_day``: rows that one person may export before administrators are told.
    """
    return {
        IMPORT: import_handler(files, locale),
        EXPORT: export_handler(files, locale, most_a_day),
        UNDO: undo_handler(locale),
    }


def my_job(connection: Connection, context: Context, number: int) -> Job:
    """Give a job that the actor ordered.

    Raises:
        UnknownJob: there is none of his.
    """
    job = read_job(connection, number)
    if job.by != context.actor.user_id or job.kind not in KINDS:
        raise UnknownJob(job=number)
    return job


def cancel_job(live: LiveSite, context: Context, number: int) -> None:
    """Ask a job of the actor to stop; what it has done so far stays.

    Raises:
        UnknownJob: there is none of his.
    """
    with live.write(context) as unit:
        ask_to_cancel(unit.connection, my_job(unit.connection, context, number).id)


def result_file(
    connection: Connection, context: Context, files: FileStore, number: int
) -> StoredFile:
    """Give the file that an export of the actor made.

    Raises:
        UnknownJob: there is no such job of his.
        UnknownFile: it made none, or the file's time is over.
    """
    job = my_job(connection, context, number)
    file_id = (job.result or {}).get("file", "") if job.kind == EXPORT else ""
    if not file_id:
        raise UnknownFile
    return files.find(connection, file_id, by=job.by)


def job_json(connection: Connection, job: Job, *, language: str = "") -> dict[str, Any]:
    """Give a job as the API answers it; messages of errors are for the caller to add.

    ``errors`` holds the first `MOST_ERRORS` failed cells: row, column, code, params.
    """
    errors = read_errors(connection, job.id, limit=MOST_ERRORS) if job.kind in TELLING else []
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "counts": counts_of(job),
        "errors": [error_json(error) for error in errors],
        "result_url": _result_url(job),
        "dry_run": bool(job.payload.get("dry_run")),
        "problem": problem_of(job),
    }


def error_json(error: RowError) -> dict[str, Any]:
    """Give one failed cell."""
    return {
        "row": error.row,
        "column": error.column,
        "code": error.code,
        "params": dict(error.params),
    }


def counts_of(job: Job) -> dict[str, int]:
    """Give the counts of a job; those of an import are all there from the beginning."""
    known = dict.fromkeys(COUNTS, 0) if job.kind == IMPORT else {}
    return {**known, **job.counts}


def problem_of(job: Job) -> Mapping[str, Any] | None:
    """Give the code and the parameters of what ended a job; None when nothing did."""
    if job.state == "failed" and job.result and "code" in job.result:
        return {"code": job.result["code"], "params": job.result.get("params", {})}
    return None


def seconds_left(job: Job, now: datetime) -> int | None:
    """Guess how long a running job still takes; None when nothing can be said."""
    if job.state != "running" or not job.done or not job.total or job.started_at is None:
        return None
    spent = (now - job.started_at).total_seconds()
    return max(0, round(spent / job.done * (job.total - job.done)))


def _result_url(job: Job) -> str | None:
    made = job.kind == EXPORT and job.state == "done"
    return f"/api/v1/jobs/{job.id}/result" if made else None
