"""Teams by screen: many records from the bulk bar of a list, one record from its page."""

from typing import Any

import pytest

from engine.bulk.run import bulk_handlers
from engine.context import Locale
from engine.people import acting
from engine.records.create import create
from engine.records.writing import Writing
from engine.storage.team_tables import team
from engine.worker.runner import JobRunner
from tests.support.library import publish
from tests.support.web import Web

BOOK = {"title": "Looms", "author": "Lin"}
ADD = {"action": "add_member", "confirmed": "1"}


@pytest.fixture
def loans(web: Web) -> list[str]:
    """Three loans of Lin, a librarian; the last of another."""
    lin = web.person("林", "13800000003", "librarian")
    reader = {"name": "Wei", "mobile": "13900000001", "joined_on": "2026-01-02"}
    loan: dict[str, Any] = {"lent_on": "2026-01-05"}
    with web.live.write(acting(web.live)) as unit:

        def made(object_key: str, values: dict[str, Any], owner: int = lin) -> int:
            writing = Writing(system_fields=True, owner=owner)
            return create(unit, object_key, values, writing=writing).id

        loan |= {"reader": made("reader", reader), "book": made("book", BOOK)}
        return [str(made("loan", loan, owner)) for owner in (lin, lin, web.admin_id)]


def members(web: Web) -> list[tuple[str, int, str]]:
    with web.live.database.read() as connection:
        rows = connection.execute(team.select().order_by(team.c.record_id, team.c.user_id))
        return [(str(row.record_id), row.user_id, row.level) for row in rows]


def test_the_bulk_bar_adds_and_removes_members_and_one_step_takes_it_back(
    web: Web, loans: list[str]
) -> None:
    cao = web.person("曹", "13800000004", "librarian")
    lin = web.sign_in("13800000003")
    page = lin.get("/o/loan").text
    assert page.count('value="add_member"') == page.count('value="remove_member"') == 1
    assert 'value="add_member"' not in lin.get("/o/book").text  # books have no teams
    asked = lin.post_part("/o/loan/bulk", action="add_member", ids=loans[:2])
    assert asked.status_code == 200
    assert "添加团队成员" in asked.text
    assert 'name="level"' in asked.text
    refused = lin.post_part("/o/loan/bulk", ids=loans[:2], level="write", **ADD)
    assert refused.status_code == 422
    assert "h-err" in refused.text
    sent = {"ids": loans, "owner": str(cao), "level": "write", "expires_at": "2099-01-31 12:00"}
    done = lin.post("/o/loan/bulk", **ADD, **sent)
    assert members(web) == [(loans[0], cao, "write"), (loans[1], cao, "write")]
    job = done.headers["location"]
    assert (
        "没有权限" in lin.get(job).text
    )  # the third is another's, whose team is not his to change
    lin.post("/o/loan/bulk", ids=loans[0], owner=str(cao), level="read", **ADD)
    assert [one[2] for one in members(web)] == ["read", "write"]
    asked = lin.post_part("/o/loan/bulk", action="remove_member", ids=loans[:2])
    assert 'name="level"' not in asked.text
    gone = lin.post(
        "/o/loan/bulk", action="remove_member", confirmed="1", ids=loans[:2], owner=str(cao)
    )
    assert members(web) == []
    job = lin.get(gone.headers["location"]).text.split('href="/jobs/')[1].split('"')[0]
    lin.post(f"/jobs/{job}/undo")
    JobRunner(web.live, bulk_handlers(Locale())).run_waiting()
    assert [one[2] for one in members(web)] == ["read", "write"]


def test_the_bar_offers_teams_to_who_may_manage_them_alone(web: Web, loans: list[str]) -> None:
    lin, grant = web.sign_in("13800000003"), "objects/loan/manage_team"
    publish(web.live, {"op": "remove", "document": "role/librarian", "path": grant})
    page = lin.get("/o/loan").text
    assert 'value="export"' in page
    assert 'value="add_member"' not in page
    assert lin.post("/o/loan/bulk", ids=loans[0], owner="1", **ADD).status_code == 403
    assert lin.post("/o/book/bulk", ids="1", owner="1", **ADD).status_code == 303
    assert members(web) == []
