"""Many who sign in at once: what everybody else's pages wait meanwhile, in the same run."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.result import Result
from bench.web import Web, running_web
from bench.world import World
from engine.access.passwords import calibrated

PEOPLE = 200
ALONE = 40
LIST = "/o/customer"
WRONG = 422
MOST = 2.0


def run(world: World) -> Iterator[Result]:
    """Measure a list page alone, while 200 people sign in, and alone again."""
    with world.copy() as mine, TemporaryDirectory() as folder:
        yield asyncio.run(_measured(mine, Path(folder)))


async def _measured(world: World, folder: Path) -> Result:
    person = world.person(everything=True)
    async with running_web(world, person, folder, passwords=calibrated()) as web:
        await _pages(web, ALONE)
        alone = await _pages(web, ALONE)
        began = time.perf_counter()
        crowd = asyncio.gather(*(_sign_in(web, number) for number in range(PEOPLE)))
        busy: list[float] = []
        while not crowd.done():
            busy += await _pages(web, 1)
        await crowd
        seconds = time.perf_counter() - began
        alone += await _pages(web, ALONE)
    usual, meanwhile = statistics.median(alone), statistics.median(busy)
    return Result(
        case=f"a list page while {PEOPLE} people sign in, against alone",
        database=world.database,
        value=meanwhile / usual,
        unit="times",
        target=MOST,
        note=(
            f"{usual:.1f} and {meanwhile:.1f} ms by the clock, "
            f"{len(busy)} pages within the {seconds:.1f} s of the sign-ins"
        ),
    )


async def _pages(web: Web, times: int) -> list[float]:
    waits = []
    for _ in range(times):
        began = time.perf_counter()
        await web.get(LIST)
        waits.append((time.perf_counter() - began) * 1000)
    return waits


async def _sign_in(web: Web, number: int) -> None:
    """Try a password; each from a machine of his own, so that nobody is slowed down."""
    form = {"mobile": f"139{number:08}", "password": "warp-weft-7391"}
    status = await web.post("/sign-in", form, address=f"10.1.{number // 250}.{number % 250 + 1}")
    if status != WRONG:
        raise ValueError(f"sign-in: {status}")
