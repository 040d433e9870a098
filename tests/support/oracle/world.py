"""Random companies with papers, in plain Python; nothing here knows of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from tests.support.oracle.papers import FOLDER, KINDS, ROLES, SHEET, SHELF

MONTH = date(2026, 11, 1)
"""Every folder is due in this month."""
PEOPLE = 6
FIRST_PERSON = 11
"""Ids of people begin here; the administrator of the site has a smaller one."""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person: whose report he is, where he is, what he may, whether he may sign in."""

    id: int
    manager: int | None
    department: int | None
    roles: tuple[str, ...]
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A record of any of the objects. ``files`` are ids, ``lines`` how many it has."""

    object: str
    id: int
    owner: int | None = None
    binned: bool = False
    kind: str | None = None
    due_on: date | None = None
    shelf: int | None = None
    folder: int | None = None
    lines: int = 0
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """Somebody's place in the team of a record."""

    object: str
    record: int
    user: int
    level: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A company at an instant. ``parents``: department -> the one above it."""

    now: datetime
    parents: Mapping[int, int | None]
    people: Sequence[Someone]
    papers: Sequence[Paper]
    shares: Sequence[Share]
    chosen: Mapping[str, frozenset[int]]

    def person(self, number: int) -> Someone:
        """Give a person by id."""
        return next(one for one in self.people if one.id == number)

    def all_of(self, object_key: str, *, binned: bool = False) -> list[Paper]:
        """Give the living records of an object, or those in its bin."""
        return [one for one in self.papers if (one.object, one.binned) == (object_key, binned)]


def some_world(random: Random, now: datetime, first: int) -> World:
    """Make a company whose records have ids from ``first`` on."""
    rooms = range(1, random.randint(2, 7))
    # Most lie below the one before: a tree of one level would prove little.
    parents = {
        one: random.choice([None, *range(1, one), *[one - 1] * 4]) if one > 1 else None
        for one in rooms
    }
    numbers = range(FIRST_PERSON, FIRST_PERSON + PEOPLE)
    people = [_person(random, one, numbers, rooms) for one in numbers]
    papers = _papers(random, numbers, first)
    return World(
        now=now,
        parents=parents,
        people=people,
        papers=papers,
        shares=_shares(random, people, papers, now),
        chosen={one: frozenset(room for room in rooms if random.random() < 0.5) for one in ROLES},
    )


def _person(random: Random, number: int, numbers: range, rooms: range) -> Someone:
    # The first may always sign in: every world has somebody who looks.
    disabled = number != numbers[0] and random.random() < 0.25
    manager = random.choice([None, *(one for one in numbers if one != number)])
    department = random.choice([*rooms, *rooms, None]) if disabled else random.choice([*rooms])
    roles = random.sample(sorted(ROLES), random.choice([1, 1, 2, 2, 3]))
    return Someone(number, manager, department, tuple(roles), disabled)


def _papers(random: Random, people: range, first: int) -> list[Paper]:
    shelves = [Paper(object=SHELF, id=first + at) for at in range(3)]
    folders = [
        Paper(
            object=FOLDER,
            id=first + 100 + at,
            owner=random.choice([*people, *people, None]),
            binned=random.random() < 0.15,
            kind=random.choice([None, *KINDS]),
            due_on=random.choice([None, MONTH + timedelta(days=random.randrange(28))]),
            shelf=random.choice([None, *(one.id for one in shelves)]),
            lines=random.choice([0, 0, 1, 2]),
            files=(f"{first + at:032x}",) if random.random() < 0.4 else (),
        )
        for at in range(random.randint(4, 12))
    ]
    sheets = [
        Paper(
            object=SHEET,
            id=first + 200 + at,
            owner=random.choice([*people, None]),
            binned=random.random() < 0.15,
            folder=random.choice([None, *(one.id for one in folders if not one.binned)]),
        )
        for at in range(random.randint(2, 8))
    ]
    return [*shelves, *folders, *sheets]


def _shares(
    random: Random, people: Sequence[Someone], papers: Sequence[Paper], now: datetime
) -> list[Share]:
    ends = (None, None, now - timedelta(days=1), now - timedelta(seconds=1), now + DAY)
    return [
        Share(
            paper.object, paper.id, one.id, random.choice(("read", "write")), random.choice(ends)
        )
        for paper in papers
        for one in people
        if paper.object != SHELF and one.id != paper.owner and random.random() < 0.12
    ]


DAY = timedelta(days=1)
