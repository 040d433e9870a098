"""Whole requests through the application: session, rights, list, chips, shell, HTML."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from bench.measure import bare_driver, measure, measure_awaited, play, taped
from bench.result import Result
from bench.web import Web, choose_page_size, running_web
from bench.world import World
from engine.context import Actor

TIMES = 300
ROWS = 50
TARGET = 2.5
HTMX = ((b"hx-request", b"true"), (b"hx-target", b"div#list"))
LIST = "/o/customer"
WORD = "科技"
SHOWN = (
    ("list request, everybody's, fragment", True, LIST, HTMX),
    ("list request, everybody's, whole page", True, LIST, ()),
    ("list request, own records, whole page", False, LIST, ()),
    ("search request, two characters", True, f"{LIST}?q={quote(WORD)}", HTMX),
    ("record page", True, f"{LIST}/1", ()),
)


def run(world: World) -> Iterator[Result]:
    """Measure requests of 50 rows as an administrator and as somebody who sees his own records."""
    with world.copy() as mine, TemporaryDirectory() as folder:
        for case, everything, path, headers in SHOWN:
            person = mine.person(everything=everything)
            choose_page_size(mine, person, "customer", ROWS)
            target = TARGET if path == LIST else None
            yield asyncio.run(
                _measured(mine, person, Path(folder), _Asked(case, path, headers, target))
            )


class _Asked:
    """A request and what is hoped for it."""

    def __init__(
        self, case: str, path: str, headers: tuple[tuple[bytes, bytes], ...], target: float | None
    ) -> None:
        self.case = case
        self.path = path
        self.headers = headers
        self.target = target


async def _measured(world: World, person: Actor, folder: Path, asked: _Asked) -> Result:
    engine = world.live.database.engine
    async with running_web(world, person, folder) as web:
        ours = await measure_awaited(lambda: _ask(web, asked), times=TIMES)
        with taped(engine) as tape:
            body = await _ask(web, asked)
    with bare_driver(engine) as driver:
        floor = measure(lambda: play(driver, tape.calls), times=TIMES)
    return Result(
        case=asked.case,
        database=world.database,
        value=ours.cpu,
        unit="ms CPU",
        wall=ours.wall,
        floor=floor.cpu,
        target=asked.target,
        note=f"{len(body) / 1024:.0f} KB, {len(tape.calls)} statements",
    )


async def _ask(web: Web, asked: _Asked) -> bytes:
    return await web.get(asked.path, *asked.headers)
