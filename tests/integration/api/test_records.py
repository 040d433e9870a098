"""Records by API, from outside: the contract's shapes, statuses and promises."""

import json
from typing import Any

import pytest

from tests.support.web import Web

BOOKS = "/api/v1/records/book"
Headers = dict[str, str]


def book(**more: Any) -> dict[str, Any]:
    return {"title": "红楼梦", "isbn": "978-7-5321-0000-1", "author": "曹雪芹",
            "category": "fiction", "price": "59.70", **more}  # fmt: skip


def make(web: Web, admin: Headers, **more: Any) -> dict[str, Any]:
    made = web.client.post(BOOKS, json=book(**more), headers=admin)
    assert made.status_code == 201, made.text
    return dict(made.json())


def test_create_answers_the_record_where_it_is_and_its_version(web: Web, admin: Headers) -> None:
    made = web.client.post(BOOKS, json=book(), headers=admin)
    assert made.status_code == 201
    record = made.json()
    assert made.headers["location"] == f"{BOOKS}/{record['id']}"
    assert made.headers["etag"].startswith('"1-')
    assert record["price"] == "59.70"
    assert record["created_by"] == {"id": web.admin_id, "label": "管理员"}
    assert web.client.get(made.headers["location"], headers=admin).json() == record


def test_every_fault_of_the_input_is_told_at_once(web: Web, admin: Headers) -> None:
    answer = web.client.post(
        BOOKS, json={"title": "", "price": "12.345", "nonsense": 1}, headers=admin
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["code"] == "invalid_input"
    faults = {(one["field"], one["code"]) for one in problem["errors"]}
    assert {("title", "required"), ("price", "too_many_decimals")} <= faults
    assert any(one["field"] == "nonsense" for one in problem["errors"])
    assert all(one["message"] for one in problem["errors"])


def test_a_change_names_its_version_and_a_stale_one_conflicts_on_the_same_field(
    web: Web, admin: Headers
) -> None:
    address = f"{BOOKS}/{make(web, admin)['id']}"
    assert web.client.patch(address, json={"shelf": "A"}, headers=admin).status_code == 428
    first = web.client.patch(address, json={"shelf": "A", "version": 1}, headers=admin)
    assert (first.status_code, first.json()["version"]) == (200, 2)
    other = {**admin, "if-match": '"1"'}
    assert web.client.patch(address, json={"author": "曹霑"}, headers=other).status_code == 200
    clash = web.client.patch(address, json={"shelf": "B"}, headers=other)
    assert clash.status_code == 409
    assert clash.json()["theirs"] == {"shelf": "A"}
    assert clash.json()["mine"] == {"shelf": "B"}
    assert clash.json()["base"] == {"shelf": None}
    web.client.patch(address, json={"shelf": "C", "version": 3}, headers=admin)
    web.client.patch(address, json={"shelf": "D", "version": 4}, headers=admin)
    third = {**admin, "if-match": '"3"'}
    clash = web.client.patch(address, json={"shelf": "B"}, headers=third).json()
    assert [clash[name]["shelf"] for name in ("base", "theirs", "mine")] == ["A", "D", "B"]


def test_a_conflict_over_a_link_names_what_it_was(web: Web, admin: Headers) -> None:
    person = {"name": "读者", "joined_on": "2026-01-02", "mobile": "13800000007"}
    titles = [{"title": f"书{number}", "author": "人"} for number in range(3)]
    made = [web.client.post(BOOKS, json=one, headers=admin).json() for one in titles]
    books = [one["id"] for one in made]
    reader = web.client.post("/api/v1/records/reader", json=person, headers=admin).json()
    loan = {"reader": reader["id"], "book": books[0], "lent_on": "2026-01-05"}
    lent = web.client.post("/api/v1/records/loan", json=loan, headers=admin).json()
    address = f"/api/v1/records/loan/{lent['id']}"
    web.client.patch(address, json={"book": books[1], "version": 1}, headers=admin)
    clash = web.client.patch(address, json={"book": books[2], "version": 1}, headers=admin)
    told = clash.json()
    assert clash.status_code == 409
    assert [told[name]["book"]["id"] for name in ("base", "theirs", "mine")] == books
    assert told["base"]["book"]["label"] == lent["book"]["label"]


def test_a_deleted_record_is_as_good_as_absent(web: Web, admin: Headers) -> None:
    number = make(web, admin)["id"]
    address = f"{BOOKS}/{number}"
    assert web.client.delete(address, headers=admin).status_code == 204
    gone = web.client.get(address, headers=admin)
    never = web.client.get(f"{BOOKS}/{number + 1000}", headers=admin)
    assert gone.status_code == never.status_code == 404
    assert gone.content == never.content
    back = web.client.post(f"{address}/actions/restore", headers=admin)
    assert back.status_code == 200
    assert web.client.get(address, headers=admin).json()["title"] == "红楼梦"


def test_a_list_filters_sorts_searches_counts_and_pages(web: Web, admin: Headers) -> None:
    for number in range(7):
        make(web, admin, title=f"第{number}卷", isbn=f"978-{number}", price=f"{number}.00")
    dear = {"field": "price", "op": "gte", "value": "2.00"}
    where = json.dumps({"all": [dear, {"field": "title", "op": "starts_with", "value": "第"}]})
    asked = {"where": where, "sort": "-price", "limit": "3", "count": "exact", "fields": "title"}
    first = web.client.get(BOOKS, params=asked, headers=admin).json()
    assert [item["title"] for item in first["items"]] == ["第6卷", "第5卷", "第4卷"]
    assert first["count"] == {"value": 5, "exact": True}
    asked["cursor"] = first["next_cursor"]
    second = web.client.get(BOOKS, params=asked, headers=admin).json()
    assert [item["title"] for item in second["items"]] == ["第3卷", "第2卷"]
    assert second["next_cursor"] is None
    found = web.client.get(BOOKS, params={"q": "3卷"}, headers=admin).json()
    assert [item["title"] for item in found["items"]] == ["第3卷"]


@pytest.mark.parametrize(
    "asked",
    [
        {"where": "{"},
        {"where": '{"field": "nonsense", "op": "eq", "value": 1}'},
        {"where": '{"field": "price", "op": "starts_with", "value": "1"}'},
        {"where": '{"field": "published_on", "op": "eq", "value": "2026-02-30"}'},
        {"sort": "nonsense"},
        {"cursor": "AAAA"},
        {"limit": "0"},
        {"limit": "201"},
        {"scene": "nonsense"},
        {"fields": "title,nonsense"},
        {"were": "typo"},
        {"count": "roughly"},
    ],
    ids=str,
)
def test_a_list_asked_for_wrongly_says_so(web: Web, admin: Headers, asked: dict[str, str]) -> None:
    answer = web.client.get(BOOKS, params=asked, headers=admin)
    assert answer.status_code == 422, answer.text
    assert answer.json()["title"]


def test_an_idempotency_key_makes_a_call_happen_once(web: Web, admin: Headers) -> None:
    keyed = {**admin, "idempotency-key": "once"}
    one = web.client.post(BOOKS, json=book(), headers=keyed)
    two = web.client.post(BOOKS, json=book(), headers=keyed)
    assert one.content == two.content
    assert two.status_code == 201
    other = web.client.post(BOOKS, json=book(isbn="978-1"), headers=keyed)
    assert other.status_code == 422
    found = web.client.get(BOOKS, params={"q": book()["isbn"]}, headers=admin).json()
    assert len(found["items"]) == 1


def test_a_batch_stands_or_falls_together_when_it_is_atomic(web: Web, admin: Headers) -> None:
    rows = [{"op": "create", "values": book()}, {"op": "create", "values": book()}]
    atomic = web.client.post(
        f"{BOOKS}/batch", json={"atomic": True, "rows": rows}, headers=admin
    ).json()
    assert [row["status"] for row in atomic["rows"]] == [424, 422]
    loose = web.client.post(f"{BOOKS}/batch", json={"rows": rows}, headers=admin).json()
    assert [row["status"] for row in loose["rows"]] == [201, 422]
    assert loose["rows"][1]["error"]["errors"][0]["code"] == "not_unique"


def test_history_tells_who_changed_what(web: Web, admin: Headers) -> None:
    address = f"{BOOKS}/{make(web, admin)['id']}"
    web.client.patch(address, json={"price": "60.00", "version": 1}, headers=admin)
    entries = web.client.get(f"{address}/history", headers=admin).json()["items"]
    assert [entry["action"] for entry in entries] == ["update", "create"]
    (change,) = entries[0]["changes"]
    assert change["field"] == "price"
    assert "60.00" in change["after_text"]


def test_without_a_token_nothing_is_told(web: Web) -> None:
    for call in (web.client.get(BOOKS), web.client.post(BOOKS, json=book())):
        assert call.status_code == 401
        assert call.json()["code"] == "not_signed_in"


def test_what_no_role_grants_is_denied(web: Web) -> None:
    nobody = web.token(web.person("路人", "13900000000", "flow_admin"))
    listed = web.client.get("/api/v1/objects", headers=nobody).json()["items"]
    assert "book" not in {one["key"] for one in listed}
    assert web.client.get(BOOKS, headers=nobody).status_code in {403, 404}


def test_a_librarian_may_what_the_role_grants(web: Web) -> None:
    headers = web.token(web.person("李馆员", "13900000001", "librarian"))
    made = web.client.post(BOOKS, json=book(), headers=headers)
    assert made.status_code == 201, made.text
    me = web.client.get("/api/v1/me", headers=headers).json()
    assert me["roles"][0]["key"] == "librarian"
    assert "create" in me["objects"]["book"]
    assert web.client.get("/api/v1/metadata/versions", headers=headers).status_code == 403


def test_nobody_grants_a_role_that_holds_more_than_he_does(web: Web, admin: Headers) -> None:
    manager = web.token(web.person("人事", "13900000002", "people_admin"))
    person = web.person("新人", "13900000003", "librarian")
    address = f"/api/v1/records/user/{person}"
    for role in ("superadmin", "system_admin"):
        body = {"roles": [role, "people_admin"], "version": 1}
        answer = web.client.patch(address, json=body, headers=manager)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "role_not_held"
    kept = {"roles": ["librarian", "people_admin"], "version": 1}
    assert web.client.patch(address, json=kept, headers=manager).status_code == 200
    whole = {"roles": ["superadmin"], "version": 2}
    assert web.client.patch(address, json=whole, headers=admin).status_code == 200


def test_people_are_never_deleted(web: Web, admin: Headers) -> None:
    person = web.person("新人", "13900000003", "librarian")
    answer = web.client.delete(f"/api/v1/records/user/{person}", headers=admin)
    assert answer.status_code == 403
