"""Import: a job that takes a file in, a chunk of rows in each transaction.

What a chunk wrote and how far the job is are committed together, so a job that is cut off at any
moment goes on after its last whole chunk: no row is lost, none is taken in twice. Who ordered it
is looked up anew for every chunk; rights that end, end it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from engine.access.actors import read_actor
from engine.context import SYSTEM, Context, Locale
from engine.errors import Forbidden
from engine.exchange.cells import Line
from engine.exchange.chunk import Chunk, Result
from engine.exchange.order import IMPORT, Options, Order, check_order, make_order
from engine.exchange.preview import note
from engine.exchange.record_rows import Group, RecordRows
from engine.exchange.rehearsal import Rehearsal
from engine.exchange.sheet import Sheet
from engine.exchange.store import FileStore
from engine.exchange.table import open_table
from engine.files.errors import UnknownFile
from engine.publish.live import LiveSite
from engine.queue import lease
from engine.queue.enqueue import enqueue
from engine.queue.job import Job
from engine.storage.kernel_tables import job_error
from engine.storage.snapshot import Unit
from engine.worker.runner import Handler

ROWS = 500
"""Rows of a chunk: others write in between, and a commit costs a fraction of its rows."""
COUNTS = ("created", "updated", "skipped", "failed")

Step = Callable[[int], None]
"""Told the rows dealt with after each chunk; tests and progress bars listen."""


def start_import(
    live: LiveSite,
    context: Context,
    files: FileStore,
    *,
    object_key: str,
    file_id: str,
    options: Options,
) -> int:
    """Order an import of a file that is in the store; gives the job's id.

    Raises:
        UnknownFile: no such file of his.
        FileUnreadable: it is no table.
        MappingUnclear: columns that need a person.
        InvalidInput: options that do not fit.
        Forbidden: not granted.
    """
    with live.read(context) as unit:
        file = files.find(unit.connection, file_id, by=context.actor.user_id)
    header = open_table(file.path).header  # outside of any transaction: files can be large
    with live.write(context) as unit:
        order = make_order(unit, object_key, file, header, options)
        number = enqueue(unit, IMPORT, order.payload())
    live.job_bell.set()
    return number


def enqueue_order(live: LiveSite, context: Context, files: FileStore, order: Order) -> int:
    """Order an import whose columns a person chose; gives the job's id.

    Raises:
        UnknownFile: no such file of his.
        MappingUnclear: see `check_order`, as for the rest.
    """
    with live.write(context) as unit:
        file = files.find(unit.connection, order.file, by=context.actor.user_id)
        checked = check_order(unit, replace(order, name=file.name))
        number = enqueue(unit, IMPORT, checked.payload())
    live.job_bell.set()
    return number


def import_handler(files: FileStore, locale: Locale, step: Step | None = None) -> Handler:
    """Give the handler of import jobs.

    Args:
        files: where the files are.
        locale: of the company; the language is that of who ordered the import.
        step: told after each chunk.
    """

    def handle(live: LiveSite, job: Job) -> None:
        _Import(live, job, files.path(job.payload["file"]), locale).run(step)

    return handle


class _Import:
    """One run of an import job, from where it stands to its end."""

    def __init__(self, live: LiveSite, job: Job, path: Path, locale: Locale) -> None:
        self._live = live
        self._job = job
        self._path = path
        self._order = Order.of(job.payload)
        self._locale = replace(locale, language=self._order.language)
        self._done = job.done
        self._counts = {name: job.counts.get(name, 0) for name in COUNTS}
        self._result: dict[str, Any] = dict(job.result or {})
        self._total = 0
        self._rows: RecordRows | None = None
        self._version = -1
        self._apart: Mapping[Hashable, tuple[int, int]] = {}
        self._rehearsal: Rehearsal | None = None

    def run(self, step: Step | None) -> None:
        """Take in what is left of the file, then end the job."""
        if not self._path.is_file():
            raise UnknownFile
        sheet = open_table(self._path)
        with self._live.read(self._context()) as unit:
            reader = self._reader(unit, sheet.header)
        self._survey(sheet, reader)
        rows = islice(open_table(self._path).rows, self._done, None)
        for chunk in _chunks(reader.groups(rows)):
            if not self._take(chunk, sheet.header):
                return
            if step is not None:
                step(self._done)
        with self._live.write(self._context()) as unit:
            lease.finish(unit.connection, self._job, unit.context.now, result=self._result)

    def _survey(self, sheet: Sheet, reader: RecordRows) -> None:
        """Count the rows; a trial also finds out which values come again."""
        groups = reader.groups(sheet.rows)
        if reader.tables and self._order.match:
            groups = self._watched(groups, reader)
        if self._order.dry_run:
            self._begin_anew()
            self._rehearsal = Rehearsal(reader.bound, self._order)
            self._total = self._rehearsal.survey(groups, reader)
        else:
            self._total = sum(len(group) for group in groups)
        with self._live.write(self._context()) as unit:
            self._save(unit, ())

    def _watched(self, groups: Iterator[Group], reader: RecordRows) -> Iterator[Group]:
        """Pass on the rows of each record; find records whose rows do not stand together."""
        first: dict[Hashable, int] = {}
        apart: dict[Hashable, tuple[int, int]] = {}
        for group in groups:
            key, number = reader.key(group[0]), group[0][0]
            if key is not None and first.setdefault(key, number) != number:
                apart.setdefault(key, (number, first[key]))
            yield group
        self._apart = apart

    def _begin_anew(self) -> None:
        """Forget an earlier run: what a trial remembered died with its process."""
        self._done, self._counts, self._result = 0, dict.fromkeys(COUNTS, 0), {}
        with self._live.write(self._context()) as unit:
            lease.keep(unit.connection, self._job, unit.context.now)
            mine = job_error.c.job_id == self._job.id
            unit.connection.execute(delete(job_error).where(mine))

    def _take(self, chunk: Sequence[Group], header: Sequence[str]) -> bool:
        """Take in one chunk; False when somebody asked to stop."""
        with self._live.write(self._context()) as system:
            if lease.is_cancel_asked(system.connection, self._job):
                now, result = system.context.now, self._result
                lease.finish(system.connection, self._job, now, state="cancelled", result=result)
                return False
            unit = self._as_person(system)
            order = check_order(unit, self._order)
            rows = self._reader(unit, header)
            lines = [rows.read(group) for group in chunk]
            self._refuse_apart(rows, chunk, lines)
            results = self._write(unit, order, rows, lines)
            for found in results:
                self._counts[found.became] += 1
            self._done += sum(len(group) for group in chunk)
            note(unit, self._result, order, header, results)
            self._save(system, results)
        return True

    def _refuse_apart(
        self, rows: RecordRows, chunk: Sequence[Group], lines: Sequence[Line]
    ) -> None:
        for group, line in zip(chunk, lines, strict=True) if self._apart else ():
            places = self._apart.get(rows.key(group[0]))
            if places is not None:
                other = {"row": next(row for row in places if row != line.number)}
                rows.cells.refuse(line, self._order.match, "rows_apart", other)

    def _write(
        self, unit: Unit, order: Order, rows: RecordRows, lines: Sequence[Line]
    ) -> list[Result]:
        if self._rehearsal is None:
            return Chunk(unit, order, rows).write(lines)
        with unit.connection.begin_nested() as trial:
            self._rehearsal.play(unit, lines)
            results = Chunk(unit, order, rows).write(lines)
            trial.rollback()
        self._rehearsal.remember(results)
        return results

    def _save(self, unit: Unit, results: Sequence[Result]) -> None:
        lease.save_progress(
            unit.connection,
            self._job,
            done=self._done,
            total=self._total,
            counts=self._counts,
            errors=[error for found in results for error in found.line.told()],
            result=self._result,
        )

    def _reader(self, unit: Unit, header: Sequence[str]) -> RecordRows:
        if self._rows is None or self._version != unit.snapshot.number:
            order = self._order
            self._rows = RecordRows(
                unit.snapshot, order.object, header, order.columns, order.match, self._locale
            )
            self._version = unit.snapshot.number
        return self._rows

    def _context(self) -> Context:
        return Context(
            actor=SYSTEM,
            now=self._live.clock(),
            locale=self._locale,
            request_id=f"job-{self._job.id}",
        )

    def _as_person(self, unit: Unit) -> Unit:
        """Give the unit with the person who ordered the import, as he is now.

        Raises:
            Forbidden: he may not sign in any more.
        """
        if self._job.by is None:
            return unit
        actor = read_actor(unit.connection, unit.snapshot, self._job.by)
        if actor is None:
            raise Forbidden(object=self._order.object, action=IMPORT)
        return replace(unit, context=replace(unit.context, actor=actor))


def _chunks(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """Cut between records."""
    chunk: list[Group] = []
    rows = 0
    for group in groups:
        if chunk and rows + len(group) > ROWS:
            yield chunk
            chunk, rows = [], 0
        chunk.append(group)
        rows += len(group)
    if chunk:
        yield chunk
