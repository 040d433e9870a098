"""The whole application over a library site, called in-process: by token, or signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from engine.access.keys import Keys
from engine.access.passwords import passwords_of
from engine.access.tokens import create_token
from engine.people import NewPerson, acting, add_person, make_first_admin
from engine.publish.live import LiveSite
from engine.settings import load_settings
from tests.support.library import library_site
from ui.server import create_app

ADMIN_MOBILE = "13800000000"


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


@contextmanager
def library_web(url: str, folder: Path) -> Iterator[Web]:
    """Serve the library pack with one super-admin, on the empty database at ``url``."""
    live = library_site(url)
    settings = load_settings({"HEDDLE_DATA_DIR": str(folder), "HEDDLE_DATABASE_URL": url}, folder)
    admin = make_first_admin(
        live,
        new=NewPerson(name="管理员", mobile=ADMIN_MOBILE),
        hashed=None,
        root_department="办公室",
    )
    app = create_app(live, settings, Keys(b"k" * 32), passwords=passwords_of(2))
    with TestClient(app=app, base_url="http://127.0.0.1:8000") as client:
        yield Web(live=live, client=client, admin_id=admin)
    live.database.close()
