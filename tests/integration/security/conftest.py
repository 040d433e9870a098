"""The application over a library: with an administrator, and one that is not set up yet."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from engine.access.accounts import set_password
from engine.access.passwords import Passwords
from engine.people import make_sign_in_link
from engine.publish.live import LiveSite
from engine.settings import load_settings
from tests.support.library import library_site
from tests.support.web import ADMIN_MOBILE, Web, library_web, quick_passwords, served
from ui.server import Application

PASSWORD = "warp-weft-7391"
BASE = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Bare:
    """A site that nobody administers, with its application."""

    live: LiveSite
    app: Application
    client: TestClient[Any]


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    return quick_passwords()


@pytest.fixture(scope="session")
def hashed(passwords: Passwords) -> str:
    """`PASSWORD` as it is stored."""
    return passwords.hash(PASSWORD)


@pytest.fixture
def web(new_database_url: str, tmp_path: Path, hashed: str) -> Iterator[Web]:
    """A site whose administrator's password is `PASSWORD`."""
    with library_web(new_database_url, tmp_path) as running:
        with running.live.database.write() as connection:
            set_password(connection, running.admin_id, hashed, now=running.live.clock())
        yield running


@pytest.fixture
def quick_web(tmp_path: Path, hashed: str) -> Iterator[Web]:
    """The same on SQLite alone, for what no database has a part in."""
    with library_web(f"sqlite:///{tmp_path / 'quick.db'}", tmp_path) as running:
        with running.live.database.write() as connection:
            set_password(connection, running.admin_id, hashed, now=running.live.clock())
        yield running


@pytest.fixture
def bare(new_database_url: str, tmp_path: Path, passwords: Passwords) -> Iterator[Bare]:
    live = library_site(new_database_url)
    with serving(live, tmp_path, passwords) as running:
        yield running
    live.database.close()


@contextmanager
def serving(
    live: LiveSite, folder: Path, passwords: Passwords, base: str = BASE, **settings: str
) -> Iterator[Bare]:
    """Serve a site with settings of one's own."""
    environment = {f"HEDDLE_{name.upper()}": value for name, value in settings.items()}
    environment["HEDDLE_DATA_DIR"] = str(folder)
    with (
        served(live, load_settings(environment, folder), passwords) as app,
        TestClient(app=app, base_url=base) as client,
    ):
        yield Bare(live, app, client)


def csrf_of(client: TestClient[Any], path: str) -> str:
    """Give the token of the first form on a page."""
    answer = client.get(path)
    found = re.search(r'name="_csrf" value="([^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


def sign_in(client: TestClient[Any], password: str = PASSWORD, **more: str) -> Any:
    """Send the sign-in form; the answer is not followed."""
    data = {"_csrf": csrf_of(client, "/sign-in"), "mobile": ADMIN_MOBILE, "password": password}
    return client.post("/sign-in", data=data | more, follow_redirects=False)


def enter(web: Web) -> str:
    """Sign the client in by a link; gives the CSRF token of the session."""
    secret = make_sign_in_link(web.live, ADMIN_MOBILE)
    answer = web.client.get(f"/sign-in/link/{secret}", follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return csrf_of(web.client, "/profile")
