"""The bin empties itself by age: what is due goes, the rest stays, history is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from engine.records.remove import remove
from engine.storage.kernel_tables import history
from engine.worker import purge_bin
from engine.worker.purge_bin import KIND, PurgeBin
from engine.worker.runner import JobRunner
from engine.worker.steps import in_steps
from tests.integration.upkeep.conftest import Shelf


def bin_books(shelf: Shelf, *ids: int, days: int) -> None:
    """Move books to the bin as if it had been some days ago."""
    with shelf.live.write(shelf.context()) as unit:
        table = unit.snapshot.object("book").table
        for number in ids:
            remove(unit, "book", number)
        long_ago = shelf.live.clock() - timedelta(days=days)
        statement = update(table).where(table.c.id.in_(ids)).values(deleted_at=long_ago)
        unit.connection.execute(statement)


def left(shelf: Shelf) -> list[int]:
    with shelf.live.read(shelf.context()) as unit:
        table = unit.snapshot.object("book").table
        return list(unit.connection.scalars(select(table.c.id).order_by(table.c.id)))


def test_what_is_due_goes_once_and_its_history_stays(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge_bin, "ROWS", 2)
    shelf.fill(12)
    bin_books(shelf, 1, 2, 3, 4, 5, days=40)
    bin_books(shelf, 6, days=20)
    PurgeBin(0)(shelf.live)
    PurgeBin(90)(shelf.live)
    assert not shelf.jobs(KIND)
    for _ in range(2):  # two workers look; the day has one job
        PurgeBin(30)(shelf.live)
    JobRunner(shelf.live, {KIND: in_steps(purge_bin.purge_bin)}).run_waiting()
    (job,) = shelf.jobs(KIND)
    assert (job.state, job.done, job.total, dict(job.counts)) == ("done", 5, 5, {"purged": 5})
    assert left(shelf) == [6, 7, 8, 9, 10, 11, 12]
    with shelf.live.database.read() as connection:
        told = select(func.count()).where(history.c.action == "purge")
        assert connection.scalar(told) == 5
