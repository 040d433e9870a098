"""Filling the database: many records in each transaction, as imports and samples are written."""

from collections.abc import Iterator

from bench import content
from bench.measure import bare_driver, measure_once, play, taped
from bench.result import Result
from bench.world import World

ROWS = 5000
TARGET_ROWS = 100_000
TARGET = 20.0


def run(world: World) -> Iterator[Result]:
    """Measure 5,000 customers, and say what 100,000 would take at that rate."""
    with world.copy() as mine:
        owners = [world.person(everything=True).user_id or 0]
        rows = list(content.customer_rows(mine.live, owners, ROWS, first=20_000_000))
        with taped(mine.live.database.engine) as tape:
            ours = measure_once(lambda: content.write(mine.live, "customer", iter(rows)))
    with world.copy() as other, bare_driver(other.live.database.engine) as driver:
        floor = measure_once(lambda: play(driver, tape.calls))
    share = TARGET_ROWS / ROWS / 1000
    yield Result(
        case="bulk create of 100,000, from the rate of 5,000",
        database=world.database,
        value=ours.wall * share,
        unit="s",
        floor=floor.wall * share,
        target=TARGET,
        note=f"{ours.cpu / ROWS:.2f} ms CPU a record",
    )
