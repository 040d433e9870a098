"""Jobs: once per key, never after a rollback, taken over from the dead, refused to the late."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from engine.publish.live import LiveSite
from engine.queue import lease
from engine.queue.enqueue import enqueue
from engine.queue.job import Job, ask_to_cancel, read_job
from engine.storage.database import Database
from engine.storage.kernel import create_kernel
from engine.worker.runner import JobRunner
from tests.support.library import system_context

KINDS = ("count",)


@pytest.fixture
def live(database_url: str) -> Iterator[LiveSite]:
    site = LiveSite(Database(database_url))
    with site.database.write() as connection:
        create_kernel(connection)
    yield site
    site.database.close()


def put(live: LiveSite, key: str | None = None) -> int:
    with live.write(system_context(live)) as unit:
        return enqueue(unit, "count", {"to": 3}, key=key)


def claim(live: LiveSite, *, later: timedelta = timedelta()) -> Job | None:
    with live.database.write() as connection:
        return lease.claim(connection, "w", KINDS, live.clock() + later)


def test_a_job_of_a_rolled_back_transaction_never_was(live: LiveSite) -> None:
    def fail() -> None:
        with live.write(system_context(live)) as unit:
            enqueue(unit, "count", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert claim(live) is None


def test_one_job_per_key(live: LiveSite) -> None:
    assert put(live, "tick@1") == put(live, "tick@1")
    assert claim(live) is not None
    assert claim(live) is None


def test_two_workers_never_hold_the_same_job(live: LiveSite) -> None:
    wanted = {put(live) for _ in range(20)}
    start = Barrier(4)
    got: list[int] = []

    def work() -> None:
        start.wait()
        while (held := claim(live)) is not None:
            got.append(held.id)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(wanted)


def test_a_dead_workers_job_goes_on_elsewhere_and_its_late_writes_change_nothing(
    live: LiveSite,
) -> None:
    number = put(live)
    dead = claim(live)
    assert dead is not None
    heir = claim(live, later=lease.LEASE + timedelta(seconds=1))
    assert heir is not None
    assert heir.id == number
    with pytest.raises(lease.LeaseLost), live.database.write() as connection:
        lease.save_progress(connection, dead, done=9, counts={})
    with live.database.write() as connection:
        lease.save_progress(connection, heir, done=2, counts={"created": 2})
    with live.database.read() as connection:
        assert read_job(connection, number).done == 2


def test_a_poison_job_ends_dead(live: LiveSite) -> None:
    number = put(live)

    def explode(_live: LiveSite, _job: Job) -> None:
        raise ZeroDivisionError

    runner = JobRunner(live, {"count": explode})
    clock = live.clock
    for turn in range(lease.MOST_TRIES):
        live.clock = lambda turn=turn: clock() + timedelta(minutes=3 * turn)  # type: ignore[misc]
        assert runner.run_waiting() == 1
    with live.database.read() as connection:
        assert read_job(connection, number).state == "dead"


def test_the_runner_runs_a_job_to_its_end(live: LiveSite) -> None:
    number = put(live)

    def count(live: LiveSite, job: Job) -> None:
        for done in range(job.done, job.payload["to"]):
            with live.database.write() as connection:
                lease.save_progress(connection, job, done=done + 1, counts={})
        with live.database.write() as connection:
            lease.finish(connection, job, live.clock(), result={"counted": 3})

    assert JobRunner(live, {"count": count}).run_waiting() == 1
    with live.database.read() as connection:
        ended = read_job(connection, number)
    assert (ended.state, ended.done, ended.result) == ("done", 3, {"counted": 3})


def test_a_waiting_job_that_is_cancelled_never_starts(live: LiveSite) -> None:
    number = put(live)
    with live.database.write() as connection:
        ask_to_cancel(connection, number)
    assert claim(live) is None
