"""Fixtures of every test: databases, a running site, a browser."""

import gc
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page

from tests.support.browser import PageLog, launched, new_page
from tests.support.memory import write_to_memory
from tests.support.postgres import PostgresServer, running_server
from tests.support.site import Site

RESULTS = Path(__file__).resolve().parent.parent / "test-results"
LONGEST_FIRST = ("journeys", "docs", "integration", "architecture")
FAILED = pytest.StashKey[bool]()

# A busy machine is slow, not wrong.
settings.register_profile("heddle", deadline=None, print_blob=True)
settings.load_profile("heddle")


def pytest_configure() -> None:
    """End tidily on SIGTERM: the database server and the sites outlive a plain death."""
    write_to_memory()
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: the workers then end at about the same time."""
    items.sort(key=lambda item: _place(item.path))


def _place(path: Path) -> int:
    found = (place for place, name in enumerate(LONGEST_FIRST) if name in path.parts)
    return next(found, len(LONGEST_FIRST))


def pytest_collection_finish() -> None:
    """Let the collector pass by what is imported by now: it lives as long as the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember a failure, so that the page fixture can take a picture of it."""
    report: pytest.TestReport = yield  # type: ignore[assignment]  # what a wrapper is sent
    if report.failed:
        item.stash[FAILED] = True
    return report  # type: ignore[return-value]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the whole run."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database."""
    with postgresql_server.fresh_database() as url:
        yield url


@pytest.fixture
def new_postgresql_url(postgresql_server: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database that `tests.support.templates.fill` makes: a copy costs half."""
    with postgresql_server.fresh_database(made=False) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'heddle.db'}"


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind: the test runs once on SQLite, once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def shared_database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An empty database of each kind that the tests of a module share: they only read it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('shared') / 'heddle.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgresql_server")
    with server.fresh_database() as url:
        yield url


@pytest.fixture(
    params=["sqlite", pytest.param("new_postgresql", marks=pytest.mark.postgresql)],
    ids=["sqlite", "postgresql"],
)
def new_database_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind that does not exist yet: for tests that begin with a copy."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Make sites that are stopped after the test: ``make_site(database_url=None)``."""
    sites: list[Site] = []

    def make(*, database_url: str | None = None) -> Site:
        folder = tmp_path / f"site{len(sites)}"
        folder.mkdir()
        sites.append(Site(folder, database_url=database_url))
        return sites[-1]

    yield make
    for site in sites:
        site.stop()


@pytest.fixture(scope="module")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site with the shipped packs and one administrator, shared by a module's tests."""
    site = Site(tmp_path_factory.mktemp("live"))
    site.init()
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module: its event loop must not live on around other modules' tests."""
    with launched() as browser:
        yield browser


@pytest.fixture
def page_log() -> list[PageLog]:
    """The logs of the pages that this test opened; empty a log whose problems were meant."""
    return []


@pytest.fixture
def open_page(
    browser: Browser, page_log: list[PageLog], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open pages, each with its own cookies: ``open_page(phone=False, dark=False)``.

    A script error, a refused resource or an answer of 5xx in any of them fails the test; a
    failed test leaves a picture of each in ``test-results/``.
    """
    pages: list[Page] = []

    def open_one(**options: Any) -> Page:
        page = new_page(browser, **options)
        page_log.append(PageLog(page))
        pages.append(page)
        return page

    yield open_one
    for number, page in enumerate(pages):
        if request.node.stash.get(FAILED, False):
            RESULTS.mkdir(exist_ok=True)
            name = re.sub(r"[^\w.-]+", "-", request.node.name)
            page.screenshot(path=RESULTS / f"{name}-{number}.png")
        page.context.close()
    problems = [problem for log in page_log for problem in log.problems]
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """One page at the size of a desktop."""
    return open_page()
