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


OWNER_ASKED = {
    "op": "add",
    "document": "form/loan.edit",
    "path": "tabs/basic/sections/main/items/owner",
    "value": {},
}
OWN_ALONE = {
    "op": "set",
    "document": "role/librarian",
    "path": "objects/loan/read",
    "value": "own",
}


def test_who_makes_a_record_for_somebody_else_may_stay_in_its_team(
    web: Web, loans: list[str]
) -> None:
    publish(web.live, OWNER_ASKED, OWN_ALONE)
    lin, cao = web.sign_in("13800000003"), web.person("曹", "13800000004", "librarian")
    form = lin.get("/o/loan/new").text
    assert 'name="_stay"' in form
    assert "_stay" not in lin.get("/o/book/new").text
    sent = {"reader": "1", "book": "1", "lent_on": "2026-01-05", "owner": str(cao)}
    again = lin.post("/o/loan", **{**sent, "lent_on": "x", "_stay": "1"})
    assert again.status_code == 422
    assert 'name="_stay" value="1" checked' in again.text
    before = len(members(web))
    gone = lin.post("/o/loan", **sent)
    assert gone.headers["location"] == "/o/loan"  # it is Cao's, and Lin sees his own alone
    assert len(members(web)) == before
    kept = lin.post("/o/loan", **sent, _stay="1").headers["location"]
    assert members(web)[-1][0] == kept.removeprefix("/o/loan/")
    assert members(web)[-1][2] == "write"
    assert lin.get(kept).status_code == 200
    mine = lin.post("/o/loan", **{**sent, "owner": ""}, _stay="1").headers["location"]
    assert lin.get(mine).status_code == 200
    assert len(members(web)) == before + 1  # the owner is never a member


def test_the_api_keeps_its_caller_in_the_team_of_what_he_makes_for_another(
    web: Web, loans: list[str]
) -> None:
    publish(web.live, OWN_ALONE)
    lin, cao = web.admin_id + 1, web.person("曹", "13800000004", "librarian")
    headers, at = web.token(lin), "/api/v1/records/loan"
    values = {"reader": 1, "book": 1, "lent_on": "2026-01-05", "owner": cao}

    def send(address: str, body: object) -> Any:
        return web.client.post(address, json=body, headers=headers)

    out = send(at, values)
    assert out.status_code == 201
    assert set(out.json()) == {"id", "version"}  # no more than that it is there
    assert web.client.get(f"{at}/{out.json()['id']}", headers=headers).status_code == 404
    kept = send(f"{at}?keep_me=read", values).json()
    assert kept["owner"]["id"] == cao
    rows = [{"op": "create", "values": values}]
    batch = send(f"{at}/batch?keep_me=write", {"rows": rows}).json()["rows"][0]["id"]
    assert members(web)[-2:] == [(str(kept["id"]), lin, "read"), (str(batch), lin, "write")]
    assert send(f"{at}?keep_me=all", values).status_code == 422
    refused = send("/api/v1/records/book?keep_me=read", BOOK)
    assert refused.json()["errors"][0]["field"] == "keep_me"
