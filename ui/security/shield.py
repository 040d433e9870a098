"""The outermost layer: request ids, allowed hosts, safety headers on every answer."""

import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from engine.settings import Settings
from ui.i18n import language_of, translate
from ui.security.headers import with_safety
from ui.security.reached import headers_of, host_allowed, reached

App = Callable[[Any, Any, Any], Awaitable[None]]
Answered = Callable[[Any, int, float], None]
"""Told of each answer: the request, its status, and when it began."""
MISDIRECTED = 421
FAILED = 500


class Shield:
    """Wraps the whole application, answers to unknown addresses and failures too."""

    def __init__(self, app: App, settings: Settings, answered: Answered) -> None:
        self.app = app
        self.settings = settings
        self.answered = answered

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        found = reached(scope, self.settings)
        state = scope.setdefault("state", {})
        scope["state"] = state | {"request_id": request_id, "reached": found}

        began, status = perf_counter(), FAILED

        async def guarded(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                headers = with_safety(list(message.get("headers", [])), request_id)
                message = {**message, "headers": headers}
            await send(message)

        if not host_allowed(found, self.settings):
            await _refuse(guarded, self._refusal(scope, found.host))
            return
        try:
            await self.app(scope, receive, guarded)
        finally:
            self.answered(scope, status, began)

    def _refusal(self, scope: Any, host: str) -> str:
        wanted = headers_of(scope).get("accept-language", "")
        language = language_of(wanted, self.settings.locale)
        return translate(language, "error.host_not_allowed", host=host)


async def _refuse(send: Any, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": MISDIRECTED, "headers": headers})
    await send({"type": "http.response.body", "body": body})
