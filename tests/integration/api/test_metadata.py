"""Metadata by API: a field is drafted, planned, published and is there at once."""

from tests.support.library import added_field
from tests.support.web import Web

Headers = dict[str, str]
DRAFTS = "/api/v1/metadata/drafts"


def test_a_field_by_api_is_there_at_once(web: Web, admin: Headers) -> None:
    change = added_field("x_pages", type="integer", label={"zh-CN": "页数", "en": "Pages"})
    draft = web.client.post(DRAFTS, json={"changes": [change], "note": "页数"}, headers=admin)
    assert draft.status_code == 201, draft.text
    address = draft.headers["location"]
    plan = web.client.get(f"{address}/plan", headers=admin).json()
    assert plan["valid"], plan
    assert plan["ddl"] == ["ALTER TABLE o_book ADD COLUMN x_pages BIGINT;"]
    assert plan["effects"][0]["message"]
    published = web.client.post(f"{address}/publish", headers=admin)
    number = published.json()["metadata_version"]
    made = web.client.post(
        "/api/v1/records/book",
        json={"title": "书", "isbn": "1", "author": "佚名", "x_pages": 120},
        headers=admin,
    )
    assert made.status_code == 201, made.text
    assert made.json()["x_pages"] == 120
    document = web.client.get("/api/v1/openapi.json", headers=admin).json()
    assert document["info"]["version"] == str(number)
    assert "x_pages" in document["components"]["schemas"]["book"]["properties"]
    described = web.client.get("/api/v1/objects/book", headers=admin).json()
    assert "x_pages" in {field["key"] for field in described["fields"]}


def test_a_draft_on_an_old_base_is_told_to_rebase(web: Web, admin: Headers) -> None:
    addresses = [
        web.client.post(DRAFTS, json={"changes": [added_field(key)]}, headers=admin).headers[
            "location"
        ]
        for key in ("x_one", "x_two")
    ]
    assert web.client.post(f"{addresses[0]}/publish", headers=admin).status_code == 200
    late = web.client.post(f"{addresses[1]}/publish", headers=admin)
    assert late.status_code == 409
    assert late.json()["code"] == "draft_outdated"
    plan = web.client.get(f"{addresses[1]}/plan", headers=admin).json()
    assert plan["outdated"]
    assert not plan["valid"]


def test_a_wrong_change_is_explained_where_it_is(web: Web, admin: Headers) -> None:
    change = added_field("x_odd", type="text", max_lenght=5)
    draft = web.client.post(DRAFTS, json={"changes": [change]}, headers=admin)
    plan = web.client.get(f"{draft.headers['location']}/plan", headers=admin).json()
    assert not plan["valid"]
    (problem,) = plan["errors"]
    assert problem["code"] == "unknown_property"
    assert problem["path"].startswith("fields/x_odd")
    assert "max_lenght" in problem["message"]


def test_rollback_and_versions(web: Web, admin: Headers) -> None:
    first = web.client.get("/api/v1/me", headers=admin).json()["metadata_version"]
    draft = web.client.post(DRAFTS, json={"changes": [added_field("x_one")]}, headers=admin)
    web.client.post(f"{draft.headers['location']}/publish", headers=admin)
    back = web.client.post("/api/v1/metadata/rollback", json={"to": first}, headers=admin)
    assert back.json()["metadata_version"] == first + 2
    versions = web.client.get("/api/v1/metadata/versions", headers=admin).json()["items"]
    assert versions[0]["rolls_back_to"] == first
    assert versions[0]["by"]["label"] == "管理员"
    unknown = web.client.post("/api/v1/metadata/rollback", json={"to": 999}, headers=admin)
    assert unknown.status_code == 404
