"""An import that is cut off goes on where it was: no row is lost, none comes twice."""

from collections import Counter
from datetime import timedelta

import pytest

from engine.exchange import importer
from engine.exchange.jobs import cancel_job, my_job
from engine.exchange.undo import NotUndoable, can_undo, start_undo
from engine.queue import lease
from engine.queue.job import UnknownJob, read_job
from tests.integration.exchange.desk import Desk, csv_text, numbered
from tests.support.nursery import run_apart
from tests.support.stop_import import DIED

FILE = csv_text(
    ("title", "author", "price"),
    *((title, author, "x" if number % 50 == 0 else "1") for number, (title, author) in
      enumerate(numbered(700))),
)  # fmt: skip


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("chunks", [1, 2])
def test_killed_after_a_chunk(desk: Desk, chunks: int, moment: str) -> None:
    number = desk.order(FILE)
    url = desk.live.database.url.render_as_string(hide_password=False)
    folder = desk.files.path("x").parent.parent
    died = run_apart("tests.support.stop_import", url, str(folder), str(chunks), moment)
    assert died.returncode == DIED
    kept = chunks if moment == "after" else chunks - 1
    with desk.live.database.read() as connection:
        assert read_job(connection, number).done == min(kept * importer.ROWS, 700)
    clock = desk.live.clock
    desk.live.clock = lambda: clock() + lease.LEASE + timedelta(seconds=1)
    done = desk.finish(number)
    assert (done.job.state, done.job.done, done.counts) == ("done", 700, (686, 0, 0, 14))
    assert [row for row, _, _ in done.told] == list(range(2, 702, 50))
    titles = Counter(title for (title,) in desk.rows("book", "title"))
    assert (len(titles), set(titles.values())) == (686, {1})


def test_cancelled_in_the_middle(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = desk.order(FILE)
    ask = lease.is_cancel_asked
    seen = 0

    def ask_later(connection: object, held: object) -> bool:
        nonlocal seen
        seen += 1
        return seen > 1 or ask(connection, held)  # type: ignore[arg-type]

    monkeypatch.setattr(lease, "is_cancel_asked", ask_later)
    done = desk.finish(number)
    assert (done.job.state, done.job.done) == ("cancelled", importer.ROWS)
    assert len(desk.rows("book", "id")) == importer.ROWS - 10


def test_somebody_elses_job_is_unknown(desk: Desk) -> None:
    number = desk.order(FILE)
    theirs = desk.context(desk.world.ann.user_id)
    with desk.live.read(theirs) as unit, pytest.raises(UnknownJob):
        my_job(unit.connection, theirs, number)
    with pytest.raises(UnknownJob):
        cancel_job(desk.live, theirs, number)
    with pytest.raises(UnknownJob):
        start_undo(desk.live, theirs, number)
    cancel_job(desk.live, desk.context(), number)
    assert desk.finish(number).job.state == "cancelled"


def test_undo_moves_what_was_created_to_the_bin(desk: Desk) -> None:
    kept = desk.world.book(title="Book 00001", author="old")
    done = desk.bring(FILE)
    assert done.counts == (685, 1, 0, 14)
    desk.world.create("reader")
    undo = start_undo(desk.live, desk.context(), done.job.id)
    assert start_undo(desk.live, desk.context(), done.job.id) == undo
    undone = desk.finish(undo)
    assert (undone.job.state, undone.job.counts) == ("done", {"failed": 685})  # no right to delete
    with desk.live.read(desk.context()) as unit:
        assert can_undo(done.job, unit.context)
    assert len(desk.rows("book", "id")) == 686
    assert kept in {number for (number,) in desk.rows("book", "id")}


def test_an_import_that_made_nothing_cannot_be_undone(desk: Desk) -> None:
    done = desk.bring(FILE, dry_run=True)
    with pytest.raises(NotUndoable):
        start_undo(desk.live, desk.context(), done.job.id)
