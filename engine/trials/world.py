"""The world of one test: an empty site with the pack, a clock that stands still, its people."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.access.actors import read_actor
from engine.access.scope import USER
from engine.context import NOBODY, SYSTEM, Context, Locale
from engine.people import NewPerson, add_person
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.create import create
from engine.records.writing import Writing
from engine.seeds import install_first
from engine.storage.database import Database
from engine.storage.snapshot import Unit
from metadata.check_tests import linked
from metadata.load import Pack
from metadata.pack_tests import DEFAULT_AT

DEPARTMENT = "department"
ROOT = "Company"
TRUSTED = Writing(system_fields=True, unversioned=True, check_links=False)


class Clock:
    """Gives the present of a test; it passes only when the test waits."""

    def __init__(self) -> None:
        """Stand at the default moment."""
        self.now = moment(DEFAULT_AT)

    def __call__(self) -> datetime:
        """Give the moment."""
        return self.now


def moment(text: str) -> datetime:
    """Read a moment of a test; without a zone it is one of the company."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=Locale().zone)).astimezone(UTC)


class Template:
    """A database with the packs and nothing else, of which every test gets a copy."""

    def __init__(self, folder: Path, packs: Sequence[Pack]) -> None:
        """Install the packs.

        Raises:
            MetadataInvalid: they do not fit together.
        """
        self._folder = folder
        self._copies = 0
        self._file = folder / "template.db"
        live = LiveSite(Database(f"sqlite:///{self._file}"), clock=Clock())
        install_first(live, packs)
        live.database.close()
        self._live = live

    def world(self, given: Mapping[str, Any]) -> "World":
        """Make the world of one test."""
        self._copies += 1
        file = self._folder / f"test{self._copies}.db"
        shutil.copy(self._file, file)
        clock = Clock()
        clock.now = moment(given.get("at", DEFAULT_AT))
        live = LiveSite(Database(f"sqlite:///{file}"), clock=clock)
        if self._live.compiled is not None:
            live.adopt(self._live.compiled, self._live.snapshot)
        return World(live, clock)


class World:
    """What a test acts on; ``names`` are its people, departments and records."""

    def __init__(self, live: LiveSite, clock: Clock) -> None:
        """Begin with a company of nobody."""
        self.live = live
        self._clock = clock
        self.names: dict[str, tuple[str, int]] = {}

    def close(self) -> None:
        """Let go of the database."""
        self.live.database.close()

    def wait(self, how_long: Mapping[str, int]) -> None:
        """Let time pass."""
        self._clock.now += timedelta(**how_long)

    def context(self, name: str | None) -> Context:
        """Give the context of one of the people; of the platform itself for nobody."""
        if name is None:
            return Context(actor=SYSTEM, now=self._clock())
        _, user_id = self.names[name]
        with self.live.read(Context(actor=SYSTEM, now=self._clock())) as unit:
            actor = read_actor(unit.connection, unit.snapshot, user_id)
        return Context(actor=actor or NOBODY, now=self._clock())

    def settle(self, given: Mapping[str, Any]) -> None:
        """Make departments and people; whoever has no department belongs to the root."""
        with self.live.write(self.context(None)) as unit:
            root = create(unit, DEPARTMENT, {"name": ROOT}, writing=TRUSTED).id
            for key, one in given.get("departments", {}).items():
                parent = self.names[one["parent"]][1] if "parent" in one else root
                values = {"name": key, "parent": parent}
                made = create(unit, DEPARTMENT, values, writing=TRUSTED).id
                self.names[key] = (DEPARTMENT, made)
            people = given.get("people", {})
            for number, (key, one) in enumerate(people.items(), 1):
                place = self.names[one["department"]][1] if "department" in one else root
                new = NewPerson(
                    name=key,
                    mobile=f"139{number:08d}",
                    roles=tuple(one.get("roles", ())),
                    department_id=place,
                )
                self.names[key] = (USER, add_person(unit, new))
            for key, one in people.items():
                if "manager" in one:
                    values = {"manager": self.names[one["manager"]][1]}
                    number = self.names[key][1]
                    change(unit, USER, number, values, version=None, writing=TRUSTED)

    def meant(self, unit: Unit, owner: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give values as the gateways take them: names of the test become ids."""
        fields = unit.snapshot.object(owner).definition.fields
        return {
            key: self.named(value, whole=fields[key].type == "any_link")
            if key in fields and linked(fields[key])
            else value
            for key, value in values.items()
        }

    def named(self, value: Any, *, whole: bool = False) -> Any:
        """Give the id for a name; ``whole``: with its object."""
        if isinstance(value, list):
            return [self.named(one, whole=whole) for one in value]
        if not isinstance(value, str) or value not in self.names:
            return value
        owner, number = self.names[value]
        return {"object": owner, "id": number} if whole else number
