"""Publishing a field on a table that is full, and what a worker does with a new version."""

from collections.abc import Iterator
from functools import partial
from statistics import median

from bench import content
from bench.measure import Tape, bare_driver, measure, measure_once, play, taped
from bench.result import Result, Timing
from bench.world import World
from engine.context import Context
from engine.publish.apply import publish_draft
from engine.publish.draft import Draft, create_draft
from engine.publish.live import LiveSite
from engine.publish.plan import plan_draft

TIMES = 5
TARGET = 300.0


def run(world: World) -> Iterator[Result]:
    """Measure from the draft to the new version being served, DDL included."""
    with world.copy() as mine:
        tape, timings = _published(mine)
        planned = _planned(mine)
    with world.copy() as other, bare_driver(other.live.database.engine) as driver:
        floor = measure_once(lambda: play(driver, tape.calls))
    yield Result(
        case=f"publish of a field, {world.customers:,} rows",
        database=world.database,
        value=median(timing.wall for timing in timings),
        unit="ms",
        floor=floor.wall,
        target=TARGET,
        note=f"{median(timing.cpu for timing in timings):.0f} ms CPU",
    )
    yield Result(
        case="plan of a draft", database=world.database,
        value=planned.cpu, unit="ms CPU", wall=planned.wall,
    )  # fmt: skip


def _published(world: World) -> tuple[Tape, list[Timing]]:
    timings = []
    first = Tape()
    for number in range(TIMES):
        draft = _draft(world.live, f"x_bench_{number}")
        with taped(world.live.database.engine) as tape:
            timings.append(measure_once(partial(publish_draft, world.live, _now(world), draft)))
        first = tape if number == 0 else first
    return first, timings


def _planned(world: World) -> Timing:
    draft = _draft(world.live, "x_bench_planned")

    def plan() -> None:
        with world.live.read(_now(world)) as unit:
            plan_draft(world.live, unit, draft)

    return measure(plan, times=TIMES, warm=1)


def _draft(live: LiveSite, key: str) -> Draft:
    field = content.added_field(key, {"type": "text", "label": "新字段"})
    with live.write(content.acting(live.clock())) as unit:
        return create_draft(unit, [field])


def _now(world: World) -> Context:
    return content.acting(world.live.clock())
