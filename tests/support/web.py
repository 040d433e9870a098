"""The whole application over a library site, called in-process: by token, or signed in."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from engine.access.keys import Keys
from engine.access.passwords import FLOOR_ROUNDS, Passwords, passwords_of
from engine.access.sessions import SessionRules, open_session
from engine.access.signed_in import read_signed_in
from engine.access.tokens import create_token
from engine.people import (
    NewPerson,
    acting,
    add_person,
    make_first_admin,
    make_sign_in_link,
)
from engine.publish.live import LiveSite
from engine.settings import Settings, load_settings
from tests.support.library import library_site, opened, publish
from tests.support.templates import fill
from ui.built import load_assets
from ui.server import Application, make_services, routed
from ui.views import Views

ADMIN_MOBILE = "13800000000"
PART = {"hx-request": "true", "hx-request-type": "partial"}
CSRF = re.compile(r'name="_csrf" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser of its own in which somebody is signed in."""

    client: TestClient[Any]
    csrf: str

    def get(self, path: str) -> Any:
        """Ask for a page, as a browser does; redirects are not followed."""
        return self.client.get(path, follow_redirects=False)

    def part(self, path: str) -> Any:
        """Ask for a fragment, as htmx does."""
        return self.client.get(path, headers=PART, follow_redirects=False)

    def post(self, path: str, /, **data: Any) -> Any:
        """Send a form; a list gives a name several times."""
        return self._send(path, data, {})

    def post_part(self, path: str, /, **data: Any) -> Any:
        """Send a form as htmx does, for a fragment."""
        return self._send(path, data, PART)

    def _send(self, path: str, data: dict[str, Any], headers: dict[str, str]) -> Any:
        form = {"_csrf": self.csrf, **data}
        return self.client.post(path, data=form, headers=headers, follow_redirects=False)


@dataclass(frozen=True, slots=True)
class Web:
    """A running application: ``client`` speaks to it, ``live`` is what it serves."""

    live: LiveSite
    client: TestClient[Any]
    admin_id: int

    def token(self, user_id: int) -> dict[str, str]:
        """Give the headers of an API call that acts as a user."""
        with self.live.database.write() as connection:
            _, secret = create_token(
                connection, user_id, name="test", days=None, now=self.live.clock()
            )
        return {"authorization": f"Bearer {secret}"}

    def person(self, name: str, mobile: str, *roles: str) -> int:
        """Make an active user with roles; gives the id."""
        new = NewPerson(name=name, mobile=mobile, roles=roles)
        with self.live.write(acting(self.live)) as unit:
            return add_person(unit, new)

    def session(self, user_id: int) -> tuple[str, str]:
        """Open a session for somebody; gives what its cookie holds, and its CSRF token."""
        rules, now = SessionRules(), self.live.clock()
        with self.live.database.write() as connection:
            secret = open_session(connection, user_id, now=now, rules=rules)
        with self.live.read(acting(self.live)) as unit:
            found = read_signed_in(unit.connection, unit.snapshot, secret, now=now, rules=rules)
        assert found is not None
        return secret, found[0].csrf

    def sign_in(self, mobile: str = ADMIN_MOBILE) -> Visit:
        """Sign somebody in by a one-time link, in a browser of his own."""
        client = TestClient(app=self.client.app, base_url=str(self.client.base_url))
        link = f"/sign-in/link/{make_sign_in_link(self.live, mobile)}"
        assert client.get(link, follow_redirects=False).status_code == 303
        found = CSRF.search(client.get("/profile").text)
        assert found
        return Visit(client, found[1])


@contextmanager
def library_web(url: str, folder: Path, *changes: dict[str, Any]) -> Iterator[Web]:
    """Serve the library pack with one super-admin, on the empty database at ``url``.

    Args:
        url: of the database.
        folder: of the files.
        changes: published before anything begins; what the tests of a file all need.
    """
    told = hashlib.sha256(json.dumps(changes, sort_keys=True).encode()).hexdigest()
    admin = fill(url, f"web_{told[:12]}", partial(_administered, changes=changes))
    live = opened(url)
    settings = load_settings({"HEDDLE_DATA_DIR": str(folder), "HEDDLE_DATABASE_URL": url}, folder)
    with (
        served(live, settings, quick_passwords()) as app,
        TestClient(app=app, base_url="http://127.0.0.1:8000") as client,
    ):
        yield Web(live=live, client=client, admin_id=admin)
    live.database.close()


@contextmanager
def served(live: LiveSite, settings: Settings, passwords: Passwords) -> Iterator[Application]:
    """Lend an application that serves this site: to assemble its routes costs more than a test.

    Nobody else has it meanwhile; templates stay compiled for whoever comes next.
    """
    app = _idle.pop() if _idle else routed()
    app.serve(make_services(live, settings, Keys(b"k" * 32), passwords, _views()))
    yield app
    _idle.append(app)


@cache
def quick_passwords() -> Passwords:
    """Give the weakest checker that the product allows."""
    return passwords_of(FLOOR_ROUNDS)


_idle: list[Application] = []


@cache
def _views() -> Views:
    return Views(load_assets())


def _administered(url: str, changes: Sequence[dict[str, Any]]) -> int:
    live = library_site(url)
    admin = make_first_admin(
        live,
        new=NewPerson(name="管理员", mobile=ADMIN_MOBILE),
        hashed=None,
        root_department="办公室",
    )
    if changes:
        publish(live, *changes)
    live.database.close()
    return admin
