"""Bulk actions by API: ordered once, an outcome for each record, taken back."""

from typing import Any

from engine.bulk.run import bulk_handlers
from engine.context import Locale
from engine.worker.runner import JobRunner
from tests.support.web import Web

BOOKS = "/api/v1/records/book"
Headers = dict[str, str]


def make(web: Web, admin: Headers, count: int) -> list[int]:
    ids = []
    for number in range(count):
        body = {"title": f"B{number}", "author": "Lin"}
        ids.append(web.client.post(BOOKS, json=body, headers=admin).json()["id"])
    return ids


def order(web: Web, admin: Headers, verb: str, **body: Any) -> dict[str, Any]:
    sent = web.client.post(f"{BOOKS}/actions/{verb}", json=body, headers=admin)
    assert sent.status_code == 202, sent.text
    return dict(sent.json())


def run(web: Web, admin: Headers, job: dict[str, Any]) -> dict[str, Any]:
    JobRunner(web.live, bulk_handlers(Locale())).run_waiting()
    return dict(web.client.get(f"/api/v1/jobs/{job['id']}", headers=admin).json())


def test_an_edit_of_ids_and_its_undo(web: Web, admin: Headers) -> None:
    ids = make(web, admin, 3)
    job = order(web, admin, "edit", ids=[*ids, 999], values={"author": "Cao"})
    assert job["state"] == "queued"
    done = run(web, admin, job)
    assert (done["state"], done["done"], done["total"]) == ("done", 4, 4)
    assert done["counts"] == {"done": 3, "failed": 1}
    rows = web.client.get(f"/api/v1/jobs/{job['id']}/rows?limit=3", headers=admin).json()
    assert [one["state"] for one in rows["items"]] == ["done"] * 3
    failed = web.client.get(
        f"/api/v1/jobs/{job['id']}/rows?after={rows['next_after']}", headers=admin
    ).json()["items"]
    assert [(one["id"], one["code"]) for one in failed] == [(999, "record_not_found")]
    assert failed[0]["message"]
    web.client.patch(f"{BOOKS}/{ids[0]}", json={"author": "Hu", "version": 2}, headers=admin)
    undo = web.client.post(f"/api/v1/jobs/{job['id']}/undo", headers=admin)
    assert undo.status_code == 202
    undone = run(web, admin, undo.json())
    assert undone["counts"] == {"done": 2, "skipped": 1}
    read = [web.client.get(f"{BOOKS}/{one}", headers=admin).json()["author"] for one in ids]
    assert read == ["Hu", "Lin", "Lin"]


def test_the_same_call_orders_once(web: Web, admin: Headers) -> None:
    make(web, admin, 2)
    keyed = {**admin, "idempotency-key": "k-1"}
    first, second = (order(web, keyed, "delete") for _ in range(2))
    assert first["id"] == second["id"]
    assert run(web, admin, first)["counts"] == {"done": 2}
    listed = web.client.get("/api/v1/jobs", headers=admin).json()["items"]
    assert [one["id"] for one in listed] == [first["id"]]


def test_a_condition_chooses(web: Web, admin: Headers) -> None:
    make(web, admin, 3)
    where = {"field": "title", "op": "eq", "value": "B1"}
    done = run(web, admin, order(web, admin, "edit", where=where, values={"author": "Cao"}))
    assert (done["total"], done["counts"]) == (1, {"done": 1})


def test_what_makes_no_sense_is_refused(web: Web, admin: Headers) -> None:
    ids = make(web, admin, 1)
    bad: list[tuple[str, Any]] = [
        ("edit", {"ids": ids}),
        ("edit", {"ids": ids, "values": []}),
        ("edit", {"ids": ids, "values": {"price": "x"}}),
        ("edit", {"ids": ids, "values": {"nothing": "x"}}),
        ("delete", {"ids": ids, "values": {"author": "x"}}),
        ("delete", {"ids": ids, "where": {"field": "title", "op": "eq", "value": "B0"}}),
        ("delete", {"ids": ["1"]}),
        ("delete", {"ids": ids, "more": 1}),
        ("explode", {"ids": ids}),
        ("delete", {"where": {"field": "nothing", "op": "eq", "value": 1}}),
    ]
    for verb, body in bad:
        sent = web.client.post(f"{BOOKS}/actions/{verb}", json=body, headers=admin)
        assert sent.status_code == 422, (verb, body, sent.text)
    assert web.client.get("/api/v1/jobs", headers=admin).json()["items"] == []


def test_rights_are_asked(web: Web, admin: Headers) -> None:
    make(web, admin, 1)
    guest = web.token(web.person("访客", "13800000009", "people_admin"))
    sent = web.client.post(f"{BOOKS}/actions/delete", json={}, headers=guest)
    assert sent.status_code == 404
    job = order(web, admin, "delete")
    for path in (f"/api/v1/jobs/{job['id']}", f"/api/v1/jobs/{job['id']}/rows"):
        assert web.client.get(path, headers=guest).status_code == 404
    assert web.client.post(f"/api/v1/jobs/{job['id']}/undo", headers=guest).status_code == 404
    assert web.client.get("/api/v1/jobs?all=true", headers=guest).json()["items"] == []


def test_a_cancelled_job_goes_on_when_asked(web: Web, admin: Headers) -> None:
    make(web, admin, 2)
    job = order(web, admin, "delete")
    stopped = web.client.post(f"/api/v1/jobs/{job['id']}/cancel", headers=admin)
    assert stopped.json()["state"] == "cancelled"
    again = web.client.post(f"/api/v1/jobs/{job['id']}/resume", headers=admin)
    assert again.status_code == 202
    assert run(web, admin, job)["counts"] == {"done": 2}
    assert web.client.post(f"/api/v1/jobs/{job['id']}/resume", headers=admin).status_code == 403


def test_a_declared_action_of_one_and_of_many(web: Web, admin: Headers) -> None:
    make(web, admin, 1)
    reader = {"name": "Lin", "mobile": "13612347489", "joined_on": "2026-01-02"}
    of = web.client.post("/api/v1/records/reader", json=reader, headers=admin).json()["id"]
    lent = {"book": 1, "reader": of, "lent_on": "2026-03-01"}
    first, second = (
        web.client.post("/api/v1/records/loan", json=lent, headers=admin).json()["id"]
        for _ in range(2)
    )
    address = f"/api/v1/records/loan/{first}/actions/give_back"
    refused = web.client.post(address, json={"state": "lost"}, headers=admin)
    assert refused.json()["errors"][0]["code"] == "unknown_field"
    given = web.client.post(address, json={"returned_on": "2026-03-08"}, headers=admin)
    assert (given.status_code, given.json()["state"]) == (200, "returned")
    again = web.client.post(address, json={}, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "action_not_possible")
    history = web.client.get(f"/api/v1/records/loan/{first}/history", headers=admin).json()
    assert history["items"][0]["action"] == "give_back"
    many = "/api/v1/records/loan/actions/give_back"
    body = {"ids": [first, second], "returned_on": "2026-03-09"}
    job = web.client.post(many, json=body, headers=admin).json()
    assert run(web, admin, job)["counts"] == {"done": 1, "failed": 1}
    paths = web.client.get("/api/v1/openapi.json", headers=admin).json()["paths"]
    assert {many, "/api/v1/records/loan/{id}/actions/give_back"} <= paths.keys()
