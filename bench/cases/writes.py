"""Writing records one at a time, each with all that belongs to it, in a transaction of its own."""

from collections.abc import Callable, Iterator
from typing import Any

from bench import content
from bench.measure import Tape, backend_of, bare_driver, measure, play, taped
from bench.result import Result, Timing
from bench.world import World
from engine.context import Context
from engine.records.change import change
from engine.records.create import create

TIMES = 300
TARGETS = {"SQLite": 0.6, "PostgreSQL": 1.0}


def run(world: World) -> Iterator[Result]:
    """Measure a create with twelve filled fields, and the change of one field."""
    with world.copy() as mine:
        creates, changes = _creates(mine), _changes(mine)
        create_tape, ours_creating = _timed(mine, creates)
        change_tape, ours_changing = _timed(mine, changes)
    with world.copy() as other:
        floor_creating = _replayed(other, create_tape)
        floor_changing = _replayed(other, change_tape)
    yield _row(world, "create with history, search, event", ours_creating, floor_creating)
    yield _row(world, "change of one field", ours_changing, floor_changing)


def _creates(world: World) -> Callable[[], Any]:
    live = world.live
    person = world.person(everything=True)
    rows = content.customer_rows(live, [person.user_id or 0], 10 * TIMES, first=10_000_000)
    ready = iter([_plain(row) for row in rows])

    def act() -> None:
        with live.write(Context(actor=person, now=live.clock())) as unit:
            create(unit, "customer", next(ready))

    return act


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only the platform itself may fill."""
    return {key: value for key, value in row.items() if key != "last_followed_up_at"}


def _changes(world: World) -> Callable[[], Any]:
    live = world.live
    person = world.person(everything=True)
    numbers = iter(range(1, 10 * TIMES))

    def act() -> None:
        number = next(numbers)
        with live.write(Context(actor=person, now=live.clock())) as unit:
            change(unit, "customer", number, {"street": f"人民路{number}号"}, version=1)

    return act


def _timed(world: World, act: Callable[[], Any]) -> tuple[list[Tape], Timing]:
    """Tape some runs one by one, from the state that the copy began with; then measure others."""
    engine = world.live.database.engine
    tapes = []
    for _ in range(TIMES):
        with taped(engine) as tape:
            act()
        tapes.append(tape)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
    return tapes, measure(act, times=TIMES, backend=backend_of(driver))


def _replayed(world: World, tapes: list[Tape]) -> Timing:
    """Give the driver the same work on another copy, where the same ids come out."""
    turn = iter(tapes)
    with bare_driver(world.live.database.engine) as driver:
        return measure(
            lambda: play(driver, next(turn).calls),
            times=len(tapes), warm=0, backend=backend_of(driver),
        )  # fmt: skip


def _row(world: World, case: str, ours: Timing, floor: Timing) -> Result:
    note = f"of it {ours.backend:.2f} in the database" if ours.backend else ""
    return Result(
        case=case,
        database=world.database,
        value=ours.cpu,
        unit="ms CPU",
        wall=ours.wall,
        floor=floor.cpu,
        target=TARGETS[world.database],
        note=note,
    )
