"""Who stands below whom: ids that personal operators compare with, asked once per unit."""

from typing import Any

from sqlalchemy import Select, bindparam, select

from engine.storage.snapshot import Snapshot, Unit

USER = "user"
DEPARTMENT = "department"


def reports(unit: Unit) -> tuple[int, ...]:
    """Give everybody below the actor, however deep."""
    return _ids(unit, "reports", unit.context.actor.user_id)


def department_tree(unit: Unit) -> tuple[int, ...]:
    """Give the actor's department and those below it."""
    return _ids(unit, "departments", unit.context.actor.department_id)


def colleagues(unit: Unit, *, tree: bool) -> tuple[int, ...]:
    """Give the people of the actor's department; ``tree``: of those below it too."""
    return _ids(unit, "tree" if tree else "colleagues", unit.context.actor.department_id)


def _ids(unit: Unit, name: str, start: int | None) -> tuple[int, ...]:
    if start is None:
        return ()
    key = ("people", name)
    found: tuple[int, ...] | None = unit.memo.get(key)
    if found is None:
        statement = unit.snapshot.once(key, lambda: _STATEMENTS[name](unit.snapshot))
        cache = {"compiled_cache": unit.snapshot.compiled_cache}
        rows = unit.connection.scalars(statement, {"start": start}, execution_options=cache)
        found = unit.memo[key] = tuple(sorted(rows))
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


_STATEMENTS = {
    "reports": _reports,
    "departments": _departments,
    "colleagues": _colleagues,
    "tree": _tree,
}
