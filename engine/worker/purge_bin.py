"""Deleting for good what has lain in the recycle bin for longer than the site keeps it.

Once a day, where the setting says so and something is due, a job goes through the objects: each
record by the gateway that deletes one by hand, so what fell with it goes too and history stays.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, select

from engine.access.roles import rights_of
from engine.context import SYSTEM, Context
from engine.errors import RecordNotFound
from engine.publish.live import LiveSite
from engine.queue.enqueue import enqueue
from engine.queue.job import RowError
from engine.records.line_plans import parent_of_lines
from engine.records.purge import purge
from engine.storage.snapshot import Unit
from engine.worker.steps import Steps, walk
from metadata.errors import PlatformError

KIND = "purge_bin"
ROWS = 100
"""Records of one step: each may take others with it."""
LOOK_EVERY = timedelta(hours=1)


def purge_bin(steps: Steps) -> None:
    """Run the job: object by object, records in the order of their ids."""
    before = datetime.fromisoformat(steps.job.payload["before"])
    with steps.live.read(steps.context()) as unit:
        objects = list(_objects(unit))
    done: list[str] = steps.mark.get("objects", [])
    for key in objects:
        if key not in done:
            _walk(steps, key, before)
            done = [*done, key]
            steps.mark = {"objects": done}
    steps.finish()


def _walk(steps: Steps, key: str, before: datetime) -> None:
    def table(unit: Unit) -> Table:
        return unit.snapshot.object(key).table

    def where(unit: Unit) -> list[ColumnElement[bool]]:
        return [table(unit).c.deleted_at < before]

    def chunk(unit: Unit, ids: Sequence[int]) -> None:
        _purge(steps, unit, key, ids)

    walk(steps, table, where, chunk, rows=ROWS)


class PurgeBin:
    """Orders the job of the day when something is due; a chore of the runner."""

    def __init__(self, days: int) -> None:
        """Keep what is in the bin for ``days``; 0: until somebody deletes it."""
        self._days = days
        self._next: datetime | None = None

    def __call__(self, live: LiveSite) -> None:
        """Look, when it is time."""
        now = live.clock()
        if not self._days or (self._next is not None and now < self._next):
            return
        self._next = now + LOOK_EVERY
        before = now - timedelta(days=self._days)
        context = Context(actor=SYSTEM, now=now)
        with live.read(context) as unit:
            is_due = any(_is_due(unit, key, before) for key in _objects(unit))
        if not is_due:
            return
        with live.write(context) as unit:
            payload = {"before": before.isoformat(), "days": self._days}
            enqueue(unit, KIND, payload, key=f"{KIND}@{now.date().isoformat()}")
        live.job_bell.set()


def _objects(unit: Unit) -> Iterator[str]:
    """Give the objects whose records may go for good; lines go with their record."""
    for key in unit.snapshot.objects:
        if rights_of(unit).allows(key, "purge") and parent_of_lines(unit.snapshot, key) is None:
            yield key


def _is_due(unit: Unit, key: str, before: datetime) -> bool:
    table = unit.snapshot.object(key).table
    found = select(table.c.id).where(table.c.deleted_at < before).limit(1)
    return unit.connection.execute(found).first() is not None


def _purge(steps: Steps, unit: Unit, key: str, ids: Sequence[int]) -> None:
    """Delete some records, each in a savepoint: one that is refused stays and is told."""
    for record_id in ids:
        try:
            with unit.connection.begin_nested():
                gone = purge(unit, key, record_id)
        except RecordNotFound:
            continue  # it went with another one, or came back
        except PlatformError as error:
            steps.counts["failed"] += 1
            steps.errors.append(RowError(record_id, key, error.code, {}))
            continue
        steps.counts["purged"] += sum(len(found) for found in gone.values())
