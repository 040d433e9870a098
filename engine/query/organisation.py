"""Who stands below whom: lists of ids, kept in the process as long as the organisation stays.

A stamp in the database changes, in the same transaction, with whatever decides such a list: who
is whose manager, in which department, which department lies below which, which departments a
role was given. The statement that reads who is acting reads the stamp as well, so a change holds
for every request that begins after it, in every process, and no list is worked out twice.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from secrets import randbits
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.storage.snapshot import Snapshot, Unit
from engine.storage.team_tables import organisation, slot

USER = "user"
DEPARTMENT = "department"
CHOSEN = "chosen_departments"
DECISIVE = frozenset({"manager", "department", "parent"})
"""Fields of a person and of a department that decide who stands below whom."""
MOST_LISTS = 20_000
"""Of one stamp; beyond, lists are worked out again each time."""
STAMP_BITS = 62
CHANGED = "organisation changed"

Ids = tuple[int, ...]
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
    renew_stamp(unit.connection)


def renew_stamp(connection: Connection) -> None:
    """Change the stamp; a number at random, so that one that is rolled back never returns."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    stamp = {"stamp": randbits(STAMP_BITS) + 1}
    statement = make(organisation).values(id=1, **stamp)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=stamp))


def reports(unit: Unit) -> Ids:
    """Give everybody below the actor, however deep."""
    return _ids(unit, "reports", unit.context.actor.user_id, _reports)


def department_tree(unit: Unit) -> Ids:
    """Give the actor's department and those below it."""
    return _ids(unit, "departments", unit.context.actor.department_id, _departments)


def colleagues(unit: Unit, *, tree: bool) -> Ids:
    """Give the people of the actor's department; ``tree``: of those below it too."""
    start = unit.context.actor.department_id
    return _ids(unit, "tree", start, _tree) if tree else _ids(unit, "near", start, _colleagues)


def chosen(unit: Unit, role: str) -> Ids:
    """Give the people of the departments that a role was given."""
    return _ids(unit, CHOSEN, f"role/{role}", _chosen)


def _ids(unit: Unit, name: str, start: int | str | None, make: Make) -> Ids:
    if start is None or USER not in unit.snapshot.objects:
        return ()
    stamp, key = _stamp(unit), (name, start)
    kept = unit.snapshot.once("organisation", _Kept)
    found = kept.get(stamp, key) if stamp else None
    if found is not None:
        return found
    # The stamp first: a change between the two gives a newer list an older name, never the
    # other way round.
    sure = stamp and unit.connection.scalar(_STAMP) == stamp
    statement = unit.snapshot.once(("organisation", name), lambda: make(unit.snapshot))
    cache = {"compiled_cache": unit.snapshot.compiled_cache}
    rows = unit.connection.scalars(statement, {"start": start}, execution_options=cache)
    found = _sorted(rows)
    if sure:
        kept.keep(stamp, key, found)
    return found


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


def _start() -> Any:
    return bindparam("start")


def _reports(snapshot: Snapshot) -> Select[Any]:
    user = snapshot.object(USER)
    manager = user.field("manager").column
    below = select(user.table.c.id).where(manager == _start()).cte("below", recursive=True)
    # UNION, not UNION ALL: a cycle of managers ends.
    below = below.union(select(user.table.c.id).where(manager == below.c.id))
    return select(below.c.id)


def _departments(snapshot: Snapshot) -> Select[Any]:
    department = snapshot.object(DEPARTMENT)
    first = select(department.table.c.id).where(department.table.c.id == _start())
    tree = first.cte("tree", recursive=True)
    parent = department.field("parent").column
    tree = tree.union(select(department.table.c.id).where(parent == tree.c.id))
    return select(tree.c.id)


def _colleagues(snapshot: Snapshot) -> Select[Any]:
    user = snapshot.object(USER)
    return select(user.table.c.id).where(user.field("department").column == _start())


def _tree(snapshot: Snapshot) -> Select[Any]:
    user = snapshot.object(USER)
    inside = user.field("department").column.in_(_departments(snapshot))
    return select(user.table.c.id).where(inside)


def _chosen(snapshot: Snapshot) -> Select[Any]:
    user = snapshot.object(USER)
    given = select(slot.c.record_id).where(
        slot.c.document == bindparam("start"), slot.c.slot == CHOSEN, slot.c.kind == DEPARTMENT
    )
    return select(user.table.c.id).where(user.field("department").column.in_(given))
