"""Signing in by form and link, cookies, forgery: what a browser sees and another site tries."""

import re
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from engine.access.passwords import Passwords
from engine.access.sessions import close_sessions
from engine.people import disable_person, make_sign_in_link
from tests.integration.security.conftest import (
    PASSWORD,
    csrf_of,
    enter,
    serving,
    sign_in,
)
from tests.support.web import ADMIN_MOBILE, Web
from ui.security.cookies import SESSION

SECURE = f"__Host-{SESSION}"


def fresh(web: Web) -> TestClient[Any]:
    """Give another browser; the application is running already."""
    return TestClient(app=web.client.app, base_url=str(web.client.base_url))


def without_secrets(text: str) -> str:
    return re.sub(r'name="_csrf" value="[^"]+"|value="\d+"', "", text)


def test_signing_in_leads_to_the_page_asked_for(web: Web) -> None:
    asked = web.client.get("/profile?x=1", follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?next=/profile%3Fx%3D1"
    done = sign_in(web.client, next="/profile?x=1")
    assert (done.status_code, done.headers["location"]) == (303, "/profile?x=1")
    assert web.client.get("/profile").status_code == 200


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb", ""],
)
def test_signing_in_never_leads_elsewhere(quick_web: Web, target: str) -> None:
    assert sign_in(quick_web.client, next=target).headers["location"] == "/"


def test_the_session_is_new_at_each_sign_in(web: Web) -> None:
    """A session id that was there before, or that somebody planted, is worth nothing after."""
    planted = "planted-by-somebody-else-0123456789abcdefghij"
    web.client.cookies.set(SESSION, planted)
    first = sign_in(web.client).cookies[SESSION]
    web.client.cookies.clear()
    second = sign_in(web.client).cookies[SESSION]
    assert len({planted, first, second}) == 3
    browser = fresh(web)
    browser.cookies.set(SESSION, planted)
    assert browser.get("/profile", follow_redirects=False).status_code == 303


def test_the_token_from_before_sign_in_is_worth_nothing_after(web: Web) -> None:
    before = csrf_of(web.client, "/sign-in")
    sign_in(web.client)
    refused = web.client.post("/sign-out", data={"_csrf": before}, follow_redirects=False)
    assert refused.status_code == 403


def test_failures_look_alike(web: Web) -> None:
    web.person("Bob", "13800000002", "librarian")
    web.person("Cy", "13800000003", "librarian")
    disable_person(web.live, "13800000003")
    answers = [
        sign_in(web.client, password="wrong-password"),
        sign_in(web.client, mobile="13800000002"),
        sign_in(web.client, mobile="13800000003"),
        sign_in(web.client, mobile="13800000004"),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({without_secrets(answer.text) for answer in answers}) == 1
    assert SESSION not in web.client.cookies


def test_too_many_failures_are_told_with_a_time(web: Web) -> None:
    for _ in range(5):
        assert sign_in(web.client, password="wrong-password").status_code == 422
    refused = sign_in(web.client)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 61


def test_the_cookie_of_plain_http_on_this_machine(quick_web: Web) -> None:
    header = next(
        value
        for value in sign_in(quick_web.client).headers.get_list("set-cookie")
        if value.startswith(SESSION)
    )
    assert "HttpOnly" in header
    assert "SameSite=lax" in header
    assert "Secure" not in header
    assert "Domain" not in header


def test_the_cookie_of_https_is_bound_to_host_and_https(
    quick_web: Web, tmp_path: Path, passwords: Passwords
) -> None:
    base = "https://crm.example"
    with serving(quick_web.live, tmp_path, passwords, base, public_url=base) as site:
        answer = sign_in(site.client)
        header = next(
            value for value in answer.headers.get_list("set-cookie") if value.startswith(SECURE)
        )
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(header.split("; "))
        assert "Domain" not in header
        assert site.client.get("/profile").status_code == 200
        plain = TestClient(app=site.app, base_url=base)
        plain.cookies.set(SESSION, answer.cookies[SECURE])
        assert plain.get("/profile", follow_redirects=False).status_code == 303


def test_plain_http_from_another_machine_needs_a_setting(
    quick_web: Web, tmp_path: Path, passwords: Passwords
) -> None:
    base = "http://10.0.0.5:8000"
    with serving(quick_web.live, tmp_path, passwords, base) as site:
        assert 'name="password"' not in site.client.get("/sign-in").text
        link = make_sign_in_link(quick_web.live, ADMIN_MOBILE)
        assert site.client.get(f"/sign-in/link/{link}").status_code == 403
    with serving(quick_web.live, tmp_path, passwords, base, allow_http="true") as site:
        assert sign_in(site.client).status_code == 303
        assert "HEDDLE_ALLOW_HTTP" in site.client.get("/profile").text


def test_forwarding_headers_count_from_trusted_proxies_alone(
    quick_web: Web, tmp_path: Path, passwords: Passwords
) -> None:
    headers = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
    with serving(quick_web.live, tmp_path, passwords) as site:
        site.client.headers.update(headers)
        assert SESSION in sign_in(site.client).cookies


def test_a_sign_in_link_works_once(web: Web) -> None:
    path = f"/sign-in/link/{make_sign_in_link(web.live, ADMIN_MOBILE)}"
    ahead = web.client.get(path, headers={"sec-purpose": "prefetch"}, follow_redirects=False)
    assert ahead.status_code == 204
    assert web.client.get(path, follow_redirects=False).headers["location"] == "/"
    assert web.client.get(path, follow_redirects=False).status_code == 303
    other = fresh(web).get(path)
    assert other.status_code == 410
    assert SESSION not in other.cookies


def test_signing_out_ends_the_session(web: Web) -> None:
    csrf = enter(web)
    secret = web.client.cookies[SESSION]
    done = web.client.post("/sign-out", data={"_csrf": csrf}, follow_redirects=False)
    assert done.headers["location"] == "/sign-in"
    browser = fresh(web)
    browser.cookies.set(SESSION, secret)
    assert browser.get("/profile", follow_redirects=False).status_code == 303


def test_a_disabled_person_is_out_at_once(web: Web) -> None:
    web.person("Bob", "13800000002", "librarian")
    secret = make_sign_in_link(web.live, "13800000002")
    web.client.get(f"/sign-in/link/{secret}", follow_redirects=False)
    assert web.client.get("/profile").status_code == 200
    disable_person(web.live, "13800000002")
    assert web.client.get("/profile", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": "null"},
    ],
    ids=str,
)
def test_another_site_cannot_act_even_with_the_token(
    quick_web: Web, headers: dict[str, str]
) -> None:
    csrf = enter(quick_web)
    refused = quick_web.client.post("/sign-out", data={"_csrf": csrf}, headers=headers)
    assert refused.status_code == 403
    assert quick_web.client.get("/profile").status_code == 200


@pytest.mark.parametrize("given", ["", "wrong", "ключ"])
def test_without_the_right_token_nothing_is_done(quick_web: Web, given: str) -> None:
    enter(quick_web)
    for sent in (
        {"data": {"_csrf": given}},
        {"headers": {"x-csrf-token": given.encode()}},
        {"json": {"_csrf": given}},
        {},
    ):
        refused = quick_web.client.post("/sign-out", follow_redirects=False, **sent)
        assert refused.status_code == 403
    assert quick_web.client.get("/profile").status_code == 200


def test_the_token_may_come_in_a_header(quick_web: Web) -> None:
    csrf = enter(quick_web)
    headers = {"x-csrf-token": csrf, "origin": "http://127.0.0.1:8000"}
    done = quick_web.client.post("/sign-out", headers=headers, follow_redirects=False)
    assert done.status_code == 303


def test_signing_in_itself_cannot_be_forged(quick_web: Web) -> None:
    form = {"mobile": ADMIN_MOBILE, "password": PASSWORD}
    assert quick_web.client.post("/sign-in", data=form).status_code == 403
    other = csrf_of(fresh(quick_web), "/sign-in")
    assert quick_web.client.post("/sign-in", data=form | {"_csrf": other}).status_code == 403


def test_an_ended_session_leads_to_sign_in_and_a_fragment_says_so(quick_web: Web) -> None:
    enter(quick_web)
    with quick_web.live.database.write() as connection:
        close_sessions(connection, quick_web.admin_id)
    headers = {"hx-request": "true", "hx-request-type": "partial"}
    assert quick_web.client.get("/profile", headers=headers).status_code == 401
    assert quick_web.client.get("/profile", follow_redirects=False).status_code == 303


def test_no_cookie_is_read_by_the_api(quick_web: Web) -> None:
    enter(quick_web)
    assert quick_web.client.get("/api/v1/me").status_code == 401
    headers = quick_web.token(quick_web.admin_id)
    assert quick_web.client.get("/api/v1/me", headers=headers).status_code == 200
    wrong = {"authorization": headers["authorization"] + "x"}
    assert quick_web.client.get("/api/v1/me", headers=wrong).status_code == 401
