"""What nobody learns at the door, and what a crowd there does to everybody else: nothing."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from argon2 import PasswordHasher
from litestar.testing import TestClient

from engine.access.passwords import AT_ONCE, Passwords
from engine.access.tokens import create_token
from engine.people import disable_person
from tests.integration.security.conftest import Bare, csrf_of, serving, sign_in
from tests.integration.security.test_sessions import fresh
from tests.support.statements import counted
from tests.support.web import ADMIN_MOBILE, Web, quick_passwords
from ui.pages.devices import device_of


@dataclass(slots=True)
class Counting:
    """A checker that counts what it checks."""

    inner: PasswordHasher
    checks: int = 0

    def verify(self, *given: Any) -> bool:
        self.checks += 1
        return self.inner.verify(*given)

    def check_needs_rehash(self, stored: str) -> bool:
        return self.inner.check_needs_rehash(stored)


@pytest.fixture
def hasher() -> Counting:
    return Counting(quick_passwords().hasher)


@pytest.fixture
def site(quick_web: Web, tmp_path: Path, hasher: Counting) -> Iterator[Bare]:
    passwords: Passwords = replace(quick_passwords(), hasher=hasher)  # type: ignore[arg-type]
    with serving(quick_web.live, tmp_path, passwords) as running:
        yield running


def test_whoever_does_not_get_in_costs_the_same_work(
    site: Bare, quick_web: Web, hasher: Counting
) -> None:
    quick_web.person("Bob", "13800000002", "librarian")  # without a password
    quick_web.person("Cy", "13800000003", "librarian")
    disable_person(quick_web.live, "13800000003")
    tried = (ADMIN_MOBILE, "13800000002", "13800000003", "13800000004")
    csrf = csrf_of(site.client, "/sign-in")
    works = []
    for mobile in tried * 2:  # the first round compiles statements
        before = hasher.checks
        form = {"_csrf": csrf, "mobile": mobile, "password": "wrong-password"}
        with site.live.database.read() as connection, counted(connection) as sent:
            answer = site.client.post("/sign-in", data=form)
        page = re.sub(r'value="[^"]*"', "", answer.text)
        works.append((answer.status_code, page, hasher.checks - before, tuple(map(shape, sent))))
    again = works[len(tried) :]
    assert len(set(again)) == 1
    assert again[0][2] == 1


def shape(statement: str) -> str:
    """Give a statement without how its rows are written down."""
    return re.sub(r"\s+", " ", statement)


def test_a_crowd_at_the_door_leaves_pages_alone(quick_web: Web) -> None:
    visit = quick_web.sign_in()
    held, waiting = Event(), Event()
    sign_ins = quick_web.client.app.state.services.sign_ins

    def occupy() -> None:
        waiting.set()
        held.wait()

    busy = [sign_ins.submit(occupy) for _ in range(AT_ONCE)]
    assert waiting.wait(10)
    with ThreadPoolExecutor(1) as other:
        entering = other.submit(sign_in, fresh(quick_web))
        try:
            for path in ("/o/book", "/profile", "/sign-in"):
                assert visit.get(path).status_code in {200, 303}
            assert not entering.done()
        finally:
            held.set()
        assert entering.result(30).status_code == 303
    assert all(one.done() for one in busy)


def test_one_address_that_tries_many_numbers_is_slowed_down(quick_web: Web) -> None:
    client = quick_web.client
    csrf = csrf_of(client, "/sign-in")
    form = {"_csrf": csrf, "password": "wrong-password"}
    statuses = [
        client.post("/sign-in", data=form | {"mobile": f"138{number:08}"}).status_code
        for number in range(31)
    ]
    assert statuses == [422] * 30 + [429]


def test_a_token_that_has_run_out_is_told_so_to_its_holder_alone(quick_web: Web) -> None:
    past = quick_web.live.clock() - timedelta(days=2)
    with quick_web.live.database.write() as connection:
        _, secret = create_token(connection, quick_web.admin_id, name="夜间", days=1, now=past)
    headers = {"authorization": f"Bearer {secret}", "accept-language": "zh-CN"}
    told = quick_web.client.get("/api/v1/me", headers=headers)
    assert (told.status_code, told.json()["code"]) == (401, "token_expired")
    assert "夜间" in told.json()["title"]
    assert told.headers["www-authenticate"] == "Bearer"
    other = {"authorization": f"Bearer {secret[:-1]}"}
    assert quick_web.client.get("/api/v1/me", headers=other).json()["code"] == "not_signed_in"
    assert "已到期" in quick_web.sign_in().get("/profile").text


def test_the_way_back_after_signing_in_needs_the_page_that_it_came_from(quick_web: Web) -> None:
    """A form that another site fills in signs nobody in, whoever's account it names."""
    client = TestClient(app=quick_web.client.app, base_url=str(quick_web.client.base_url))
    form = {"mobile": ADMIN_MOBILE, "password": "warp-weft-7391"}
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    form["_csrf"] = csrf_of(client, "/sign-in")
    for path in ("/sign-in", "/sign-in/code", "/forgotten", "/forgotten/x"):
        assert client.post(path, data=form, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/150 Safari/1 Edg/1",
            "Edge · Windows",
        ),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Version/18 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/1 MicroMessenger/8", "WeChat · Android"),
        ("curl/8", ""),
    ],
)
def test_a_session_is_named_by_what_it_runs_on(agent: str, shown: str) -> None:
    assert device_of(agent) == shown
