"""A worker that is killed at any moment loses nothing and does nothing twice."""

import threading
import zlib
from datetime import timedelta

import pytest
from sqlalchemy import Index, select

from engine.errors import Busy
from engine.queue import lease
from engine.queue.job import ask_to_cancel, read_job, try_again
from engine.storage.index_ddl import build_index, has_index
from engine.storage.kernel_tables import job
from engine.storage.ledger import read_ledger
from engine.storage.tables import bind_object
from engine.upkeep.handlers import upkeep_handlers
from engine.worker.runner import JobRunner
from tests.integration.upkeep.conftest import BOOKS, Shelf
from tests.integration.upkeep.test_publish_hands_over import setting
from tests.support.kills import kill_until_done
from tests.support.library import publish

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(1, 3))]
"""One death in every run of the tests, others in the deep one."""


@pytest.mark.parametrize("seed", SEEDS)
def test_unique_over_a_full_table(shelf: Shelf, seed: int) -> None:
    shelf.fill()
    publish(shelf.live, setting("fields/title/unique", value=True))
    (waiting,) = shelf.jobs("unique_check")
    ended, died = kill_until_done(shelf.live, waiting.id, seed=seed, kills=4, longest=45)
    assert died >= 2
    assert (ended.state, ended.done, ended.counts["filled"]) == ("done", BOOKS, BOOKS)
    assert set(shelf.states().values()) == {"ready"}


def test_search_entries_of_a_full_table(shelf: Shelf) -> None:
    shelf.fill()
    publish(shelf.live, setting("fields/author/search", value=False))
    (waiting,) = shelf.jobs("search_rebuild")
    ended, died = kill_until_done(shelf.live, waiting.id, seed=7, kills=4, longest=30)
    assert died >= 2
    assert (ended.state, ended.done) == ("done", BOOKS)
    assert ended.counts["rebuilt"] <= BOOKS


def test_what_a_dead_build_left_behind_is_cleaned_away(shelf: Shelf) -> None:
    shelf.fill(30)
    live = shelf.live
    if live.database.dialect == "sqlite":
        return
    with live.database.read() as connection:
        entry = read_ledger(connection)["book"]
    bound = bind_object(live.snapshot.object("book").definition, entry, live.types)
    index = Index("o_book_dead", bound.table.c.author, unique=True)
    engine = live.database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, pytest.raises(Exception, match="could not create"):
        connection.exec_driver_sql(
            "CREATE UNIQUE INDEX CONCURRENTLY o_book_dead ON o_book (author)"
        )
    with live.database.read() as connection:
        assert not has_index(connection, "o_book_dead")
    index.unique = False
    build_index(live.database, index)
    with live.database.read() as connection:
        assert has_index(connection, "o_book_dead")


def test_two_builders_of_one_index_do_not_meet(shelf: Shelf) -> None:
    shelf.fill(30)
    live = shelf.live
    if live.database.dialect == "sqlite":
        return
    engine = live.database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as other:
        other.exec_driver_sql("SELECT pg_advisory_lock(%(key)s)", {"key": _key("o_book_two")})
        with live.database.read() as connection:
            entry = read_ledger(connection)["book"]
        bound = bind_object(live.snapshot.object("book").definition, entry, live.types)
        with pytest.raises(Busy):
            build_index(live.database, Index("o_book_two", bound.table.c.author))
        other.exec_driver_sql("SELECT pg_advisory_unlock_all()")


def _key(name: str) -> int:
    return zlib.crc32(name.encode())


def test_several_workers_run_a_job_once(shelf: Shelf) -> None:
    shelf.fill()
    publish(shelf.live, setting("fields/title/unique", value=True))
    (waiting,) = shelf.jobs("unique_check")
    runners = [JobRunner(shelf.live, upkeep_handlers()) for _ in range(4)]
    threads = [threading.Thread(target=runner.run_waiting) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with shelf.live.database.read() as connection:
        fence, tries = connection.execute(
            select(job.c.fence, job.c.tries).where(job.c.id == waiting.id)
        ).one()
        ended = read_job(connection, waiting.id)
    assert (ended.state, fence) == ("done", 1)
    assert (ended.done, ended.counts["filled"], tries <= 1) == (BOOKS, BOOKS, True)


def test_a_job_that_is_cancelled_stops_after_its_step_and_goes_on_when_asked(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.fill()
    publish(shelf.live, setting("fields/title/unique", value=True))
    (waiting,) = shelf.jobs("unique_check")
    save, seen = lease.save_progress, 0

    def save_and_cancel(connection: object, *args: object, **options: object) -> None:
        nonlocal seen
        save(connection, *args, **options)  # type: ignore[arg-type]
        seen += 1
        if seen == 3:
            ask_to_cancel(connection, waiting.id)  # type: ignore[arg-type]

    monkeypatch.setattr(lease, "save_progress", save_and_cancel)
    shelf.work()
    monkeypatch.undo()
    stopped = shelf.jobs("unique_check")[0]
    assert stopped.state == "cancelled"
    assert 0 < stopped.done < BOOKS
    assert shelf.states() == {("unique", ""): "building"}
    with shelf.live.database.write() as connection:
        assert try_again(connection, waiting.id, shelf.live.clock() + timedelta(0))
    shelf.work()
    ended = shelf.jobs("unique_check")[0]
    assert (ended.state, ended.done, ended.counts["filled"]) == ("done", BOOKS, BOOKS)
