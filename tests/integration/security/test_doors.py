"""Every route: its right, its headers; closed until somebody administers."""

from pathlib import Path

import pytest
from litestar import Router, get
from litestar.testing import TestClient

from engine.access.passwords import Passwords
from engine.people import make_set_up_link
from tests.integration.security.conftest import Bare, csrf_of, enter, serving
from tests.support.library import library_site
from tests.support.web import Web
from ui.security.headers import CSP, FOR_EVER, SAFETY
from ui.security.rights import (
    ADMIN,
    BY_OBJECT,
    OPEN,
    PUBLIC,
    SIGNED_IN,
    UndeclaredRight,
    check_routes,
    declared,
    route_handlers,
)
from ui.security.visitor import is_api
from ui.server import Application

OPEN_TO_ALL = {
    "/forgotten",
    "/forgotten/{secret:str}",
    "/sign-in/provider",
    "/sign-in/provider/back",
    "/health",
    "/ready",
    "/static/{name:str}",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/link/{secret:str}",
    "/set-up",
    "/welcome/{secret:str}",
    "/set-up/{secret:str}",
}


def filled(path: str) -> str:
    """Give an address of a route, with something for each parameter."""
    parts = [
        ("1" if part.endswith(":int}") else "book") if part.startswith("{") else part
        for part in path.split("/")
    ]
    return "/".join(parts) or "/"


def test_every_route_declares_its_right_and_the_public_ones_are_these(bare: Bare) -> None:
    rights = [(path, declared(dict(each.opt))) for path, each in route_handlers(bare.app)]
    assert {path for path, right in rights if right in {OPEN, PUBLIC}} == OPEN_TO_ALL
    assert all(
        right in {OPEN, PUBLIC, SIGNED_IN, BY_OBJECT} or right.startswith(ADMIN)
        for _, right in rights
    )


@pytest.mark.parametrize(
    "opt",
    [{}, {"right": "public"}, {"right": "open"}, {"right": "admin:"}, {"right": "everybody"}],
    ids=str,
)
def test_a_route_without_a_declared_right_stops_the_start(opt: dict[str, str]) -> None:
    @get("/loose", sync_to_thread=False, opt=opt)
    def loose() -> str:
        return "anybody"

    app = Application([Router("/", route_handlers=[loose])], openapi_config=None)
    with pytest.raises(UndeclaredRight, match="/loose"):
        check_routes(app)


def test_nothing_of_the_framework_is_served_beside_ours(bare: Bare) -> None:
    for path in ("/schema", "/schema/openapi.json", "/schema/swagger"):
        assert bare.client.get(path).status_code == 404


def test_everything_is_closed_until_somebody_administers(bare: Bare) -> None:
    client = bare.client
    for path, handler in route_handlers(bare.app):
        if path in OPEN_TO_ALL:
            continue
        for method in handler.http_methods:
            answer = client.request(method, filled(path), follow_redirects=False)
            if is_api(path):
                assert answer.status_code == 503, (method, path)
                assert answer.json()["code"] == "not_set_up"
            else:
                assert answer.headers.get("location") == "/set-up", (method, path)
    assert client.get("/sign-in", follow_redirects=False).headers["location"] == "/set-up"
    assert client.get("/set-up").status_code == 200


def test_nothing_but_the_public_routes_is_open_to_strangers(web: Web) -> None:
    for path, handler in route_handlers(web.client.app):
        if path in OPEN_TO_ALL:
            continue
        for method in handler.http_methods:
            answer = web.client.request(method, filled(path), follow_redirects=False)
            if is_api(path):
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"] == "Bearer"
            else:
                assert answer.headers.get("location", "").startswith("/sign-in"), (method, path)


def test_headers_are_on_every_answer_of_every_route(quick_web: Web) -> None:
    client = quick_web.client
    enter(quick_web)
    answers = [client.get("/no/such/page"), client.get("/api/v1/no-such-call")]
    for path, handler in route_handlers(client.app):
        for method in {*handler.http_methods, "OPTIONS"}:
            answers.append(client.request(method, filled(path), follow_redirects=False))
    for answer in answers:
        assert answer.status_code < 500, answer.request.url
        for name, value in SAFETY.items():
            assert answer.headers.get(name) == value, (answer.request.url, name)
        assert answer.headers["cache-control"] in {"no-store", FOR_EVER}
        assert answer.headers["x-request-id"]


def test_the_policy_forbids_what_is_inline() -> None:
    assert "unsafe" not in CSP
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ):
        assert part in CSP.split("; ")


def test_set_up_by_the_link_opens_the_site_and_uses_it_up(bare: Bare) -> None:
    client = bare.client
    assert client.get("/set-up/no-such-link").status_code == 410
    secret = make_set_up_link(bare.live)
    form = {
        "_csrf": csrf_of(client, f"/set-up/{secret}"),
        "company": "Weavers",
        "name": "Ann Weaver",
        "mobile": "13800000000",
        "password": "warp-weft-7391",
    }
    weak = client.post(f"/set-up/{secret}", data=form | {"password": "short", "mobile": "1"})
    assert weak.status_code == 422
    assert 'value="Ann Weaver"' in weak.text
    assert "short" not in weak.text
    done = client.post(f"/set-up/{secret}", data=form, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert client.get("/profile").status_code == 200
    again = client.get(f"/set-up/{secret}", follow_redirects=False)
    assert again.headers["location"] == "/"
    other = TestClient(app=bare.app, base_url="http://127.0.0.1:8000")
    form["_csrf"] = csrf_of(other, "/sign-in")
    late = other.post(f"/set-up/{secret}", data=form, follow_redirects=False)
    assert late.status_code == 410
    assert "Weavers" in other.get("/sign-in").text


def test_looking_at_the_set_up_page_does_not_use_up_its_link(bare: Bare) -> None:
    secret = make_set_up_link(bare.live)
    for _ in range(2):
        assert bare.client.get(f"/set-up/{secret}").status_code == 200


def test_only_own_names_are_served(tmp_path: Path, passwords: Passwords) -> None:
    live = library_site(f"sqlite:///{tmp_path / 'x.db'}")
    with serving(live, tmp_path, passwords, allowed_hosts="crm.example") as site:
        for host, status in [("crm.example", 200), ("CRM.example:8000", 200)]:
            assert site.client.get("/health", headers={"host": host}).status_code == status
        for host in ("127.0.0.1", "evil.example", "crm.example.evil.example", ""):
            answer = site.client.get("/health", headers={"host": host})
            assert answer.status_code == 421
            assert answer.headers["content-security-policy"] == CSP
    with serving(live, tmp_path, passwords, public_url="https://crm.example") as site:
        for host in ("crm.example", "127.0.0.1", "10.1.2.3:8000", "[::1]:8000", "localhost"):
            assert site.client.get("/health", headers={"host": host}).status_code == 200
        assert site.client.get("/health", headers={"host": "evil.example"}).status_code == 421
    live.database.close()
