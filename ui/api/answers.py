"""Answers of the API: JSON, and unsafe calls that are done once per ``Idempotency-Key``."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import MediaType, Response
from litestar.exceptions import ClientException, SerializationException
from litestar.serialization import decode_json, encode_json

from engine.access.idempotency import (
    Answer,
    KeyedCall,
    claim,
    give_up,
    keyed_call,
    once,
    settle,
)
from engine.context import Context
from engine.errors import FieldError, InvalidInput
from engine.publish.live import LiveSite
from engine.storage.snapshot import Unit
from ui.request import PageRequest

KEY_HEADER = "idempotency-key"


def answer(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Give data as an answer that can be stored."""
    body = b"" if data is None else encode_json(data)
    return Answer(status=status, body=body, headers=headers or {})


def respond(given: Answer) -> Response[bytes]:
    """Send an answer."""
    return Response(
        given.body,
        status_code=given.status,
        media_type=MediaType.JSON,
        headers={**given.headers, "cache-control": "no-store"},
    )


def write_once(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    data: Any,
    work: Callable[[Unit], Answer],
) -> Response[bytes]:
    """Do ``work`` in one transaction, or repeat the answer that the same call got before."""
    return respond(stored_once(request, site, context, data, work))


def stored_once(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    data: Any,
    work: Callable[[Unit], Answer],
) -> Answer:
    """Give what `write_once` sends: for answers that show more than may be stored."""
    call = _call(request, encode_json(data))
    with site.write(context, brief=True) as unit:
        return once(unit, call, lambda: work(unit))


def act_once(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    body: bytes,
    work: Callable[[], Answer],
) -> Response[bytes]:
    """Do ``work``, which opens transactions of its own, or repeat the answer it got before."""
    call = _call(request, body)
    if call is None:
        return respond(work())
    with site.write(context, brief=True) as unit:
        known = claim(unit, call)
    if known is not None:
        return respond(known)
    try:
        given = work()
    except BaseException:
        with site.write(context, brief=True) as unit:
            give_up(unit, call)
        raise
    with site.write(context, brief=True) as unit:
        settle(unit, call, given)
    return respond(given)


def _call(request: PageRequest, body: bytes) -> KeyedCall | None:
    key = request.headers.get(KEY_HEADER)
    address = f"{request.url.path}?{request.url.query}"
    return keyed_call(key, request.method, address, body) if key else None


def mapping_of(data: Any) -> dict[str, Any]:
    """Give the body as a mapping.

    Raises:
        InvalidInput: it is something else.
    """
    if not isinstance(data, dict):
        raise InvalidInput([FieldError("", "not_an_object")])
    return data


def body_of(body: bytes) -> dict[str, Any]:
    """Read a body that may be left out: nothing at all is an empty mapping.

    Raises:
        ClientException: it is no JSON.
        InvalidInput: it is something else than a mapping.
    """
    if not body.strip():
        return {}
    try:
        return mapping_of(decode_json(body))
    except (SerializationException, RecursionError):
        raise ClientException("unreadable JSON") from None


def only(body: Mapping[str, Any], *known: str, at: str = "") -> None:
    """Refuse keys that nobody reads; ``at`` stands before their names.

    Raises:
        InvalidInput: names them.
    """
    unknown = sorted(set(body) - set(known))
    if unknown:
        raise InvalidInput([FieldError(at + name, "unknown_field") for name in unknown])


def json_parameter(name: str, text: str) -> Any:
    """Read a query parameter that holds JSON.

    Raises:
        InvalidInput: it is no JSON.
    """
    try:
        return decode_json(text.encode())
    except (SerializationException, RecursionError):
        raise InvalidInput([FieldError(name, "not_json")]) from None
