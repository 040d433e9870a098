"""The logs as they are read: by page, by API and as a file; each by its right, fields by roles."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from engine.access.actors import find_person
from engine.context import Locale
from engine.exchange.jobs import job_handlers
from engine.exchange.store import FileStore
from engine.records.change import change
from engine.records.create import create
from engine.storage.kernel_tables import history
from engine.worker.runner import JobRunner
from tests.support.library import system_context
from tests.support.web import Web, library_web

ROLES = (
    {
        "op": "add",
        "document": "role/x_auditor",
        "path": "",
        "value": {
            "label": {"zh-CN": "审计员", "en": "Auditor"},
            "objects": {
                "book": {"read": "all", "fields": {"price": "hidden", "isbn": {"mask": "always"}}}
            },
            "admin": {"data_log": True},
        },
    },
)
AUDITOR = "13800000009"


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    with library_web(new_database_url, tmp_path, *ROLES) as running:
        running.person("审计", AUDITOR, "x_auditor")
        yield running


def book(web: Web, number: int = 1, **more: Any) -> int:
    values = {"title": f"红楼 {number}", "author": "曹", "isbn": f"9787020{number:04}", **more}
    with web.live.write(system_context(web.live)) as unit:
        return create(unit, "book", values).id


def logged(web: Web, log: str, user: int | None = None, **asked: Any) -> Any:
    headers = web.token(user or web.admin_id)
    return web.client.get(f"/api/v1/logs/{log}", headers=headers, params=asked)


def auditor(web: Web) -> int:
    with web.live.read(system_context(web.live)) as unit:
        person = find_person(unit.connection, unit.snapshot, AUDITOR)
    assert person is not None
    return person.id


def test_data_is_told_with_what_was_before_and_after(web: Web) -> None:
    number = book(web)
    with web.live.write(system_context(web.live)) as unit:
        change(unit, "book", number, {"title": "石头记"}, version=1)
    found = logged(web, "data", object="book", record=number).json()
    assert [one["action"] for one in found["items"]] == ["update", "create"]
    first = found["items"][0]
    assert (first["object"], first["record"], first["request_id"]) == ("book", number, "test")
    assert [(one["field"], one["old"], one["new"]) for one in first["changes"]] == [
        ("title", "红楼 1", "石头记")
    ]
    shown = web.sign_in().get("/logs/data?object=book").text
    assert "石头记" in shown
    assert f"/o/book/{number}" in shown


def test_fields_are_told_as_the_readers_roles_have_them(web: Web) -> None:
    book(web, price="12.50")
    own = auditor(web)
    (line,) = logged(web, "data", own, object="book").json()["items"]
    fields = {one["field"]: one["new"] for one in line["changes"]}
    assert "price" not in fields
    assert line["hidden"] >= 1
    assert "*" in fields["isbn"]
    assert "9787020" not in logged(web, "data", own, object="book").text
    people = logged(web, "data", own, object="user").json()["items"]
    assert people
    assert all(one["changes"] == [] and one["hidden"] for one in people)
    page = web.sign_in(AUDITOR).get("/logs/data").text
    assert "97870200001" not in page
    assert AUDITOR not in page


def test_each_log_has_a_right_of_its_own(web: Web) -> None:
    own = auditor(web)
    assert logged(web, "data", own).status_code == 200
    assert logged(web, "system", own).status_code == 403
    assert logged(web, "sign-ins", own).status_code == 403
    visit = web.sign_in(AUDITOR)
    assert visit.get("/logs").headers["location"] == "/logs/data"
    page = visit.get("/logs/data").text
    assert 'href="/logs/data"' in page
    assert "/logs/system" not in page
    assert visit.get("/logs/system").status_code == 403
    assert visit.post("/logs/system/export", format="csv").status_code == 403


def test_filters_and_pages_give_every_line_once(web: Web) -> None:
    for number in range(7):
        book(web, number)
    whole = [one["id"] for one in logged(web, "data").json()["items"]]
    seen: list[int] = []
    cursor = None
    while True:
        asked = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        found = logged(web, "data", **asked).json()
        seen += [one["id"] for one in found["items"]]
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert seen == whole
    assert len(logged(web, "data", object="book", action="create").json()["items"]) == 7
    assert logged(web, "data", who="nobody of this name").json()["items"] == []
    today = web.live.clock().date()
    later = (today + timedelta(days=2)).isoformat()
    assert logged(web, "data", since=later).json()["items"] == []
    assert len(logged(web, "data", until=later, object="book").json()["items"]) == 7
    assert logged(web, "data", since="yesterday").status_code == 422
    assert logged(web, "data", nonsense="1").status_code == 422
    assert web.sign_in().get("/logs/data?since=nonsense").status_code == 422


def test_a_long_log_is_looked_through_in_parts(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.logs.read.EXAMINED", 5)
    with web.live.database.write() as connection:
        row = {
            "object_id": 1, "record_id": 1, "at": web.live.clock(), "by": None, "by_name": "",
            "address": "", "action": "update", "version": 1, "request_id": "", "changes": [],
        }  # fmt: skip
        rare = {**row, "action": "rare"}
        connection.execute(insert(history), [rare, *([row] * 12)])
    asked: dict[str, Any] = {"action": "rare"}
    pages = 0
    found = logged(web, "data", **asked).json()
    while not found["items"]:
        assert found["reached"]
        found = logged(web, "data", **asked, cursor=found["next_cursor"]).json()
        pages += 1
    assert pages == 2
    assert [one["action"] for one in found["items"]] == ["rare"]


def test_signing_in_and_deeds_are_told(web: Web) -> None:
    web.sign_in()
    found = logged(web, "sign-ins", action="signed_in_by_link").json()["items"]
    assert found[0]["by"]["label"] == "管理员"
    deeds = logged(web, "system", action="sign_in_link.made").json()["items"]
    assert deeds[0]["about"] == "管理员"
    assert logged(web, "system", marked="true").json()["items"] == []
    visit = web.sign_in()
    assert "管理员" in visit.get("/logs/sign-ins").text
    assert "/logs/system" in visit.get("/logs/system?about=管").text


def run_jobs(web: Web, folder: Path, most: int) -> FileStore:
    files = FileStore(folder)
    JobRunner(web.live, job_handlers(files, Locale(), most)).run_waiting()
    return files


def test_a_log_goes_into_a_file_and_unusual_exports_are_marked(web: Web, tmp_path: Path) -> None:
    for number in range(5):
        book(web, number)
    visit = web.sign_in()
    ordered = visit.post("/logs/data/export", format="csv", object="book")
    assert ordered.status_code == 303
    files = run_jobs(web, tmp_path, 4)
    job = ordered.headers["location"].removeprefix("/jobs/")
    headers = web.token(web.admin_id)
    told = web.client.get(f"/api/v1/jobs/{job}", headers=headers).json()
    assert (told["state"], told["counts"]) == ("done", {"exported": 5})
    assert "红楼 3" in next(
        files.path(one.name) for one in sorted((tmp_path / "files").iterdir())
    ).read_text("utf-8-sig")
    assert visit.get(ordered.headers["location"]).status_code == 200
    lines = logged(web, "system").json()["items"][:2]
    assert [(one["action"], one["about"], one["marked"]) for one in lines] == [
        ("export.unusual", "data", True),
        ("export.log_made", "data", False),
    ]
    assert lines[0]["details"] == {"rows": 5, "most": 4}
    assert lines[0]["by"]["id"] == web.admin_id
    visit.post("/logs/data/export", format="xlsx", object="book")
    run_jobs(web, tmp_path, 4)
    marked = logged(web, "system", marked="true").json()["items"]
    assert len(marked) == 1  # told once a day
