"""A token may be narrower than its user, never wider."""

import pytest

from engine.access.limits import parse_scopes
from engine.access.tokens import create_token
from engine.errors import InvalidInput
from tests.support.library import added_field
from tests.support.web import Web

BOOKS = "/api/v1/records/book"
DRAFTS = "/api/v1/metadata/drafts"
BOOK = {"title": "红楼梦", "author": "曹雪芹", "isbn": "1"}
Headers = dict[str, str]


def narrow(web: Web, *words: str) -> Headers:
    with web.live.database.write() as connection:
        scopes = parse_scopes(words, web.live.snapshot.objects)
        _, secret = create_token(
            connection, web.admin_id, name="n", days=None, now=web.live.clock(), scopes=scopes
        )
    return {"authorization": f"Bearer {secret}"}


def test_a_reading_token_reads_and_no_more(web: Web, admin: Headers) -> None:
    assert web.client.post(BOOKS, json=BOOK, headers=admin).status_code == 201
    reading = narrow(web, "read")
    assert web.client.get(f"{BOOKS}/1", headers=reading).status_code == 200
    assert web.client.post(BOOKS, json=BOOK, headers=reading).status_code == 403
    assert web.client.delete(f"{BOOKS}/1", headers=reading).status_code == 403
    assert web.client.get(f"{DRAFTS}/1/plan", headers=reading).status_code == 403
    me = web.client.get("/api/v1/me", headers=reading).json()
    assert set(me["objects"]["book"]) <= {"read", "read_list", "export"}
    paths = web.client.get("/api/v1/openapi.json", headers=reading).json()["paths"]
    assert "post" not in paths[BOOKS]
    told = web.client.get(f"{BOOKS}/1/access", headers=reading).json()["actions"]
    reasons = {one["action"]: one["reason"] for one in told}
    assert reasons["update"] == "token_scope"


def test_a_token_for_one_object_sees_no_other_even_through_links(web: Web, admin: Headers) -> None:
    assert web.client.post(BOOKS, json=BOOK, headers=admin).status_code == 201
    loans = narrow(web, "write", "object:loan")
    assert web.client.get("/api/v1/records/loan", headers=loans).status_code == 200
    through = web.client.get("/api/v1/records/loan?fields=book.title", headers=loans)
    assert through.status_code == 422
    # The same columns, asked for by the whole user before, must not open them.
    wide = web.client.get("/api/v1/records/loan?fields=book.author", headers=admin)
    assert wide.status_code == 200
    again = web.client.get("/api/v1/records/loan?fields=book.author", headers=loans)
    assert again.status_code == 422
    assert web.client.get(f"{BOOKS}/1", headers=loans).status_code == 404
    assert web.client.get("/api/v1/search?q=红楼", headers=loans).json()["items"] == []


def test_a_drafting_token_never_publishes(web: Web, admin: Headers) -> None:
    drafting = narrow(web, "read", "metadata")
    body = {"changes": [added_field("x_one")]}
    draft = web.client.post(DRAFTS, json=body, headers=drafting)
    assert draft.status_code == 201
    address = draft.headers["location"]
    assert web.client.get(f"{address}/plan", headers=drafting).json()["valid"]
    assert web.client.post(f"{address}/publish", headers=drafting).status_code == 403
    assert (
        web.client.post("/api/v1/metadata/rollback", json={"to": 1}, headers=drafting).status_code
        == 403
    )
    assert (
        web.client.post("/api/v1/packs", json={"name": "crm"}, headers=drafting).status_code == 403
    )
    assert web.client.post(f"{address}/publish", headers=narrow(web, "publish")).status_code == 200


@pytest.mark.parametrize("words", [("nonsense",), ("object:nonsense", "read"), ("object:book",)])
def test_scopes_that_say_nothing_are_refused(web: Web, words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        parse_scopes(words, web.live.snapshot.objects)


def test_a_token_of_the_profile_page_may_be_narrow(web: Web) -> None:
    visit = web.sign_in()
    shown = visit.post("/profile/tokens", name="n", days="", scope="read").text
    secret = shown.split('id="new-token">')[1].split("<")[0]
    headers = {"authorization": f"Bearer {secret}"}
    assert web.client.get(BOOKS, headers=headers).status_code == 200
    assert web.client.post(BOOKS, json=BOOK, headers=headers).status_code == 403


def test_a_token_of_the_profile_page_may_be_of_one_object(web: Web) -> None:
    visit = web.sign_in()
    page = visit.post("/profile/tokens", name="n", days="", scope="read", object="reader").text
    secret = page.split('id="new-token">')[1].split("<")[0]
    headers = {"authorization": f"Bearer {secret}"}
    assert web.client.get("/api/v1/records/reader", headers=headers).status_code == 200
    assert web.client.get(BOOKS, headers=headers).status_code == 404
    wrong = visit.post("/profile/tokens", name="n", days="", scope="read", object="nonsense")
    assert wrong.status_code == 422
    assert "nonsense" in wrong.text
