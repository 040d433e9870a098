"""Logs as files: the same road as records, a job that writes a file for whoever ordered it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.access.actors import read_actor
from engine.context import SYSTEM, Context, Locale
from engine.errors import FieldError, Forbidden, InvalidInput
from engine.exchange.logged import EXPORT, log_export
from engine.exchange.store import FileStore
from engine.exchange.writers import WRITERS
from engine.files.names import safe_name
from engine.logs.lines import LogLine
from engine.logs.read import MOST, read_log, require_log
from engine.logs.wanted import LogFilter
from engine.publish.live import LiveSite
from engine.queue import lease
from engine.queue.enqueue import enqueue
from engine.queue.job import Job
from engine.storage.snapshot import Unit

LOG = "log"
"""In the payload of an export job: which log; exports of records have none."""
MOST_ROWS = 1_000_000

Words = Mapping[str, str]


def start_log_export(
    live: LiveSite, context: Context, log: str, wanted: LogFilter, order: Mapping[str, Any]
) -> int:
    """Order a log as a file; gives the job's id.

    Args:
        live: the site.
        context: who orders it.
        log: which log.
        wanted: which lines of it.
        order: ``format``; ``name`` of the file; ``header``: column -> its title; ``words``: code
            of an action -> what it is called.

    Raises:
        Forbidden: he may not read it.
        InvalidInput: an unknown format, or a filter that does not fit.
    """
    if order["format"] not in WRITERS:
        raise InvalidInput([FieldError("format", "unknown_format")])
    with live.write(context) as unit:
        read_log(unit, log, wanted, limit=1)  # whatever does not fit is told now, not later
        payload = {
            "object": "",
            LOG: log,
            "wanted": wanted.to_json(),
            "language": context.locale.language,
            **order,
        }
        number = enqueue(unit, EXPORT, payload)
    live.job_bell.set()
    return number


class LogExport:
    """One run of such a job; one that was cut off is simply run again."""

    def __init__(
        self, live: LiveSite, job: Job, files: FileStore, locale: Locale, most_a_day: int
    ) -> None:
        """Run nothing until `run`."""
        self._live, self._job, self._files = live, job, files
        self._log = str(job.payload[LOG])
        self._wanted = LogFilter.of(job.payload["wanted"])
        self._locale = replace(locale, language=job.payload["language"])
        self._most_a_day = most_a_day

    def run(self) -> None:
        """Write the file and end the job.

        Raises:
            Forbidden: who ordered it may not read the log any more.
        """
        path = self._files.new_path()
        try:
            done = self._write(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if done is None:
            path.unlink(missing_ok=True)
            return
        with self._live.write(self._context()) as unit:
            owner = self._owned(unit)
            name = f"{self._job.payload['name']}-{unit.context.today.isoformat()}"
            full = safe_name(f"{name}.{self._job.payload['format']}")
            kept = self._files.register(owner, path, full, "export")
            counts = {"exported": done}
            lease.save_progress(unit.connection, self._job, done=done, total=done, counts=counts)
            result = {"file": kept.id, "name": kept.name}
            lease.finish(unit.connection, self._job, unit.context.now, result=result)
            told = {"rows": done, "where": self._wanted.to_json(), "job": self._job.id}
            log_export(owner, self._log, told, deed="export.log_made", most_a_day=self._most_a_day)

    def _write(self, path: Path) -> int | None:
        """Write the lines; None when somebody asked to stop."""
        header: Words = self._job.payload["header"]
        writer = WRITERS[self._job.payload["format"]](path, list(header.values()))
        done = 0
        try:
            for lines in self._pages():
                for line in lines:
                    for row in self._rows(line):
                        writer.row([row.get(column, "") for column in header])
                done += len(lines)
                if not self._note(done):
                    return None
        finally:
            writer.close()
        return done

    def _pages(self) -> Iterator[Sequence[LogLine]]:
        cursor, done = None, 0
        while True:
            with self._live.read(self._context()) as system:
                unit = self._owned(system)
                require_log(unit, self._log)
                page = read_log(unit, self._log, self._wanted, cursor=cursor, limit=MOST)
            done += len(page.lines)
            if done > MOST_ROWS:
                raise InvalidInput([FieldError("rows", "too_many", {"most": MOST_ROWS})])
            yield page.lines
            cursor = page.next_cursor
            if cursor is None:
                return

    def _rows(self, line: LogLine) -> Iterator[dict[str, Any]]:
        """Give a line as rows: one for each field that changed, one when there is none."""
        words: Words = self._job.payload["words"]
        whole: dict[str, Any] = {
            "at": line.at.astimezone(self._locale.zone).replace(tzinfo=None, microsecond=0),
            "by": line.by_name,
            "action": words.get(line.action, line.action),
            "about": line.about,
            "address": line.address,
            "request": line.request_id,
            "object": line.object_label,
            "record": line.record,
            "details": "; ".join(f"{key}: {value}" for key, value in line.details.items()),
            "marked": "!" if line.marked else "",
            "hidden": line.hidden or "",
        }
        if not line.changes:
            yield whole
        for change in line.changes:
            yield {**whole, "field": change.label, "old": change.old, "new": change.new}

    def _note(self, done: int) -> bool:
        with self._live.write(self._context()) as unit:
            if lease.is_cancel_asked(unit.connection, self._job):
                lease.finish(unit.connection, self._job, unit.context.now, state="cancelled")
                return False
            lease.save_progress(
                unit.connection, self._job, done=done, total=None, counts={"exported": done}
            )
        return True

    def _context(self) -> Context:
        return Context(
            actor=SYSTEM,
            now=self._live.clock(),
            locale=self._locale,
            request_id=f"job-{self._job.id}",
        )

    def _owned(self, unit: Unit) -> Unit:
        if self._job.by is None:
            return unit
        actor = read_actor(unit.connection, unit.snapshot, self._job.by)
        if actor is None:
            raise Forbidden(object=self._log, action=EXPORT)
        return replace(unit, context=replace(unit.context, actor=actor))
