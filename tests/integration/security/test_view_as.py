"""Looking through another person's eyes: read-only, told, and never at what is private."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from engine.storage.audit_tables import system_log
from tests.integration.security.test_doors import filled
from tests.support.library import publish
from tests.support.web import PART, Visit, Web
from ui.security.rights import IN_VIEW, OPEN, OWN, PUBLIC, SAFE, declared, route_handlers
from ui.security.visitor import is_api

VIEWER = {
    "op": "add",
    "document": "role/x_viewer",
    "path": "",
    "value": {
        "kind": "role",
        "key": "x_viewer",
        "label": {"en": "Viewer", "zh-CN": "Viewer"},
        "objects": {"user": {"read": "all"}},
        "admin": {"view_as": True},
    },
}
BOB, CY = "13800000002", "13800000003"


@pytest.fixture
def bob(quick_web: Web) -> int:
    """A librarian to look at."""
    return quick_web.person("Bob", BOB, "librarian")


def look(visit: Visit, user_id: int) -> Any:
    return visit.post(f"/people/{user_id}/view-as")


def deeds(web: Web) -> list[tuple[str, int | None, str]]:
    told = select(system_log.c.deed, system_log.c.by, system_log.c.about)
    views = told.where(system_log.c.deed.like("view_as%")).order_by(system_log.c.id)
    with web.live.database.read() as connection:
        return [(deed, by, about) for deed, by, about in connection.execute(views)]


def test_a_view_shows_what_he_sees_with_a_way_back(quick_web: Web, bob: int) -> None:
    visit = quick_web.sign_in()
    assert f"/people/{bob}/view-as" in visit.get(f"/o/user/{bob}").text
    assert "/designer" in visit.get("/o/book").text
    assert look(visit, bob).headers["location"] == "/"
    page = visit.get("/o/book").text
    assert "h-view-bar" in page
    assert "Bob" in page
    assert 'href="/designer"' not in page
    assert 'href="/profile"' not in page
    for closed in ("/designer", "/profile"):
        refused = visit.get(closed)
        assert refused.status_code == 403
        assert "h-view-bar" in refused.text  # the way back is there too
    ended = visit.post("/view-as/end")
    assert ended.status_code == 303
    after = visit.get("/o/book").text
    assert "h-view-bar" not in after
    assert 'href="/profile"' in after
    admin = quick_web.admin_id
    assert deeds(quick_web) == [
        ("view_as.began", admin, "Bob"),
        ("view_as.ended", admin, "Bob"),
    ]


def test_nothing_can_be_changed_or_private_be_seen_on_any_route(quick_web: Web, bob: int) -> None:
    visit = quick_web.sign_in()
    look(visit, bob)
    refused = 0
    for path, handler in route_handlers(quick_web.client.app):
        right, opt = declared(dict(handler.opt)), handler.opt
        if is_api(path) or right in {OPEN, PUBLIC} or opt.get(IN_VIEW):
            continue
        for method in handler.http_methods:
            headers = {"x-csrf-token": visit.csrf, **PART}
            answer = visit.client.request(
                method, filled(path), headers=headers, follow_redirects=False
            )
            closed = method not in SAFE or bool(opt.get(OWN))
            if closed:
                # Either the role of whom one looks through, or the view itself, says no.
                assert answer.status_code == 403, (method, path, answer.status_code)
                refused += 1
            else:
                assert answer.status_code < 500, (method, path)
                assert "read_only_view" not in answer.text, (method, path)
    assert refused > 50
    with quick_web.live.database.read() as connection:
        newest = select(system_log.c.deed).order_by(system_log.c.id.desc()).limit(1)
        assert connection.scalar(newest) == "view_as.began"


def test_the_view_is_no_way_into_the_api(quick_web: Web, bob: int) -> None:
    visit = quick_web.sign_in()
    look(visit, bob)
    assert visit.client.get("/api/v1/me").status_code == 401
    mine = quick_web.token(quick_web.admin_id)
    assert visit.client.get("/api/v1/me", headers=mine).json()["id"] == quick_web.admin_id


def test_who_may_look_through_whom(quick_web: Web, bob: int) -> None:
    publish(quick_web.live, VIEWER)
    quick_web.person("Cy", CY, "x_viewer")
    other = quick_web.person("Di", "13800000004", "superadmin")
    cy, plain = quick_web.sign_in(CY), quick_web.sign_in(BOB)
    assert look(plain, quick_web.admin_id).status_code == 403
    assert look(cy, quick_web.admin_id).status_code == 403
    assert look(cy, 999_999).status_code == 404
    page = cy.get(f"/o/user/{quick_web.admin_id}").text
    assert "view-as" not in page
    assert look(cy, bob).status_code == 303
    chief = quick_web.sign_in()
    assert look(chief, quick_web.admin_id).status_code == 403
    assert look(chief, other).status_code == 303


def test_a_view_ends_with_the_right_to_it_but_nothing_is_changed_unaware(
    quick_web: Web, bob: int
) -> None:
    publish(quick_web.live, VIEWER)
    quick_web.person("Cy", CY, "x_viewer")
    cy = quick_web.sign_in(CY)
    look(cy, bob)
    publish(
        quick_web.live,
        {"op": "set", "document": "role/x_viewer", "path": "admin/view_as", "value": False},
    )
    page = cy.get("/o/user").text
    assert "h-view-bar" in page
    assert "Bob" not in re.sub(r"<tbody.*", "", page.split("h-view-bar")[1].split("</div>")[0])
    assert cy.post("/density", density="compact").status_code == 403
    cy.post("/view-as/end")
    assert cy.post("/density", density="compact").status_code == 303
