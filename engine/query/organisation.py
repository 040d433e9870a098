"""Who stands below whom: lists of ids, kept in the process as long as the organisation stays.

A stamp in the database changes, in the same transaction, with whatever decides such a list: who
is whose manager, in which department, which department lies below which, which departments a
role was given. The statement that reads who is acting reads the stamp as well, so a change holds
for every request that begins after it, in every process, and no list is worked out twice.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from secrets import randbits
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.context import Actor
from engine.storage.snapshot import Snapshot, Unit
from engine.storage.team_tables import organisation, slot

USER = "user"
DEPARTMENT = "department"
CHOSEN = "chosen_departments"
DECISIVE = frozenset({"manager", "department", "parent"})
"""Fields of a person and of a department that decide who stands below whom."""
MOST_LISTS = 20_000
"""Of one stamp; beyond, lists are worked out again each time."""
MOST_STARTS = 5_000
"""Lists that one statement reads."""
STAMP_BITS = 62
CHANGED = "organisation changed"
READ_AHEAD = "organisation read ahead"

Ids = tuple[int, ...]
Start = int | str
Make = Callable[[Snapshot], Select[Any]]

STAMP = select(organisation.c.stamp).scalar_subquery()
"""For statements that read who is acting."""
_STAMP = select(organisation.c.stamp)


@dataclass(slots=True)
class _Kept:
    """The lists of one stamp, in one process and metadata version."""

    stamp: int = 0
    lists: dict[Hashable, Ids] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def get(self, stamp: int, key: Hashable) -> Ids | None:
        """Give a list that was kept under this very stamp."""
        return self.lists.get((stamp, key))

    def keep(self, stamp: int, key: Hashable, ids: Ids) -> None:
        """Keep a list; those of another stamp are forgotten."""
        with self.lock:
            if stamp != self.stamp:
                self.stamp, self.lists = stamp, {}
            if len(self.lists) < MOST_LISTS:
                self.lists[(stamp, key)] = ids


def changed(unit: Unit) -> None:
    """Note that the organisation is another one from the end of this transaction on."""
    unit.memo[CHANGED] = True
    unit.memo.pop(READ_AHEAD, None)
    renew_stamp(unit.connection)


def renew_stamp(connection: Connection) -> None:
    """Change the stamp; a number at random, so that one that is rolled back never returns."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    stamp = {"stamp": randbits(STAMP_BITS) + 1}
    statement = make(organisation).values(id=1, **stamp)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=stamp))


@dataclass(frozen=True, slots=True)
class Below:
    """A kind of lists of people or departments.

    Attributes:
        name: of the kind.
        start: what one of its lists begins at, for an actor and a role; None: it is empty.
        make: the statement that gives pairs, a start and an id of its list, for any starts.
    """

    name: str
    start: Callable[[Actor, str], Start | None]
    make: Make


def reports(unit: Unit) -> Ids:
    """Give everybody below the actor, however deep."""
    return listed(unit, REPORTS)


def department_tree(unit: Unit) -> Ids:
    """Give the actor's department and those below it."""
    return listed(unit, _ROOMS)


def colleagues(unit: Unit, *, tree: bool) -> Ids:
    """Give the people of the actor's department; ``tree``: of those below it too."""
    return listed(unit, TREE if tree else NEAR)


def listed(unit: Unit, kind: Below, role: str = "") -> Ids:
    """Give the list of the actor, or of a role, of this kind."""
    start = kind.start(unit.context.actor, role)
    if start is None or USER not in unit.snapshot.objects:
        return ()
    key = (kind.name, start)
    ahead: Mapping[Hashable, Ids] = unit.memo.get(READ_AHEAD, {})
    if key in ahead:
        return ahead[key]
    return _lists(unit, kind, [start])[start]


def read_ahead(unit: Unit, kind: Below, starts: Collection[Start]) -> None:
    """Read the lists of many at once, for units that share this one's memo."""
    if starts and USER in unit.snapshot.objects:
        ahead = unit.memo.setdefault(READ_AHEAD, {})
        found = _lists(unit, kind, starts)
        ahead.update({(kind.name, start): ids for start, ids in found.items()})


def _lists(unit: Unit, kind: Below, starts: Iterable[Start]) -> dict[Start, Ids]:
    stamp, kept = _stamp(unit), unit.snapshot.once("organisation", _Kept)
    found = {one: kept.get(stamp, (kind.name, one)) if stamp else None for one in starts}
    missing = [one for one, ids in found.items() if ids is None]
    if missing:
        # The stamp first: a change between the two gives a newer list an older name, never the
        # other way round.
        sure = stamp and unit.connection.scalar(_STAMP) == stamp
        for first in range(0, len(missing), MOST_STARTS):
            read = _read(unit, kind, missing[first : first + MOST_STARTS])
            for start, ids in read.items():
                found[start] = ids
                if sure:
                    kept.keep(stamp, (kind.name, start), ids)
    return {start: ids or () for start, ids in found.items()}


def _read(unit: Unit, kind: Below, starts: Collection[Start]) -> dict[Start, Ids]:
    statement = unit.snapshot.once(("organisation", kind.name), lambda: kind.make(unit.snapshot))
    cache = {"compiled_cache": unit.snapshot.compiled_cache}
    rows: Any = unit.connection.execute(statement, {"starts": starts}, execution_options=cache)
    lists: dict[Start, list[int]] = {start: [] for start in starts}
    for start, number in rows:
        lists[start].append(number)
    return {start: _sorted(ids) for start, ids in lists.items()}


def _sorted(rows: Iterable[int]) -> Ids:
    return tuple(sorted(set(rows)))


def _stamp(unit: Unit) -> int:
    """Give the stamp that lists are kept under; 0: none may be, for here the change is at work."""
    if unit.memo.get(CHANGED):
        return 0
    stamp = unit.context.actor.organisation
    if stamp:
        return stamp
    known = "organisation stamp"
    if known not in unit.memo:
        unit.memo[known] = unit.connection.scalar(_STAMP) or 0
    found: int = unit.memo[known]
    return found


def _starts() -> Any:
    return bindparam("starts", expanding=True)


def _reports(snapshot: Snapshot) -> Select[Any]:
    user = snapshot.object(USER)
    manager = user.field("manager").column
    first = select(manager.label("start"), user.table.c.id).where(manager.in_(_starts()))
    below = first.cte("below", recursive=True)
    # UNION, not UNION ALL: a cycle of managers ends.
    more = select(below.c.start, user.table.c.id).where(manager == below.c.id)
    below = below.union(more)
    return select(below.c.start, below.c.id)


def _departments(snapshot: Snapshot) -> Select[Any]:
    department = snapshot.object(DEPARTMENT)
    number, parent = department.table.c.id, department.field("parent").column
    first = select(number.label("start"), number).where(number.in_(_starts()))
    tree = first.cte("tree", recursive=True)
    tree = tree.union(select(tree.c.start, number).where(parent == tree.c.id))
    return select(tree.c.start, tree.c.id)


def _colleagues(snapshot: Snapshot) -> Select[Any]:
    user = snapshot.object(USER)
    room = user.field("department").column
    return select(room, user.table.c.id).where(room.in_(_starts()))


def _tree(snapshot: Snapshot) -> Select[Any]:
    user, rooms = snapshot.object(USER), _departments(snapshot).subquery()
    start, room = rooms.c
    return select(start, user.table.c.id).where(user.field("department").column == room)


def _chosen(snapshot: Snapshot) -> Select[Any]:
    user = snapshot.object(USER)
    return select(slot.c.document, user.table.c.id).where(
        slot.c.document.in_(_starts()),
        slot.c.slot == CHOSEN,
        slot.c.kind == DEPARTMENT,
        user.field("department").column == slot.c.record_id,
    )


REPORTS = Below("reports", lambda actor, _: actor.user_id, _reports)
NEAR = Below("near", lambda actor, _: actor.department_id, _colleagues)
TREE = Below("tree", lambda actor, _: actor.department_id, _tree)
PICKED = Below(CHOSEN, lambda _, role: f"role/{role}", _chosen)
_ROOMS = Below("departments", lambda actor, _: actor.department_id, _departments)
