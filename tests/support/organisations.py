"""Random companies, and in plain Python what everybody in them may reach: a model to compare with.

A `Company` is made of numbers and words alone. It knows nothing of tables and statements, and
what it says of reach is written as the documentation says it, person by person and record by
record, however slow that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from metadata.model import ObjectGrant, RoleDef
from tests.support.worlds import NOW

TEAM_LEVEL = {"read": "read", "read_list": "read", "follow_up": "read", "update": "write"}
"""The least level of membership for each action that a team helps with."""
GRANTS: Mapping[str, Mapping[str, str]] = {
    "own": {"read": "own", "update": "own", "delete": "own", "follow_up": "own"},
    "reader": {"read": "all", "export": "own"},
    "head": {"read": "own_and_reports", "update": "own"},
    "desk": {"read": "department", "update": "department", "delete": "own"},
    "branch": {"read": "department_tree", "update": "own_and_reports", "export": "department"},
    "chosen": {"read": "chosen_departments", "update": "own"},
    "other": {"read": "chosen_departments", "update": "chosen_departments"},
    "blind": {"update": "all", "delete": "all"},
}
"""What each role grants on the object of the records."""
ACTIONS = ("read", "read_list", "update", "delete", "export", "follow_up")


@dataclass(frozen=True, slots=True)
class Someone:
    """A person: whose report he is, where he is, what he may."""

    id: int
    manager: int | None
    department: int | None
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """A record that somebody owns."""

    id: int
    owner: int | None
    binned: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Somebody's place in the team of a record."""

    record: int
    user: int
    level: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Company:
    """People in departments, records in teams. ``parents``: department -> the one above it."""

    parents: Mapping[int, int | None]
    people: Sequence[Someone]
    things: Sequence[Thing]
    shares: Sequence[Share]
    chosen: Mapping[str, frozenset[int]]
    now: datetime = NOW

    def person(self, number: int) -> Someone:
        """Give a person by id."""
        return next(one for one in self.people if one.id == number)

    def below(self, manager: int) -> set[int]:
        """Give everybody who reports to somebody, however many steps away."""
        found: set[int] = set()
        while True:
            more = {
                one.id
                for one in self.people
                if one.manager is not None and one.manager in {manager, *found}
            }
            if more <= found:
                return found
            found |= more

    def under(self, department: int) -> set[int]:
        """Give a department and all below it."""
        found = {department}
        while True:
            more = {one for one, parent in self.parents.items() if parent in found}
            if more <= found:
                return found
            found |= more

    def owners(self, user: int, scope: str, role: str) -> set[int] | None:
        """Give the owners whose records a scope reaches; None for everybody's, and nobody's."""
        me = self.person(user)
        rooms: set[int] = set()
        match scope:
            case "all":
                return None
            case "own":
                return {user}
            case "own_and_reports":
                return {user} | self.below(user)
            case "department":
                rooms = {me.department} if me.department else set()
            case "department_tree":
                rooms = self.under(me.department) if me.department else set()
            case "chosen_departments":
                rooms = set(self.chosen.get(role, ()))
        return {user} | {one.id for one in self.people if one.department in rooms}

    def in_scope(self, user: int, action: str, thing: Thing) -> bool:
        """Tell whether some role grants an action on a record by its scope."""
        for role in self.person(user).roles:
            grants = GRANTS[role]
            named = "read" if action == "read_list" and action not in grants else action
            if named not in grants:
                continue
            reached = self.owners(user, grants[named], role)
            if reached is None or thing.owner in reached:
                return True
        return False

    def grants(self, user: int, action: str) -> bool:
        """Tell whether some role grants an action at all, and reading with it."""
        named = {one for role in self.person(user).roles for one in GRANTS[role]}
        wanted = "read" if action == "read_list" else action
        return {"read", wanted} <= named

    def level(self, user: int, thing: Thing) -> str:
        """Give what somebody holds in the team of a record now, "" for nothing."""
        for share in self.shares:
            ended = share.expires_at is not None and share.expires_at <= self.now
            if (share.record, share.user) == (thing.id, user) and not ended:
                return share.level
        return ""

    def may(self, user: int, action: str, thing: Thing) -> bool:
        """Tell whether somebody may do something with a record."""
        if not self.grants(user, action):
            return False
        if self.in_scope(user, action, thing) and self.in_scope(user, "read", thing):
            return True
        wanted, held = TEAM_LEVEL.get(action, ""), self.level(user, thing)
        return bool(wanted) and held in {wanted, "write"}

    def reach(self, user: int, action: str = "read") -> set[int]:
        """Give the living records that an action reaches for somebody."""
        return {one.id for one in self.things if not one.binned and self.may(user, action, one)}


def role_documents(object_key: str) -> dict[str, RoleDef]:
    """Give the roles as documents; each may do as much with every other object as reading."""
    return {
        key: RoleDef(key=key, label={"": key}, objects={object_key: ObjectGrant(actions=grants)})
        for key, grants in GRANTS.items()
    }


def some_company(random: Random, *, people: int = 9, things: int = 30) -> Company:
    """Make a company: cycles of managers, people without a department, teams that have ended."""
    rooms = range(1, random.randint(2, 5))
    parents = {one: random.choice([None, *range(1, one)]) for one in rooms}
    staff = [
        Someone(
            number,
            random.choice([None, *(one for one in range(1, people + 1) if one != number)]),
            random.choice([None, *rooms, *rooms]),
            tuple(random.sample(sorted(GRANTS), random.choice([1, 1, 1, 2, 3]))),
        )
        for number in range(1, people + 1)
    ]
    made = [
        Thing(number, random.choice([None, *range(1, people + 1)]), random.random() < 0.1)
        for number in range(1, things + 1)
    ]
    return Company(
        parents,
        staff,
        made,
        _shares(random, staff, made),
        {one: frozenset(room for room in rooms if random.random() < 0.4) for one in GRANTS},
    )


def moved(random: Random, company: Company) -> Company:
    """Give the company after somebody changed his place and a department its own."""
    who = random.choice(company.people)
    other = replace(
        who,
        manager=random.choice([None, *(one.id for one in company.people if one.id != who.id)]),
        department=random.choice([None, *company.parents]),
    )
    return replace(company, people=[other if one.id == who.id else one for one in company.people])


def _shares(random: Random, staff: Sequence[Someone], things: Sequence[Thing]) -> list[Share]:
    ends = (None, None, NOW - timedelta(hours=1), NOW, NOW + timedelta(microseconds=1))
    return [
        Share(thing.id, one.id, random.choice(("read", "write")), random.choice(ends))
        for thing in things
        for one in staff
        if one.id != thing.owner and random.random() < 0.15
    ]
