"""The second factor as a person meets it: setting up, signing in, being made to have one."""

import re
from typing import Any

import pyotp
import pytest

from tests.integration.security.conftest import PASSWORD, csrf_of, enter, sign_in
from tests.integration.security.test_sessions import fresh
from tests.support.library import publish
from tests.support.web import PART, Web
from ui.security.cookies import SESSION, STEP

PAGE = "/profile/second-factor"
REQUIRE = {"op": "set", "document": "role/librarian", "path": "require_totp", "value": True}


def app_on(page: str) -> pyotp.TOTP:
    found = re.search(r'id="totp-secret">([A-Z2-7 ]+)<', page)
    assert found, page
    return pyotp.TOTP(found[1].replace(" ", ""))


def set_up(web: Web, client: Any, csrf: str) -> tuple[pyotp.TOTP, list[str]]:
    """Go through the pages; gives the app and the recovery codes."""
    client.post(f"{PAGE}/begin", data={"_csrf": csrf})
    page = client.get(PAGE).text
    assert "<svg" in page
    assert "style=" not in page.split("h-qr")[1].split("</div>")[0]
    app = app_on(page)
    wrong = client.post(f"{PAGE}/confirm", data={"_csrf": csrf, "code": "12345"})
    assert wrong.status_code == 422
    code = app.at(web.live.clock(), counter_offset=-1)
    done = client.post(f"{PAGE}/confirm", data={"_csrf": csrf, "code": code})
    assert done.status_code == 200
    codes = re.findall(r"<code>([a-z0-9-]{14})</code>", done.text)
    assert len(codes) == 10
    assert codes[0] not in client.get(PAGE).text
    return app, codes


def test_it_is_set_up_asked_for_and_switched_off(quick_web: Web) -> None:
    client = quick_web.client
    csrf = enter(quick_web)
    app, codes = set_up(quick_web, client, csrf)
    browser = fresh(quick_web)
    asked = sign_in(browser, next="/profile?x=1")
    assert asked.headers["location"] == "/sign-in/code?next=/profile%3Fx%3D1"
    assert SESSION not in browser.cookies
    assert browser.get("/profile", follow_redirects=False).status_code == 303
    form = {"_csrf": csrf_of(browser, "/sign-in/code?next=/profile"), "next": "/profile?x=1"}
    assert browser.post("/sign-in/code", data=form | {"code": "nonsense"}).status_code == 422
    code = app.at(quick_web.live.clock())
    done = browser.post("/sign-in/code", data=form | {"code": code}, follow_redirects=False)
    assert done.headers["location"] == "/profile?x=1"
    assert STEP not in browser.cookies
    assert browser.get("/sign-in/code", follow_redirects=False).headers["location"] == "/sign-in"
    mine = csrf_of(browser, "/profile")
    wrong = browser.post(f"{PAGE}/off", data={"_csrf": mine, "present": "guessed"})
    assert wrong.status_code == 422
    new = browser.post(f"{PAGE}/codes", data={"_csrf": mine, "present": PASSWORD})
    assert codes[0] not in new.text
    off = browser.post(
        f"{PAGE}/off", data={"_csrf": mine, "present": PASSWORD}, follow_redirects=False
    )
    assert off.headers["location"] == "/profile"
    assert sign_in(fresh(quick_web)).headers["location"] == "/"


def test_the_second_step_without_the_first_is_nothing(quick_web: Web) -> None:
    client = quick_web.client
    assert client.get("/sign-in/code", follow_redirects=False).headers["location"] == "/sign-in"
    client.cookies.set(STEP, "planted-by-somebody")
    form = {"_csrf": csrf_of(client, "/sign-in"), "code": "123456"}
    answer = client.post("/sign-in/code", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in"
    assert SESSION not in client.cookies


def test_whose_role_demands_it_does_nothing_before(quick_web: Web) -> None:
    quick_web.person("Bob", "13800000002", "librarian")
    bob = quick_web.sign_in("13800000002")
    assert bob.get("/o/book").status_code == 200
    publish(quick_web.live, REQUIRE)
    for path in ("/", "/o/book", "/profile", "/search?q=x"):
        assert bob.get(path).headers["location"] == PAGE, path
    assert bob.post("/density", density="compact").headers["location"] == PAGE
    refused = bob.client.get("/o/book", headers=PART)
    assert (refused.status_code, "<html" in refused.text) == (403, False)
    page = bob.get(PAGE).text
    assert "h-side" not in page
    _, codes = set_up(quick_web, bob.client, bob.csrf)
    assert bob.get("/o/book").status_code == 200
    kept = bob.post(f"{PAGE}/off")
    assert kept.status_code == 409
    assert quick_web.sign_in().get("/o/book").status_code == 200
    assert len(codes) == 10


@pytest.mark.parametrize("path", ["begin", "confirm", "codes", "off"])
def test_another_site_cannot_touch_it(quick_web: Web, path: str) -> None:
    enter(quick_web)
    assert quick_web.client.post(f"{PAGE}/{path}", data={"present": PASSWORD}).status_code == 403
