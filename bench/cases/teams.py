"""Lists of somebody who is in teams, and how soon a change of managers is seen in a list.

The targets are twice what hand-written statements of the same shape took when the design was
tried out, in the database's process and in ours together.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from sqlalchemy import insert, select

from bench import content
from bench.cases.lists import LIST, SEARCHED, Reading, page_of, reading
from bench.cases.scopes import COUNT_TARGET, QUERY_TARGET, sets_of_owners
from bench.result import Result
from bench.world import World, analyse
from engine.access.actors import read_person
from engine.context import Actor, Context
from engine.query.counts import count
from engine.query.listing import read_page
from engine.query.predicate import AccessPredicate, Membership
from engine.records.change import change
from engine.records.writing import Writing
from engine.storage.snapshot import Unit
from engine.storage.team_tables import team

PAGE_TARGETS = {
    "SQLite": {1: 0.88, 10: 1.46, 60: 1.12, 300: 1.68, 0: 1.38},
    "PostgreSQL": {1: 4.8, 10: 4.8, 60: 9.8, 300: 4.8, 0: 5.8},
}
"""Milliseconds, by how many owners are seen; 0: all of them."""
MINE = 200
"""Records in whose team the measured person is."""
PEOPLE_EACH = 3
"""Others in the team of one in `SHARED` records."""
SHARED = 10
REPORTS = 300
SECONDS_TARGET = 1.0
TIMES = 5
FOUND = replace(SEARCHED, limit=20)
UNASKED = Writing(system_fields=True, unversioned=True)

Read = Callable[[Unit, AccessPredicate], Any]


def run(world: World) -> Iterator[Result]:
    """Measure the change of a manager; pages, counts and searches with memberships."""
    with world.copy() as mine:
        yield _changed_manager(mine)  # while nobody sees others' records by a team
        member = mine.person(everything=False)
        _form_teams(mine, member.user_id or 0)
        analyse(mine)
        yield from _read(mine, member)


def _read(world: World, member: Actor) -> Iterator[Result]:
    targets = PAGE_TARGETS[world.database]
    for owners in sets_of_owners(world):
        who = _predicate(world, member, owners)
        whose = f"of {len(owners)} and of {MINE} teams"
        target = targets[len(owners)]
        yield reading(world, f"page, records {whose}", member, _by(who, _page), target, whole=True)
        for case, read, most in (
            ("capped count", _count, COUNT_TARGET), ("search", _search, QUERY_TARGET),
        ):  # fmt: skip
            yield reading(world, f"{case}, records {whose}", member, _by(who, read), most)
    everything = world.person(everything=True)
    case = "page, records of all, by somebody in teams"
    yield reading(world, case, everything, page_of(LIST), targets[0], whole=True)


def _page(unit: Unit, who: AccessPredicate) -> Any:
    return read_page(unit, who, LIST)


def _count(unit: Unit, who: AccessPredicate) -> Any:
    return count(unit, who, LIST)


def _search(unit: Unit, who: AccessPredicate) -> Any:
    return read_page(unit, who, FOUND)


def _by(who: AccessPredicate, read: Read) -> Reading:
    return lambda unit: read(unit, who)


def _predicate(world: World, member: Actor, owners: tuple[int, ...]) -> AccessPredicate:
    bound = world.live.snapshot.object(LIST.object)
    held = Membership(bound.id, member.user_id or 0, "read", world.live.clock())
    return AccessPredicate(LIST.object, "read", "owners", owners, held)


def _form_teams(world: World, member: int) -> None:
    """Put the person into some teams all over the table, and many others into theirs."""
    bound = world.live.snapshot.object(LIST.object)
    admin = world.person(everything=True).user_id or 0
    random = Random(content.SEED)  # noqa: S311 - samples
    with world.live.database.write() as connection:
        user = world.live.snapshot.object("user").table
        people = connection.scalars(select(user.c.id).order_by(user.c.id)).all()
        ids = connection.scalars(select(bound.table.c.id).order_by(bound.table.c.id)).all()
        pairs = {(one, member) for one in _spread(ids)} | {(one, admin) for one in _spread(ids)}
        for one in ids[::SHARED]:
            pairs |= {(one, random.choice(people)) for _ in range(PEOPLE_EACH)}
        rows = [
            {
                "object_id": bound.id, "record_id": record, "user_id": user_id, "level": "read",
                "expires_at": None, "added_by": admin, "added_at": content.NOW,
            }
            for record, user_id in sorted(pairs)
        ]  # fmt: skip
        connection.execute(insert(team), rows)


def _spread(ids: Sequence[int]) -> Sequence[int]:
    return ids[:: max(1, len(ids) // MINE)][:MINE]


def _changed_manager(world: World) -> Result:
    """Measure from the change of a manager to the new superior's first list that shows it.

    Raises:
        ValueError: the list does not show it.
    """
    live = world.live
    with live.read(content.acting()) as unit:
        user = unit.snapshot.object("user").table
        ids = unit.connection.scalars(select(user.c.id).order_by(user.c.id)).all()
    first, second, manager, *rest = ids[1:]
    for one in (first, second):
        _set(world, one, {"roles": ["superior"]})
    for one in rest[:REPORTS]:
        _set(world, one, {"manager": manager})
    waits = []
    for turn in range(TIMES):
        new, old = (first, second) if turn % 2 == 0 else (second, first)
        _seen(world, new)  # he was at work before
        began = time.perf_counter()
        _set(world, manager, {"manager": new})
        seen = _seen(world, new)
        waits.append(time.perf_counter() - began)
        if not seen & {manager, *rest[:REPORTS]} or _seen(world, old) & {manager, *rest}:
            raise ValueError(f"{new} does not see the records of those below him")
    return Result(
        case=f"a manager with {REPORTS} reports is put below another, until his list shows it",
        database=world.database,
        value=max(waits),
        unit="s",
        target=SECONDS_TARGET,
        note=f"the slowest of {TIMES}",
    )


def _set(world: World, user: int, values: dict[str, Any]) -> None:
    with world.live.write(content.acting(world.live.clock())) as unit:
        change(unit, "user", user, values, version=None, writing=UNASKED)


def _seen(world: World, user: int) -> set[int]:
    """Read somebody's first page as his next request would; gives whose records it shows."""
    live = world.live
    with live.read(content.acting()) as unit:
        person = read_person(unit.connection, unit.snapshot, user)
    if person is None:
        raise ValueError(f"nobody has the number {user}")
    with live.read(Context(actor=person.actor, now=live.clock())) as unit:
        page = page_of(LIST)(unit)
        slot = page.slots["owner"]
        return {slot.stored(row) for row in page.rows}
