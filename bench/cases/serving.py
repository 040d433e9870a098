"""The server as a process: how soon it is ready, and what memory it holds after some work."""

import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

from bench.result import Result
from bench.web import OK, sign_in
from bench.world import KEPT, World
from tests.support.site import Site
from ui.security.cookies import SESSION

STARTS = 3
REQUESTS = 200
LIST = "/o/customer"
START_TARGET = 2.0
BYTECODE = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(KEPT / "bytecode")}
"""Compiled modules are kept, as where the product is installed; the first start makes them."""
MEMORY_TARGET = 160.0
MEGABYTE = 1 << 20


def run(world: World) -> Iterator[Result]:
    """Start a server some times; let the last one answer many lists."""
    with world.copy() as mine, TemporaryDirectory() as folder:
        site = Site(Path(folder), database_url=mine.url)
        site.environment |= BYTECODE
        cookie = sign_in(mine, mine.person(everything=True))
        _start(site)
        seconds = []
        for _ in range(STARTS):
            site.stop()
            seconds.append(_start(site))
        try:
            fresh = _memory(site)
            _work(site, cookie)
            worked = _memory(site)
        finally:
            site.stop()
    yield Result(
        case="start of the server until ready",
        database=world.database,
        value=median(seconds),
        unit="s",
        target=START_TARGET,
        note=f"best {min(seconds):.2f}, of {STARTS}",
    )
    yield Result(
        case=f"memory after {REQUESTS} list requests",
        database=world.database,
        value=worked,
        unit="MB",
        target=MEMORY_TARGET,
        note=f"{fresh:.0f} MB when ready",
    )


def _start(site: Site) -> float:
    began = time.perf_counter()
    site.start()
    return time.perf_counter() - began


def _memory(site: Site) -> float:
    """Give the resident memory of the server with its children."""
    if site.process is None:
        raise ValueError("the server does not run")
    server = psutil.Process(site.process.pid)
    family = [server, *server.children(recursive=True)]
    return float(sum(one.memory_info().rss for one in family) / MEGABYTE)


def _work(site: Site, cookie: str) -> None:
    """Ask for lists, page after page.

    Raises:
        ValueError: an answer is not 200.
    """
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    for number in range(1, REQUESTS + 1):
        path = f"{LIST}?page={number}"
        connection.request("GET", path, headers={"cookie": f"{SESSION}={cookie}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != OK:
            raise ValueError(f"{path}: {answer.status}")
    connection.close()
