"""A library with an administrator and a clock that stands still."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.access.passwords import FLOOR_ROUNDS, Passwords, passwords_of
from engine.people import NewPerson, acting, add_person, make_first_admin
from engine.publish.live import LiveSite
from tests.support.library import library_site

ADMIN = "13800000000"
PASSWORD = "warp-weft-7391"


@dataclass(slots=True)
class Clock:
    """Gives the instant it is set to."""

    now: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@dataclass(frozen=True, slots=True)
class Place:
    """One site. ``admin`` is the id of its only super-admin, whose password is `PASSWORD`."""

    live: LiveSite
    clock: Clock
    passwords: Passwords
    admin: int

    def hire(self, name: str, mobile: str, *roles: str, state: str = "active") -> int:
        with self.live.write(acting(self.live)) as unit:
            new = NewPerson(name=name, mobile=mobile, roles=roles or ("librarian",), state=state)
            return add_person(unit, new)


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    return passwords_of(FLOOR_ROUNDS)


@pytest.fixture(scope="session")
def hashed(passwords: Passwords) -> str:
    """`PASSWORD` as it is stored."""
    return passwords.hash(PASSWORD)


@pytest.fixture
def bare(new_database_url: str) -> Iterator[LiveSite]:
    """A site that nobody administers."""
    live = library_site(new_database_url)
    live.clock = Clock()
    yield live
    live.database.close()


@pytest.fixture
def place(bare: LiveSite, passwords: Passwords, hashed: str) -> Place:
    return administered(bare, passwords, hashed)


@pytest.fixture
def quick_place(tmp_path: Path, passwords: Passwords, hashed: str) -> Iterator[Place]:
    """The same on SQLite alone, for what no database has a part in."""
    live = library_site(f"sqlite:///{tmp_path / 'quick.db'}")
    live.clock = Clock()
    yield administered(live, passwords, hashed)
    live.database.close()


def administered(live: LiveSite, passwords: Passwords, hashed: str) -> Place:
    """Give a bare site its administrator."""
    admin = make_first_admin(
        live,
        new=NewPerson(name="Ann Weaver", mobile=ADMIN),
        hashed=hashed,
        root_department="Office",
    )
    assert isinstance(live.clock, Clock)
    return Place(live, live.clock, passwords, admin)
