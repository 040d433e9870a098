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


def test_an_idempotency_key_publishes_once(web: Web, admin: Headers) -> None:
    draft = web.client.post(DRAFTS, json={"changes": [added_field("x_one")]}, headers=admin)
    address = f"{draft.headers['location']}/publish"
    keyed = {**admin, "idempotency-key": "publish-1"}
    first = web.client.post(address, headers=keyed)
    assert first.status_code == 200
    again = web.client.post(address, headers=keyed)
    assert (again.status_code, again.content) == (200, first.content)
    assert web.client.post(address, headers=admin).status_code == 404


def test_a_call_that_failed_may_be_repeated_with_its_key(web: Web, admin: Headers) -> None:
    keyed = {**admin, "idempotency-key": "back"}
    first = web.client.get("/api/v1/me", headers=admin).json()["metadata_version"]
    body = {"to": first + 1}
    assert (
        web.client.post("/api/v1/metadata/rollback", json=body, headers=keyed).status_code == 404
    )
    draft = web.client.post(DRAFTS, json={"changes": [added_field("x_one")]}, headers=admin)
    web.client.post(f"{draft.headers['location']}/publish", headers=admin)
    assert (
        web.client.post("/api/v1/metadata/rollback", json=body, headers=keyed).status_code == 200
    )


def test_a_pack_comes_and_goes(web: Web, admin: Headers) -> None:
    packs = "/api/v1/packs"

    def names() -> set[str]:
        return {one["name"] for one in web.client.get(packs, headers=admin).json()["items"]}

    plan = web.client.post(packs, params={"dry_run": "true"}, json={"name": "crm"}, headers=admin)
    assert plan.json()["valid"], plan.text
    assert "crm" not in {
        one["name"] for one in web.client.get(packs, headers=admin).json()["items"]
    }
    installed = web.client.post(packs, json={"name": "crm"}, headers=admin)
    assert installed.status_code in {200, 201}, installed.text
    assert "crm" in names()
    needed = web.client.delete(f"{packs}/base", headers=admin)
    assert (needed.status_code, needed.json()["code"]) == (409, "pack_needed")
    gone = web.client.delete(f"{packs}/crm", headers=admin)
    assert gone.status_code == 200, gone.text
    assert web.client.post(packs, json={"name": "no_such_pack"}, headers=admin).status_code in {
        404,
        422,
    }
