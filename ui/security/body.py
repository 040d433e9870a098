"""How large the body of a request may be; counted while it arrives, whatever it announced."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from metadata.errors import PlatformError
from ui.security.reached import headers_of

MEGABYTE = 1 << 20


class BodyTooLarge(PlatformError):
    """The body is larger than the route takes; ``most`` in megabytes."""

    code = "body_too_large"
    status = 413


def limited(
    scope: Mapping[str, Any], receive: Callable[[], Awaitable[Any]], most: int
) -> Callable[[], Awaitable[Any]]:
    """Give a ``receive`` that refuses a body of more than ``most`` bytes.

    Raises:
        BodyTooLarge: here, when the request announces too much; from the result, as soon as more
            has arrived.
    """
    announced = headers_of(scope).get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    arrived = 0

    async def counted() -> Any:
        nonlocal arrived
        message = await receive()
        if message["type"] == "http.request":
            arrived += len(message.get("body", b""))
            if arrived > most:
                raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(most=round(most / MEGABYTE, 1))
