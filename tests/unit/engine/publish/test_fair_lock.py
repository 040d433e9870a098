"""Writers get their turn in the order in which they came."""

from threading import Event, Thread

import pytest

from engine.storage.fair_lock import FairLock


def test_first_come_first_served() -> None:
    lock = FairLock()
    order: list[int] = []
    assert lock.acquire(1)

    def enter(number: int, waiting: Event) -> None:
        waiting.set()
        with lock:
            order.append(number)

    threads = []
    for number in range(5):
        waiting = Event()
        thread = Thread(target=enter, args=(number, waiting))
        thread.start()
        waiting.wait()
        while len(lock._waiting) <= number:
            pass
        threads.append(thread)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_giving_up_leaves_the_queue() -> None:
    lock = FairLock()
    assert lock.acquire(1)
    outcome: list[bool] = []
    thread = Thread(target=lambda: outcome.append(lock.acquire(0.01)))
    thread.start()
    thread.join()
    assert outcome == [False]
    lock.release()
    assert lock.acquire(0)


def test_a_write_inside_a_write_is_a_bug_that_speaks_up() -> None:
    lock = FairLock()
    lock.acquire(1)
    with pytest.raises(RuntimeError, match="inside a write"):
        lock.acquire(1)
