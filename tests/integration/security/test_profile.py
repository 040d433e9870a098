"""The profile page, languages, errors as people and programs see them."""

import logging
import re
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.integration.security.conftest import PASSWORD, enter, sign_in
from tests.support.web import Web
from ui.i18n import LANGUAGES, STRICT, catalogue, fill, language_of, translate
from ui.security.cookies import SESSION


def other_browser(web: Web) -> TestClient[Any]:
    client = TestClient(app=web.client.app, base_url=str(web.client.base_url))
    assert sign_in(client).status_code == 303
    return client


def test_a_new_password_ends_the_other_sessions(web: Web) -> None:
    csrf = enter(web)
    other = other_browser(web)
    form = {"_csrf": csrf, "present": PASSWORD, "password": "shuttle-5512-x"}
    wrong = [
        ({"again": "shuttle-5512-y"}, "again"),
        ({"again": "shuttle-5512-x", "present": "guessed"}, "present"),
        ({"again": "short", "password": "short"}, "password"),
    ]
    for change, field in wrong:
        answer = web.client.post("/profile/password", data=form | change)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
    form["again"] = form["password"]
    done = web.client.post("/profile/password", data=form, follow_redirects=False)
    assert done.status_code == 303
    assert web.client.get("/profile").status_code == 200
    assert other.get("/profile", follow_redirects=False).status_code == 303
    web.client.cookies.clear()
    assert sign_in(web.client).status_code == 422
    assert sign_in(web.client, password="shuttle-5512-x").status_code == 303


def test_sessions_are_shown_and_ended(web: Web) -> None:
    csrf = enter(web)
    other = other_browser(web)
    page = web.client.get("/profile").text
    (key,) = re.findall(r"/profile/sessions/([0-9a-f]{16})/close", page)
    assert other.cookies[SESSION] not in page
    web.client.post(f"/profile/sessions/{key}/close", data={"_csrf": csrf})
    assert other.get("/profile", follow_redirects=False).status_code == 303
    third = other_browser(web)
    web.client.post("/profile/sessions/others/close", data={"_csrf": csrf})
    assert third.get("/profile", follow_redirects=False).status_code == 303
    assert web.client.get("/profile").status_code == 200


def test_a_token_is_shown_once_and_revoked(web: Web) -> None:
    csrf = enter(web)
    made = web.client.post("/profile/tokens", data={"_csrf": csrf, "name": "nightly", "days": "7"})
    found = re.search(r"hdl_[\w-]+", made.text)
    assert found is not None
    assert found[0] not in web.client.get("/profile").text
    headers = {"authorization": f"Bearer {found[0]}"}
    assert web.client.get("/api/v1/me", headers=headers).status_code == 200
    (number,) = re.findall(r"/profile/tokens/(\d+)/revoke", made.text)
    web.client.post(f"/profile/tokens/{number}/revoke", data={"_csrf": csrf})
    assert web.client.get("/api/v1/me", headers=headers).status_code == 401
    missing = web.client.post(f"/profile/tokens/{number}/revoke", data={"_csrf": csrf})
    assert missing.status_code == 404


@pytest.mark.parametrize("days", ["0", "-1", "x", "９", "99999"])
def test_a_bad_number_of_days_is_told_at_its_field(quick_web: Web, days: str) -> None:
    csrf = enter(quick_web)
    form = {"_csrf": csrf, "name": "x", "days": days}
    assert quick_web.client.post("/profile/tokens", data=form).status_code == 422


def test_language_and_theme_are_remembered(quick_web: Web) -> None:
    csrf = enter(quick_web)
    form = {"_csrf": csrf, "language": "en", "theme": "dark"}
    quick_web.client.post("/profile/preferences", data=form)
    page = quick_web.client.get("/profile").text
    assert '<html lang="en" data-bs-theme="dark">' in page
    again = {"_csrf": csrf, "language": "zh-CN"}
    back = {"referer": "http://127.0.0.1:8000/profile?x=1"}
    done = quick_web.client.post("/language", data=again, headers=back, follow_redirects=False)
    assert done.headers["location"] == "/profile?x=1"
    assert '<html lang="zh-CN"' in quick_web.client.get("/profile").text
    for wrong in ({"language": "xx"}, {"language": "en", "theme": "pink"}):
        form = {"_csrf": csrf, **wrong}
        assert quick_web.client.post("/profile/preferences", data=form).status_code == 422


def test_the_sign_in_page_speaks_the_browsers_language(quick_web: Web) -> None:
    client = quick_web.client
    english = client.get("/sign-in", headers={"accept-language": "en-GB,en;q=0.9,zh;q=0.5"})
    assert '<html lang="en"' in english.text
    assert '<html lang="zh-CN"' in client.get("/sign-in").text
    client.get("/sign-in?language=en")
    assert '<html lang="en"' in client.get("/sign-in").text


def test_absent_and_unreadable_look_alike(web: Web) -> None:
    person = web.person("Bob", "13800000002", "flow_admin")
    chief, clerk = web.token(web.admin_id), web.token(person)
    made = web.client.post(
        "/api/v1/records/reader",
        json={"name": "Cy", "mobile": "13900000001", "joined_on": "2026-01-02"},
        headers=chief,
    )
    assert made.status_code == 201, made.text
    hidden = web.client.get(f"/api/v1/records/reader/{made.json()['id']}", headers=clerk)
    for path in (f"reader/{made.json()['id'] + 1}", "no_such_object/1"):
        absent = web.client.get(f"/api/v1/records/{path}", headers=clerk)
        assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_an_error_of_the_api_is_a_problem_in_the_callers_language(quick_web: Web) -> None:
    headers = quick_web.token(quick_web.admin_id)
    for language in LANGUAGES:
        answer = quick_web.client.get(
            "/api/v1/records/book/999", headers=headers | {"accept-language": language}
        )
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert (body["status"], body["code"]) == (404, "record_not_found")
        assert body["title"] == translate(language, "error.record_not_found")
        assert set(body) == {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize("announce", [True, False])
def test_a_body_over_the_limit_is_refused_clearly(quick_web: Web, announce: bool) -> None:
    headers = quick_web.token(quick_web.admin_id) | {"content-type": "application/json"}
    large = b'{"title":"' + b"x" * (2 << 20) + b'"}'
    body: Any = large if announce else iter([large[:1000], large[1000:]])
    answer = quick_web.client.post("/api/v1/records/book", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert "2.0 MB" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"title": "\xff"}', b"[" * 100_000])
def test_a_body_that_cannot_be_read_is_no_fault_of_ours(quick_web: Web, body: bytes) -> None:
    headers = quick_web.token(quick_web.admin_id) | {"content-type": "application/json"}
    answer = quick_web.client.post("/api/v1/records/book", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_bug_is_logged_and_told_without_details(
    quick_web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    enter(quick_web)

    def break_down(*_: object, **__: object) -> None:
        raise ValueError("secret-of-the-engine")

    monkeypatch.setattr("ui.pages.profile.tokens_of", break_down)
    with caplog.at_level(logging.ERROR):
        answer = quick_web.client.get("/profile?password=in-the-address")
    assert answer.status_code == 500
    assert "secret-of-the-engine" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "in-the-address" not in caplog.text


def test_static_files_may_be_kept_for_ever_and_nothing_else_is_given(quick_web: Web) -> None:
    assets = quick_web.client.app.state.services.views.assets
    addresses = {assets.url(plain) for plain in assets.names}
    style = (assets.folder / assets.names["app.css"]).read_text()
    addresses |= {f"/static/{name}" for name in re.findall(r'url\("?\./([^")]+)"?\)', style)}
    for address in addresses:
        answer = quick_web.client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    for name in ("manifest.json", "..%2f__init__.py", "%2e%2e/app.py", "nothing.js"):
        assert quick_web.client.get(f"/static/{name}").status_code == 404


def test_texts_are_the_same_keys_in_every_language() -> None:
    first, *others = (set(catalogue(language)) for language in LANGUAGES)
    assert all(first == other for other in others)


def test_a_missing_text_is_an_error_until_it_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STRICT, "on", True)
    with pytest.raises(RuntimeError):
        translate("en", "no.such.key")
    with pytest.raises(RuntimeError):
        fill("{missing}", {})
    monkeypatch.setattr(STRICT, "on", False)
    assert translate("en", "no.such.key") == "no.such.key"


def test_a_parameter_is_text_and_nothing_more() -> None:
    assert fill("{a} {b.c} {a[0]} {{a}}", {"a": "{b}"}) == "{b} {b.c} {a[0]} {{b}}"


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("", "zh-CN"),
        ("en", "en"),
        ("fr, en;q=0.5", "en"),
        ("zh-TW,en;q=0.9", "zh-CN"),
        ("en;q=0.1, zh;q=0.2", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("en;q=x", "zh-CN"),
    ],
)
def test_the_best_language_is_chosen(wanted: str, chosen: str) -> None:
    assert language_of(wanted, "zh-CN") == chosen
