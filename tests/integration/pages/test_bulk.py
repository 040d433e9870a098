"""Bulk edit and delete by screen, and the pages of jobs."""

import json
from collections.abc import Sequence

import pytest

from engine.bulk.run import bulk_handlers
from engine.context import Locale
from engine.people import acting
from engine.publish.live import LiveSite
from engine.queue.enqueue import enqueue
from engine.records.change import change
from engine.records.create import create
from engine.records.create_many import create_many
from engine.upkeep.handlers import upkeep_handlers
from engine.worker.runner import JobRunner
from tests.support.library import publish
from tests.support.web import Visit, Web
from ui.pages import bulk


def shelve(web: Web, count: int) -> list[int]:
    rows = [{"title": f"Book {n:03d}", "author": "Lin" if n % 2 else "Wei"} for n in range(count)]
    with web.live.write(acting(web.live)) as unit:
        return [one.id or 0 for one in create_many(unit, "book", rows)]


def authors(live: LiveSite) -> Sequence[str]:
    with live.read(acting(live)) as unit:
        table = unit.snapshot.object("book").table
        query = table.select().where(table.c.deleted_at.is_(None)).order_by(table.c.id)
        return [row.author for row in unit.connection.execute(query)]


def work(web: Web) -> None:
    JobRunner(web.live, {**bulk_handlers(Locale()), **upkeep_handlers()}).run_waiting()


def test_a_field_of_chosen_records_is_set_and_taken_back(web: Web, visit: Visit) -> None:
    ids = shelve(web, 4)
    chosen = [str(one) for one in ids[:2]]
    assert 'value="edit"' in visit.get("/o/book").text
    asked = visit.post_part("/o/book/bulk", action="edit", ids=chosen).text
    assert "<html" not in asked
    assert '<option value="author"' in asked
    assert '<option value="isbn"' not in asked  # a unique field is not set for many
    control = visit.part("/o/book/bulk/control?field=author").text
    assert 'name="author"' in control
    empty = visit.post("/o/book/bulk", action="edit", ids=chosen, confirmed="1", field="")
    assert empty.status_code == 422
    done = visit.post(
        "/o/book/bulk", action="edit", ids=chosen, confirmed="1", field="author", author="Cao"
    )
    assert (done.status_code, done.headers["location"]) == (303, "/o/book")
    assert authors(web.live) == ["Cao", "Cao", "Wei", "Lin"]
    page = visit.get("/o/book").text
    job = page.split('href="/jobs/')[1].split('"')[0]
    told = visit.get(f"/jobs/{job}").text
    assert told.count("h-tag is-green") >= 2
    undone = visit.post(f"/jobs/{job}/undo")
    work(web)
    assert authors(web.live) == ["Wei", "Lin", "Wei", "Lin"]
    assert "撤销批量操作" in visit.get(undone.headers["location"]).text


def test_a_value_that_does_not_fit_is_told_in_the_dialog(web: Web, visit: Visit) -> None:
    chosen = str(shelve(web, 1)[0])
    refused = visit.post_part(
        "/o/book/bulk", action="edit", ids=chosen, confirmed="1", field="price", price="abc"
    )
    assert refused.status_code == 422
    assert 'value="abc"' in refused.text
    assert "h-err" in refused.text


def test_more_than_a_moments_work_becomes_a_job_of_everything_that_matches(
    web: Web, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelve(web, 30)
    monkeypatch.setattr(bulk, "AT_ONCE", 10)
    where = json.dumps({"field": "author", "op": "eq", "value": "Lin"})
    sent = visit.post(
        "/o/book/bulk",
        action="edit",
        everything="1",
        where=where,
        confirmed="1",
        field="author",
        author="Hu",
    )
    url = sent.headers["location"]
    assert url.startswith("/jobs/")
    assert "h-progress" in visit.get(url).text
    work(web)
    assert authors(web.live).count("Hu") == 15
    page = visit.get(url).text
    assert "批量编辑" in page
    assert page.count("h-name") == 15


def test_what_fails_is_told_for_each_record(web: Web, visit: Visit) -> None:
    ids = shelve(web, 3)
    with web.live.write(acting(web.live)) as unit:
        change(unit, "book", ids[0], {"author": "Cao"}, version=1)
    sent = visit.post(
        "/o/book/bulk",
        action="edit",
        ids=[str(one) for one in (*ids, 999_999)],
        confirmed="1",
        field="author",
        author="Cao",
    )
    page = visit.get(sent.headers["location"]).text
    assert "已是这个值" in page
    assert "#999999" in page
    only = visit.get(f"{sent.headers['location']}?state=skipped").text
    assert only.count("h-name") == 1


def test_the_bin_is_restored_and_emptied_as_a_whole(web: Web, visit: Visit) -> None:
    shelve(web, 3)
    visit.post("/o/book/bulk", action="delete", everything="1", confirmed="1")
    assert authors(web.live) == []
    visit.post("/o/book/bin/restore_all")
    assert len(authors(web.live)) == 3
    visit.post("/o/book/bulk", action="delete", everything="1", confirmed="1")
    asked = visit.post("/o/book/bin/purge_all")
    assert "3" in asked.text
    visit.post("/o/book/bin/purge_all", confirmed="1")
    assert "Book 000" not in visit.get("/o/book/bin").text


def test_everybody_sees_his_jobs_and_an_administrator_all(web: Web, visit: Visit) -> None:
    shelve(web, 1)
    web.person("馆员", "13800000003", "librarian")
    librarian = web.sign_in("13800000003")
    sent = librarian.post(
        "/o/book/bulk", action="edit", everything="1", confirmed="1", field="author", author="X"
    )
    assert sent.status_code == 303
    assert "批量编辑" in librarian.get("/jobs").text
    assert "job.all" not in librarian.get("/jobs?all=1").text
    assert "批量编辑" not in visit.get("/jobs").text
    every = visit.get("/jobs?all=1").text
    assert "批量编辑" in every
    assert "馆员" in every
    visit.post("/o/book/bulk", action="delete", everything="1", confirmed="1")
    newest = visit.get("/jobs").text.split('href="/jobs/')[1].split('"')[0]
    assert librarian.get(f"/jobs/{newest}").status_code == 404
    assert librarian.post(f"/jobs/{newest}/undo").status_code == 404


def test_a_job_of_any_kind_has_a_name(web: Web, visit: Visit) -> None:
    with web.live.write(acting(web.live)) as unit:
        enqueue(unit, "something_new", {})
    assert "系统作业" in visit.get("/jobs?all=1").text


def test_what_stands_in_the_way_of_a_unique_field_is_listed(web: Web, visit: Visit) -> None:
    shelve(web, 4)
    publish(
        web.live,
        {"op": "set", "document": "object/book", "path": "fields/author/unique", "value": True},
    )
    assert "后台处理中" in visit.get("/designer/object/book").text
    headers = web.token(web.admin_id)
    work(web)
    described = web.client.get("/api/v1/objects/book", headers=headers).json()["fields"]
    assert {one["key"]: one["building"] for one in described}["author"] == {"unique": "blocked"}
    assert "有记录挡住" in visit.get("/designer/object/book").text
    listed = visit.get("/jobs?all=1").text
    number = listed.split('href="/jobs/')[1].split('"')[0]
    page = visit.get(f"/jobs/{number}").text
    assert "再查一次" in page
    assert "Book 002" in page
    again = visit.post(f"/jobs/{number}/recheck")
    assert again.status_code == 303
    work(web)
    assert "再查一次" in visit.get(again.headers["location"]).text


def test_a_declared_action_is_asked_for_and_done(web: Web, visit: Visit) -> None:
    [book] = shelve(web, 1)
    with web.live.write(acting(web.live)) as unit:
        values = {"name": "Lin", "mobile": "13612347489", "joined_on": "2026-01-02"}
        reader = create(unit, "reader", values).id
        lent = {"book": book, "reader": reader, "lent_on": "2026-03-01"}
        first, second = (create(unit, "loan", lent).id for _ in range(2))
    place = f"/o/loan/{first}/do/give_back"
    assert f'href="{place}" data-dialog' in visit.get(f"/o/loan/{first}").text
    asked = visit.part(place).text
    assert 'name="returned_on"' in asked
    assert 'name="state"' not in asked
    wrong = visit.post_part(place, returned_on="tomorrow")
    assert wrong.status_code == 422
    assert 'value="tomorrow"' in wrong.text
    visit.post(place, returned_on="2026-03-08")
    assert place not in visit.get(f"/o/loan/{first}").text
    assert visit.post_part(place, returned_on="2026-03-09").status_code == 409
    assert 'value="give_back"' in visit.get("/o/loan").text
    chosen = {"action": "give_back", "ids": [str(second)]}
    assert 'name="returned_on"' in visit.post_part("/o/loan/bulk", **chosen).text
    done = visit.post("/o/loan/bulk", confirmed="1", returned_on="2026-03-09", **chosen)
    assert done.headers["location"] == "/o/loan"
    with web.live.read(acting(web.live)) as unit:
        table = unit.snapshot.object("loan").table
        states = [row.state for row in unit.connection.execute(table.select())]
    assert states == ["returned", "returned"]


def test_nobody_is_offered_to_close_his_own_account(web: Web, visit: Visit) -> None:
    other = web.person("Bo", "13800000002", "librarian")
    assert f"/o/user/{other}/do/disable" in visit.get(f"/o/user/{other}").text
    mine = visit.get(f"/o/user/{web.admin_id}").text
    assert "/do/disable" not in mine
    assert "/do/set_roles" in mine
