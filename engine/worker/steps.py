"""A job in steps: each is one short transaction that also saves how far the job is.

A worker that dies between two steps, or in the middle of one, leaves whole steps behind; the next
one goes on from the mark of the last. Nothing is lost and nothing is done twice.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select

from engine.context import SYSTEM, Context, Locale
from engine.publish.live import LiveSite
from engine.queue import lease
from engine.queue.job import Job, RowError
from engine.storage.snapshot import Unit
from engine.worker.runner import Handler

ROWS = 500
"""Rows of one step: on SQLite nobody else writes meanwhile."""


class Cancelled(RuntimeError):
    """Somebody asked the job to stop, and it has."""


class Steps:
    """One run of a job. Its counts and its mark are saved at the end of every step.

    Attributes:
        done: rows dealt with, in all runs.
        total: rows in all, once known.
        counts: what became of them.
        mark: where the next step goes on; JSON.
        errors: what is told of single rows; those of one step.
        result: what the page of the job shows at its end.
    """

    def __init__(self, live: LiveSite, job: Job, locale: Locale | None = None) -> None:
        """Go on from where the job stands."""
        self.live = live
        self.job = job
        self.done = job.done
        self.total = job.total
        self.counts: Counter[str] = Counter(job.counts)
        self.mark: dict[str, Any] = dict(job.mark or {})
        self.errors: list[RowError] = []
        self.result: dict[str, Any] = dict(job.result or {})
        self._locale = locale or Locale()

    @contextmanager
    def step(self) -> Iterator[Unit]:
        """Open a step; it is saved and committed at the end.

        Raises:
            Cancelled: somebody asked the job to stop; it has ended.
            LeaseLost: another worker has the job; the step is rolled back.
        """
        with self.live.write(self.context()) as unit:
            asked = lease.is_cancel_asked(unit.connection, self.job)
            if asked:
                self._finish(unit, "cancelled")
            else:
                yield unit
                self._save(unit)
        if asked:
            raise Cancelled

    def finish(self, settle: Callable[[Unit], None] | None = None) -> None:
        """End the job; ``settle`` writes what belongs to its end, in the same transaction."""
        with self.live.write(self.context()) as unit:
            if settle is not None:
                settle(unit)
            self._save(unit)
            self._finish(unit, "done")

    def context(self) -> Context:
        """Give the context of the platform itself."""
        return Context(
            actor=SYSTEM,
            now=self.live.clock(),
            locale=self._locale,
            request_id=f"job-{self.job.id}",
        )

    def _finish(self, unit: Unit, state: Any) -> None:
        now = unit.context.now
        lease.finish(unit.connection, self.job, now, state=state, result=self.result)

    def _save(self, unit: Unit) -> None:
        lease.save_progress(
            unit.connection,
            self.job,
            done=self.done,
            total=self.total,
            counts=self.counts,
            errors=self.errors,
            result=self.result,
        )
        if self.mark:
            lease.save_mark(unit.connection, self.job, self.mark)
        self.errors = []


def in_steps(work: Callable[[Steps], None]) -> Handler:
    """Make a handler of something that works in steps and finishes them."""

    def handle(live: LiveSite, job: Job) -> None:
        try:
            work(Steps(live, job))
        except Cancelled:
            return

    return handle


def walk(
    steps: Steps,
    table: Callable[[Unit], Table],
    where: Callable[[Unit], Sequence[ColumnElement[bool]]],
    chunk: Callable[[Unit, Sequence[int]], None],
    *,
    rows: int = ROWS,
) -> None:
    """Go through the records that ``where`` meets, in the order of ids, a chunk in each step.

    The highest id is noted once: records that come later are not walked. ``where`` is asked
    anew in every step, of the snapshot that is served then.

    Args:
        steps: the job.
        table: gives the table to walk.
        where: gives the conditions.
        chunk: deals with some records by their ids, in the transaction of the step.
        rows: the most in one step.
    """
    if "last" not in steps.mark:
        with steps.step() as unit:
            ids = table(unit).c.id
            found = select(func.max(ids), func.count()).where(*where(unit))
            last, count = unit.connection.execute(found).one()
            steps.mark.update(last=last or 0, at=0)
            steps.total = steps.done + count
    while steps.mark["at"] < steps.mark["last"]:
        with steps.step() as unit:
            ids = table(unit).c.id
            query = (
                select(ids)
                .where(ids > steps.mark["at"], ids <= steps.mark["last"], *where(unit))
                .order_by(ids)
                .limit(rows)
            )
            held = [int(number) for number in unit.connection.scalars(query)]
            if held:
                chunk(unit, held)
            steps.done += len(held)
            steps.mark["at"] = held[-1] if len(held) == rows else steps.mark["last"]
