"""What hangs on records, by API: sums, timeline, explanations, conditional requests."""

import json
from typing import Any

import pytest

from tests.support.web import Web

BOOKS = "/api/v1/records/book"
Headers = dict[str, str]


def make(web: Web, admin: Headers, **more: Any) -> dict[str, Any]:
    book = {"title": "书", "author": "佚名", "price": "10.00", "category": "fiction", **more}
    made = web.client.post(BOOKS, json=book, headers=admin)
    assert made.status_code == 201, made.text
    return dict(made.json())


def test_sums_in_groups_are_exact_and_follow_the_condition(web: Web, admin: Headers) -> None:
    for number, price in enumerate(("0.10", "0.20", "90071992547409.93")):
        make(web, admin, isbn=f"1-{number}", price=price)
    make(web, admin, isbn="2-0", price="5.00", category="history")
    asked = {"group_by": "category", "measures": "sum:price,count,max:price"}
    answer = web.client.get("/api/v1/aggregate/book", params=asked, headers=admin).json()
    groups = {group["keys"]["category"]: group["values"] for group in answer["groups"]}
    assert groups["fiction"] == {
        "sum:price": "90071992547410.23", "count": 3, "max:price": "90071992547409.93",
    }  # fmt: skip
    assert groups["history"]["count"] == 1
    cheap = {"where": json.dumps({"field": "price", "op": "lt", "value": "1"})}
    found = web.client.get("/api/v1/aggregate/book", params=cheap, headers=admin).json()
    assert found["groups"] == [{"keys": {}, "values": {"count": 2}}]


@pytest.mark.parametrize(
    "asked",
    [
        {"measures": "sum:title"},
        {"measures": "median:price"},
        {"group_by": "nonsense"},
        {"by": "x"},
    ],
    ids=str,
)
def test_a_sum_asked_for_wrongly_says_so(web: Web, admin: Headers, asked: dict[str, str]) -> None:
    answer = web.client.get("/api/v1/aggregate/book", params=asked, headers=admin)
    assert answer.status_code == 422, answer.text


def test_the_timeline_tells_kinds_and_pages(web: Web, admin: Headers) -> None:
    address = f"{BOOKS}/{make(web, admin, isbn='1')['id']}"
    for version, price in enumerate(("11.00", "12.00"), 1):
        changed = {"price": price, "version": version}
        assert web.client.patch(address, json=changed, headers=admin).status_code == 200
    first = web.client.get(f"{address}/timeline?limit=2", headers=admin).json()
    assert [item["kind"] for item in first["items"]] == ["record.updated"] * 2
    rest = {"limit": "2", "cursor": first["next_cursor"]}
    second = web.client.get(f"{address}/timeline", params=rest, headers=admin).json()
    assert [item["kind"] for item in second["items"]] == ["record.created"]
    assert second["next_cursor"] is None


def test_access_is_explained_with_the_roles_behind_it(web: Web, admin: Headers) -> None:
    address = f"{BOOKS}/{make(web, admin, isbn='1')['id']}"
    person = web.person("李馆员", "13900000001", "librarian")
    mine = web.client.get(f"{address}/access", headers=web.token(person)).json()
    told = {one["action"]: one for one in mine["actions"]}
    assert told["read"]["allowed"]
    (grant,) = told["read"]["grants"]
    assert (grant["role"], grant["scope"], grant["reaches"]) == ("librarian", "all", True)
    assert all(one["message"] for one in mine["actions"])
    other = web.client.get(f"{address}/access?user={person}", headers=admin).json()
    assert other["user"]["id"] == person
    assert other["actions"] == mine["actions"]
    refused = web.client.get(f"{address}/access?user=1", headers=web.token(person))
    assert refused.status_code == 403


def test_what_is_out_of_scope_is_explained_as_that(web: Web, admin: Headers) -> None:
    make(web, admin, isbn="1")
    reader = {"name": "王小明", "mobile": "13900000099", "joined_on": "2026-01-05"}
    web.client.post("/api/v1/records/reader", json=reader, headers=admin)
    loan = {"book": 1, "reader": 1, "lent_on": "2026-11-01", "due_on": "2026-12-01"}
    made = web.client.post("/api/v1/records/loan", json=loan, headers=admin)
    caller = web.token(web.person("李馆员", "13900000001", "librarian"))
    found = web.client.get(f"{made.headers['location']}/access", headers=caller).json()
    told = {one["action"]: one["reason"] for one in found["actions"]}
    assert (told["read"], told["update"], told["delete"]) == (
        "granted", "out_of_scope", "out_of_scope",
    )  # fmt: skip
    answer = web.client.patch(
        made.headers["location"], json={"version": 1, "due_on": "2026-12-02"}, headers=caller
    )
    assert answer.status_code == 403


def test_a_tag_stands_for_what_was_answered(web: Web, admin: Headers) -> None:
    made = web.client.post(
        BOOKS, json={"title": "书", "author": "佚名", "isbn": "1"}, headers=admin
    )
    address, tag = made.headers["location"], made.headers["etag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        known = web.client.get(address, headers={**admin, "if-none-match": header})
        assert (known.status_code, known.content) == (304, b"")
        assert known.headers["etag"] == tag
    changed = web.client.patch(address, json={"title": "书二"}, headers={**admin, "if-match": tag})
    assert changed.status_code == 200
    again = web.client.get(address, headers={**admin, "if-none-match": tag})
    assert (again.status_code, again.headers["etag"]) == (200, changed.headers["etag"])


@pytest.mark.parametrize(
    ("header", "body", "status"),
    [
        ("*", {}, 428),
        ("nonsense", {}, 422),
        ('"1"', {"version": 2}, 422),
        ('"1"', {"version": 1}, 200),
        ("", {"version": True}, 422),
        ("", {"version": 10**30}, 422),
        ("", {"version": "1"}, 200),
    ],
)
def test_the_version_is_named_once_and_well(
    web: Web, admin: Headers, header: str, body: dict[str, Any], status: int
) -> None:
    address = f"{BOOKS}/{make(web, admin, isbn='1')['id']}"
    headers = {**admin, **({"if-match": header} if header else {})}
    answer = web.client.patch(address, json={"title": "新", **body}, headers=headers)
    assert answer.status_code == status, answer.text


def test_the_document_is_not_sent_twice(web: Web, admin: Headers) -> None:
    first = web.client.get("/api/v1/openapi.json", headers=admin)
    known = {**admin, "if-none-match": first.headers["etag"]}
    assert web.client.get("/api/v1/openapi.json", headers=known).status_code == 304


def test_a_number_that_no_database_holds_names_nothing(web: Web, admin: Headers) -> None:
    for address in (f"{BOOKS}/{10**30}", f"/api/v1/jobs/{2**63}"):
        assert web.client.get(address, headers=admin).status_code == 404


def test_batch_refuses_what_nobody_reads(web: Web, admin: Headers) -> None:
    for body in (
        {"rows": [], "atomik": True},
        {"rows": [], "atomic": "yes"},
        {"rows": [{"op": "create", "value": {}}]},
        {"rows": [{"op": "delete", "id": 2**70}]},
    ):
        answer = web.client.post(f"{BOOKS}/batch", json=body, headers=admin)
        assert answer.status_code == 422, body


def test_an_unknown_action_is_not_there(web: Web, admin: Headers) -> None:
    address = f"{BOOKS}/{make(web, admin, isbn='1')['id']}/actions/nonsense"
    answer = web.client.post(address, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_action")
