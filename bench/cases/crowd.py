"""Many at once: 16 writers, and readers while a field is published."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from bench import content
from bench.cases.lists import LIST, page_of
from bench.result import Result
from bench.world import World
from engine.context import Context
from engine.publish.apply import publish_draft
from engine.publish.draft import create_draft
from engine.records.create import create

WRITERS = 16
EACH = 100
READERS = 2
PUBLISHES = 5
PER_SECOND = 1200
SLOWEST_TARGET = 100.0
PERCENTILE = 0.99


def run(world: World) -> Iterator[Result]:
    """Measure creates of all writers by the clock, and what the slowest readers wait."""
    with world.copy() as mine:
        seconds, slow = _written(mine)
    number = WRITERS * EACH
    yield Result(
        case=f"{WRITERS} writers at once, one create",
        database=world.database,
        value=seconds * 1000 / number,
        unit="ms",
        target=1000 / PER_SECOND,
        note=f"{number / seconds:.0f} creates a second, no error; 99 % within {slow:.0f} ms",
    )
    with world.copy() as mine:
        waits = _read_while_published(mine)
    yield Result(
        case="a list while fields are published, 99 % within",
        database=world.database,
        value=_percentile(waits),
        unit="ms",
        target=SLOWEST_TARGET,
        note=f"{len(waits)} lists by {READERS} readers, {PUBLISHES} publishes, no error",
    )


def _written(world: World) -> tuple[float, float]:
    """Let every writer create; any error ends the measurement."""
    live, person = world.live, world.person(everything=True)
    rows = content.customer_rows(live, [person.user_id or 0], WRITERS * EACH, first=30_000_000)
    given = [{key: row[key] for key in row if key != "last_followed_up_at"} for row in rows]

    def write(part: int) -> list[float]:
        waits = []
        for values in given[part * EACH : (part + 1) * EACH]:
            began = time.perf_counter()
            with live.write(Context(actor=person, now=live.clock()), brief=True) as unit:
                create(unit, "customer", values)
            waits.append((time.perf_counter() - began) * 1000)
        return waits

    began = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as writers:
        waits = [wait for part in writers.map(write, range(WRITERS)) for wait in part]
    return time.perf_counter() - began, _percentile(waits)


def _read_while_published(world: World) -> list[float]:
    """Read lists all the time while fields are added; gives how long each took."""
    live, person, done = world.live, world.person(everything=True), Event()
    read = page_of(LIST)

    def keep_reading() -> list[float]:
        waits = []
        while not done.is_set():
            began = time.perf_counter()
            with live.read(Context(actor=person, now=live.clock())) as unit:
                read(unit)
            waits.append((time.perf_counter() - began) * 1000)
        return waits

    with ThreadPoolExecutor(READERS) as readers:
        reading = [readers.submit(keep_reading) for _ in range(READERS)]
        try:
            for number in range(PUBLISHES):
                field = content.added_field(
                    f"x_crowd_{number}", {"type": "text", "label": "新字段"}
                )
                with live.write(content.acting(live.clock())) as unit:
                    draft = create_draft(unit, [field])
                publish_draft(live, content.acting(live.clock()), draft)
        finally:
            done.set()
        return [wait for one in reading for wait in one.result()]


def _percentile(waits: list[float]) -> float:
    return sorted(waits)[int(len(waits) * PERCENTILE)]
