"""How long something takes: medians of processor time, and the least that the driver would need.

Processor time depends little on what else the machine does, but caches and cores are shared: what
is run often is run in `ROUNDS`, and the median of the best round counts, ours and the floor's
alike. The time by the clock stands beside it. The floor of a case is the same SQL, with the same
parameters, sent to the bare driver in the same run: what is above it is ours.
"""

import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from bench.result import Timing

WARM = 5
FEWEST = 20
ROUNDS = 6
MOST_NANOSECONDS = 4e9
"""What is slow is not run as often."""
NANOSECONDS = 1e6  # in a millisecond

Call = tuple[str, Any, bool]
"""A statement, its parameters, and whether there are many sets of them."""

Clock = Callable[[], int]


@dataclass(slots=True)
class Tape:
    """What the driver was told, in order."""

    calls: list[Call] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Backend:
    """The database's own process for one connection; SQLite and remote servers have none."""

    schedule: Path | None = None

    def used(self) -> int:
        """Give the processor time that it has used, in nanoseconds."""
        return int(self.schedule.read_text().split()[0]) if self.schedule else 0


def backend_of(driver: Any) -> Backend:
    """Find the process that serves a connection of the driver."""
    number = getattr(getattr(driver, "info", None), "backend_pid", 0)
    schedule = Path(f"/proc/{number}/schedstat")
    return Backend(schedule if number and schedule.is_file() else None)


def measure(
    run: Callable[[], Any],
    *,
    times: int,
    warm: int = WARM,
    clock: Clock = time.thread_time_ns,
    backend: Backend = Backend(),
) -> Timing:
    """Run something often and give the medians of its best round.

    Args:
        run: what is measured.
        times: how often; less often, but `FEWEST` times, when it is slow.
        warm: how often before that, unmeasured.
        clock: processor time of this thread, or `time.process_time_ns` for all threads.
        backend: whose processor time is added, as the mean of all runs.
    """
    for _ in range(warm):
        run()
    cpu: list[int] = []
    wall: list[int] = []
    before = backend.used()
    while len(cpu) < times and (len(cpu) < FEWEST or sum(wall) < MOST_NANOSECONDS):
        began, spent = time.perf_counter_ns(), clock()
        run()
        cpu.append(clock() - spent)
        wall.append(time.perf_counter_ns() - began)
    return _timing(cpu, wall, (backend.used() - before) / len(cpu))


async def measure_awaited(run: Callable[[], Awaitable[Any]], *, times: int) -> Timing:
    """Measure something that waits: the processor time of all threads of this process."""
    for _ in range(WARM * WARM):
        await run()
    cpu, wall = [], []
    for _ in range(times):
        began, spent = time.perf_counter_ns(), time.process_time_ns()
        await run()
        cpu.append(time.process_time_ns() - spent)
        wall.append(time.perf_counter_ns() - began)
    return _timing(cpu, wall, 0.0)


def _timing(cpu: list[int], wall: list[int], beside: float) -> Timing:
    return Timing(
        cpu=(_best(cpu) + beside) / NANOSECONDS,
        wall=_best(wall) / NANOSECONDS,
        backend=beside / NANOSECONDS,
    )


def _best(taken: list[int]) -> float:
    """Give the median of the best of `ROUNDS` rounds, of all where there are few."""
    size = max(len(taken) // ROUNDS, FEWEST)
    rounds = [taken[at : at + size] for at in range(0, len(taken) - size + 1, size)]
    return min(median(one) for one in rounds or [taken])


def measure_once(run: Callable[[], Any], *, clock: Clock = time.process_time_ns) -> Timing:
    """Run something that is long enough for one time to say something."""
    return measure(run, times=1, warm=0, clock=clock)


@contextmanager
def taped(engine: Engine) -> Iterator[Tape]:
    """Write down everything that the driver is told meanwhile."""
    tape = Tape()

    def on_execute(*call: Any) -> None:
        _, _, statement, parameters, _, many = call
        tape.calls.append((statement, parameters, many))

    def on_begin(_connection: Any) -> None:
        tape.calls.append(("BEGIN", (), False))

    def on_commit(_connection: Any) -> None:
        tape.calls.append(("COMMIT", (), False))

    def on_rollback(_connection: Any) -> None:
        tape.calls.append(("ROLLBACK", (), False))

    listening = (
        ("before_cursor_execute", on_execute),
        ("begin", on_begin),
        ("commit", on_commit),
        ("rollback", on_rollback),
    )
    for name, listener in listening:
        event.listen(engine, name, listener)
    try:
        yield tape
    finally:
        for name, listener in listening:
            event.remove(engine, name, listener)


@contextmanager
def bare_driver(engine: Engine) -> Iterator[Any]:
    """Give a connection of the driver itself, set up as ours are."""
    pooled = engine.raw_connection()
    try:
        yield pooled.driver_connection
    finally:
        pooled.close()


def play(driver: Any, calls: list[Call]) -> None:
    """Tell the driver what is on a tape, and fetch what it gives."""
    cursor = driver.cursor()
    for statement, parameters, many in calls:
        if statement == "BEGIN":
            if isinstance(driver, sqlite3.Connection):  # the other one begins by itself
                cursor.execute("BEGIN")
        elif statement in {"COMMIT", "ROLLBACK"}:
            (driver.commit if statement == "COMMIT" else driver.rollback)()
        elif many:
            _cursor_for(driver, cursor, statement).executemany(statement, parameters)
        else:
            asked = _cursor_for(driver, cursor, statement)
            asked.execute(statement, parameters)
            if asked.description:
                asked.fetchall()
    cursor.close()


def _cursor_for(driver: Any, usual: Any, statement: str) -> Any:
    """Give a cursor that reads parameters as the statement names them."""
    return psycopg.RawCursor(driver) if "$1" in statement else usual


def measure_floor(engine: Engine, run: Callable[[], Any], *, times: int) -> Timing:
    """Measure what the bare driver needs for the statements of one run that only reads."""
    with taped(engine) as tape:
        run()
    with bare_driver(engine) as driver:
        return measure(lambda: play(driver, tape.calls), times=times, backend=backend_of(driver))
