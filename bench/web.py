"""The whole application in this process, spoken to without a network: one request, one answer."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.world import World
from engine.access.keys import Keys
from engine.access.passwords import Passwords, passwords_of
from engine.access.sessions import SessionRules, open_session
from engine.context import Actor, Context
from engine.personal.columns import remember_page_size
from engine.settings import load_settings
from ui.i18n import STRICT
from ui.security.cookies import SESSION, VISITOR
from ui.security.visitor import CSRF
from ui.server import Application, create_app

HOST = "127.0.0.1:8000"
KEYS = Keys(b"k" * 32)
OK = 200


@dataclass(frozen=True, slots=True)
class Web:
    """A running application and the person who asks it."""

    app: Application
    headers: tuple[tuple[bytes, bytes], ...]

    async def get(self, path: str, *extra: tuple[bytes, bytes]) -> bytes:
        """Ask for a page.

        Raises:
            ValueError: the answer is not 200.
        """
        address, _, query = path.partition("?")
        headers = (*self.headers, *extra)
        status, body = await self._ask("GET", address, query, headers, b"", "127.0.0.1")
        if status != OK:
            raise ValueError(f"{path}: {status}")
        return body

    async def post(self, path: str, form: Mapping[str, str], *, address: str) -> int:
        """Send a form as a stranger at an address; gives the status."""
        visitor = secrets.token_urlsafe(32)
        body = urlencode({**form, "_csrf": KEYS.sign(CSRF, visitor)}).encode()
        headers = (
            (b"host", HOST.encode()),
            (b"cookie", f"{VISITOR}={visitor}".encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"content-length", str(len(body)).encode()),
        )
        return (await self._ask("POST", path, "", headers, body, address))[0]

    async def _ask(
        self,
        method: str,
        path: str,
        query: str,
        headers: tuple[tuple[bytes, bytes], ...],
        body: bytes,
        address: str,
    ) -> tuple[int, bytes]:
        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1", "method": method, "scheme": "http", "root_path": "",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": list(headers), "client": (address, 50000),
            "server": ("127.0.0.1", 8000), "state": {},
        }  # fmt: skip
        status, parts = 0, []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        await self.app(scope, receive, send)
        return status, b"".join(parts)


@asynccontextmanager
async def running_web(
    world: World, person: Actor, folder: Path, *, passwords: Passwords | None = None
) -> AsyncIterator[Web]:
    """Start the application as the server does, with a session of ``person``.

    ``passwords``: None means that nobody will sign in, so the quickest checker will do.
    """
    given = {"HEDDLE_DATA_DIR": str(folder), "HEDDLE_DATABASE_URL": world.url}
    settings = load_settings(given, folder)
    STRICT.on = False  # as the server does
    app = create_app(world.live, settings, KEYS, passwords=passwords or passwords_of(2))
    cookie = f"{SESSION}={sign_in(world, person)}"
    headers = ((b"host", HOST.encode()), (b"cookie", cookie.encode()), (b"accept", b"text/html"))
    async with app.lifespan():
        yield Web(app, headers)
        await asyncio.get_running_loop().shutdown_default_executor()


def choose_page_size(world: World, person: Actor, object_key: str, size: int) -> None:
    """Let somebody see so many rows on a page."""
    with world.live.write(Context(actor=person, now=world.live.clock())) as unit:
        remember_page_size(unit, unit.snapshot.site.list_of(object_key), size)


def sign_in(world: World, person: Actor) -> str:
    """Open a session; gives the value of its cookie."""
    with world.live.database.write() as connection:
        return open_session(
            connection, person.user_id or 0, now=world.live.clock(), rules=SessionRules()
        )
