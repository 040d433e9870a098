"""Lists for somebody who sees the records of 1, 10, 60 or 300 owners, or of everybody.

The targets of pages are twice what hand-written statements of the same shape took when the design
was tried out, in the database's process and in ours together.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from bench import content
from bench.cases.lists import LIST, SEARCHED, Reading, reading
from bench.result import Result
from bench.world import World
from engine.query.counts import count
from engine.query.listing import ListRequest, read_page
from engine.query.predicate import AccessPredicate
from engine.storage.snapshot import Unit
from metadata.conditions import AllOf, Test

SETS = (1, 10, 60, 300)
PAGE_TARGETS = {
    "SQLite": {1: 0.4, 10: 0.52, 60: 0.92, 300: 1.14, 0: 0.86},
    "PostgreSQL": {1: 1.68, 10: 2.8, 60: 2.06, 300: 1.6, 0: 2.0},
}
"""Milliseconds, by how many owners are seen; 0: all of them."""
QUERY_TARGET = 1.0
COUNT_TARGET = 1.5
FILTER_TARGET = 3.0
DUE = replace(
    LIST,
    where=AllOf((Test("next_contact_at", "gte", "2026-11-03T09:00"),)),
    sort=("next_contact_at",),
)
DEEP = 200
"""Pages that are turned before a deep one is measured."""

Read = Callable[[Unit, AccessPredicate], Any]


def run(world: World) -> Iterator[Result]:
    """Measure pages, a deep page, counts, a filter and a search for each set of owners."""
    actor = world.person(everything=True)
    for owners in (*sets_of_owners(world), ()):
        who = AccessPredicate("customer", "read", "owners" if owners else "all", owners)
        whose = f"of {len(owners)}" if owners else "of all"
        target = PAGE_TARGETS[world.database][len(owners)]
        yield reading(
            world, f"page, records {whose}", actor, _by(who, _page(LIST)), target, whole=True
        )
        for case, read, target in (
            ("deep page by cursor", _deep(world, who), QUERY_TARGET),
            ("capped count", _count, COUNT_TARGET),
            ("filter by an indexed field", _page(DUE), FILTER_TARGET),
            ("search", _page(replace(SEARCHED, limit=20)), QUERY_TARGET),
        ):
            name = f"{case}, records {whose}"
            yield reading(world, name, actor, _by(who, read), target)


def _by(who: AccessPredicate, read: Read) -> Reading:
    return lambda unit: read(unit, who)


def sets_of_owners(world: World) -> Iterator[tuple[int, ...]]:
    """Give sets of people; their records lie all over the table."""
    table = world.live.snapshot.object("user").table
    with world.live.database.read() as connection:
        ids = connection.execute(select(table.c.id).order_by(table.c.id)).scalars().all()
    for size in SETS:
        yield tuple(ids[-size:])


def _page(request: ListRequest) -> Read:
    return lambda unit, who: read_page(unit, who, request)


def _count(unit: Unit, who: AccessPredicate) -> Any:
    return count(unit, who, LIST)


def _deep(world: World, who: AccessPredicate) -> Read:
    """Turn pages until one is far behind, or the last but one."""
    request = LIST
    with world.live.read(content.acting()) as unit:
        for _ in range(DEEP):
            page = read_page(unit, who, request)
            if page.next_cursor is None:
                break
            request = replace(request, cursor=page.next_cursor)
    return _page(request)
