"""``/mcp``: JSON-RPC messages of the Model Context Protocol, one a request, without a session."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, post
from litestar.exceptions import SerializationException
from litestar.params import RawBody
from litestar.serialization import decode_json, encode_json

from engine.access.idempotency import Answer
from engine.context import Context
from engine.publish.live import LiveSite
from metadata.errors import PlatformError
from ui.api.answers import respond
from ui.errors import fault_of
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.mcp.tools import TOOLS
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")
"""Versions of the protocol that are spoken, the newest first."""
VERSION_HEADER = "mcp-protocol-version"
UNREADABLE, NOT_A_REQUEST, NO_METHOD, WRONG_PARAMS = -32700, -32600, -32601, -32602
BAD, FORBIDDEN, ACCEPTED = 400, 403, 202


class _Refused(Exception):
    """A JSON-RPC error: code and message."""


@post("/mcp", right=SIGNED_IN, sync_to_thread=True, status_code=200)
def post_mcp(
    request: PageRequest, site: GivenSite, context: GivenContext, body: RawBody
) -> Response[bytes]:
    """Answer one message."""
    origin = request.headers.get("origin", "")
    if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
        return _send(_error(None, NOT_A_REQUEST, "origin"), FORBIDDEN)
    named = request.headers.get(VERSION_HEADER, VERSIONS[0])
    try:
        message = decode_json(bytes(body))
    except (SerializationException, RecursionError):
        return _send(_error(None, UNREADABLE, "unreadable JSON"), BAD)
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return _send(_error(None, NOT_A_REQUEST, "not a request"), BAD)
    if named not in VERSIONS and message.get("method") != "initialize":
        return _send(_error(message.get("id"), NOT_A_REQUEST, "unknown protocol version"), BAD)
    if "id" not in message or "method" not in message:
        return respond(Answer(ACCEPTED, b""))  # a notification, or an answer to nothing we asked
    return _send(_answered(site, context, message), 200)


def _answered(site: LiveSite, context: Context, message: Mapping[str, Any]) -> dict[str, Any]:
    params = message.get("params") or {}
    method = METHODS.get(str(message["method"]))
    if method is None:
        return _error(message["id"], NO_METHOD, "unknown method")
    if not isinstance(params, dict):
        return _error(message["id"], WRONG_PARAMS, "params are no object")
    try:
        result = method(site, context, params)
    except _Refused as refused:
        return _error(message["id"], *refused.args)
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


def _initialize(site: LiveSite, context: Context, params: Mapping[str, Any]) -> Any:
    asked = params.get("protocolVersion")
    return {
        "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": "heddle", "version": str(site.snapshot.number)},
        "instructions": translate(context.locale.language, "mcp.instructions"),
    }


def _ping(_site: LiveSite, _context: Context, _params: Mapping[str, Any]) -> Any:
    return {}


def _tools(_site: LiveSite, context: Context, _params: Mapping[str, Any]) -> Any:
    return {"tools": [tool.described(context.locale.language) for tool in TOOLS.values()]}


def _call(site: LiveSite, context: Context, params: Mapping[str, Any]) -> Any:
    """Run a tool; what it refuses is a result too, for the client to read and do better."""
    tool = TOOLS.get(str(params.get("name")))
    asked = params.get("arguments") or {}
    if tool is None or not isinstance(asked, dict):
        raise _Refused(WRONG_PARAMS, "unknown tool")
    try:
        found = tool.call(site, context, asked)
    except PlatformError as error:
        fault = fault_of(error, context.locale.language)
        found = {"code": fault.code, "title": fault.title, "detail": fault.detail,
                 "errors": list(fault.errors)}  # fmt: skip
        return {"content": [_text(found)], "isError": True}
    return {
        "content": [_text(found)],
        "structuredContent": decode_json(encode_json(found)),
        "isError": False,
    }


def _text(found: Any) -> dict[str, str]:
    return {"type": "text", "text": encode_json(found).decode()}


def _error(number: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


def _send(message: Mapping[str, Any], status: int) -> Response[bytes]:
    return respond(Answer(status, encode_json(message)))


METHODS: Mapping[str, Callable[[LiveSite, Context, Mapping[str, Any]], Any]] = {
    "initialize": _initialize,
    "ping": _ping,
    "tools/list": _tools,
    "tools/call": _call,
}
ROUTES = [post_mcp]
