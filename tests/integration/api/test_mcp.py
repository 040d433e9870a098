"""An AI client reads, drafts and plans by MCP, under its user's rights; it never publishes."""

from typing import Any

import pytest

from tests.support.library import added_field
from tests.support.web import Web

Headers = dict[str, str]
BOOK = {"title": "红楼梦", "author": "曹雪芹", "isbn": "1", "price": "59.70"}


def rpc(web: Web, headers: Headers, method: str, **params: Any) -> Any:
    message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    answer = web.client.post("/mcp", json=message, headers=headers)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["jsonrpc"], told["id"]) == ("2.0", 7)
    return told


def call(web: Web, headers: Headers, name: str, **arguments: Any) -> Any:
    return rpc(web, headers, "tools/call", name=name, arguments=arguments)["result"]


def test_the_handshake(web: Web, admin: Headers) -> None:
    begun = rpc(web, admin, "initialize", protocolVersion="2025-06-18", capabilities={})["result"]
    assert begun["protocolVersion"] == "2025-06-18"
    assert begun["capabilities"]["tools"] == {"listChanged": False}
    other = rpc(web, admin, "initialize", protocolVersion="1999-01-01")["result"]
    assert other["protocolVersion"] == "2025-11-25"
    done = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    answer = web.client.post("/mcp", json=done, headers=admin)
    assert (answer.status_code, answer.content) == (202, b"")
    assert rpc(web, admin, "ping")["result"] == {}
    tools = rpc(web, admin, "tools/list")["result"]["tools"]
    assert all(tool["description"] and tool["inputSchema"]["type"] == "object" for tool in tools)
    assert not any("publish" in tool["name"] for tool in tools)


def test_reading_is_by_right(web: Web, admin: Headers) -> None:
    web.client.post("/api/v1/records/book", json=BOOK, headers=admin)
    listed = call(web, admin, "list_records", object="book",
                  where={"field": "price", "op": "gt", "value": "10"}, limit=5)  # fmt: skip
    assert [one["title"] for one in listed["structuredContent"]["items"]] == ["红楼梦"]
    assert call(web, admin, "read_record", object="book", id=1)["structuredContent"]["id"] == 1
    assert call(web, admin, "search", q="红楼")["structuredContent"]["items"]
    sums = call(web, admin, "aggregate", object="book", measures="sum:price")
    assert sums["structuredContent"]["groups"][0]["values"] == {"sum:price": "59.70"}
    history = call(web, admin, "read_history", object="book", id=1)["structuredContent"]
    assert history["items"][0]["action"] == "create"
    nobody = web.token(web.person("路人", "13900000000", "flow_admin"))
    for name, arguments in (("list_records", {"object": "book"}),
                            ("read_record", {"object": "book", "id": 1}),
                            ("draft_changes", {"changes": []}),
                            ("read_documents", {})):  # fmt: skip
        refused = call(web, nobody, name, **arguments)
        assert refused["isError"], name


def test_a_draft_is_planned_and_nothing_is_published(web: Web, admin: Headers) -> None:
    before = web.live.snapshot.number
    made = call(web, admin, "draft_changes", changes=[added_field("x_pages", type="integer")])
    plan = call(web, admin, "plan_draft", draft=made["structuredContent"]["draft"])
    assert plan["structuredContent"]["valid"]
    assert plan["structuredContent"]["ddl"]
    assert web.client.get("/api/v1/me", headers=admin).json()["metadata_version"] == before


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("list_records", {}),
        ("list_records", {"object": 5}),
        ("list_records", {"object": "book", "limit": 10**30}),
        ("list_records", {"object": "book", "nonsense": 1}),
        ("list_records", {"object": "book", "where": {"field": "nonsense", "op": "eq"}}),
        ("read_record", {"object": "book", "id": True}),
        ("read_documents", {"layer": "nonsense"}),
        ("draft_changes", {"changes": [5]}),
        ("plan_draft", {"draft": 99}),
    ],
    ids=str,
)
def test_what_does_not_fit_is_told_to_the_client(
    web: Web, admin: Headers, name: str, arguments: dict[str, Any]
) -> None:
    refused = call(web, admin, name, **arguments)
    assert refused["isError"]
    assert '"code":' in refused["content"][0]["text"]


def test_broken_messages_get_the_errors_of_the_protocol(web: Web, admin: Headers) -> None:
    assert rpc(web, admin, "resources/list")["error"]["code"] == -32601
    assert rpc(web, admin, "tools/call", name="nonsense")["error"]["code"] == -32602
    for body, code in ((b"{", -32700), (b"[]", -32600), (b'{"id": 1}', -32600)):
        answer = web.client.post("/mcp", content=body, headers=admin)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    elsewhere = {**admin, "origin": "https://evil.example"}
    assert web.client.post("/mcp", json={}, headers=elsewhere).status_code == 403
    old = {**admin, "mcp-protocol-version": "1999-01-01"}
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert web.client.post("/mcp", json=ping, headers=old).status_code == 400
    assert web.client.post("/mcp", json=ping).status_code == 401
    assert web.client.get("/mcp", headers=admin).status_code == 405
