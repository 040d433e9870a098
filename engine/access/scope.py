"""Data scopes: whose records a grant reaches, as the ids of owners.

A scope stands on who owns a record now, never on the department written into it, so that a
transfer moves the record's visibility with it.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sqlalchemy import Select, bindparam, select

from engine.context import Actor
from engine.storage.snapshot import Snapshot, Unit
from metadata.errors import Problem
from metadata.model import Site

ALL = "all"
OWN = "own"
USER = "user"
DEPARTMENT = "department"

Statement = Select[tuple[int]]


def owner_ids(unit: Unit, scopes: Iterable[str]) -> tuple[int, ...]:
    """Give the owners that ``scopes`` reach together, sorted, for the unit's actor.

    Scopes are joined, not ranked: a department does not always hold one's reports, and a second
    role must never take away what the first one gives. Each holds oneself; one that cannot be
    served yet (see `check_scopes`) reaches nobody.
    """
    actor = unit.context.actor
    if actor.user_id is None:
        return ()
    found: set[int] = set()
    for scope in scopes:
        if scope != OWN and scope not in STATEMENTS:
            continue
        found.add(actor.user_id)
        start = _start(scope, actor)
        if scope == OWN or start is None:
            continue
        query = unit.snapshot.once(("scope", scope), partial(STATEMENTS[scope], unit.snapshot))
        found.update(unit.connection.scalars(query, {"start": start}))
    return tuple(sorted(found))


def check_scopes(site: Site) -> list[Problem]:
    """List the grants whose scope cannot be served: roles that would grant less than they say."""
    return [
        Problem("scope_not_available", document=f"role/{role.key}", path=path, params={"scope": s})
        for role in site.roles.values()
        for key, grant in role.objects.items()
        for action, s in grant.actions.items()
        if s not in {ALL, OWN, *STATEMENTS}
        for path in (f"objects/{key}/{action}",)
    ]


def _start(scope: str, actor: Actor) -> int | None:
    return actor.user_id if scope == "own_and_reports" else actor.department_id


def _reports(snapshot: Snapshot) -> Statement:
    """Find everybody below a person, however deep; a cycle of managers ends all the same."""
    user = snapshot.object(USER)
    manager = user.field("manager").column
    start: Any = bindparam("start")
    first = select(user.table.c.id).where(manager == start)
    below = first.cte("below", recursive=True)
    below = below.union(select(user.table.c.id).where(manager == below.c.id))
    return select(below.c.id)


def _department(snapshot: Snapshot) -> Statement:
    user = snapshot.object(USER)
    start: Any = bindparam("start")
    return select(user.table.c.id).where(user.field("department").column == start)


def _department_tree(snapshot: Snapshot) -> Statement:
    user, department = snapshot.object(USER), snapshot.object(DEPARTMENT)
    start: Any = bindparam("start")
    first = select(department.table.c.id).where(department.table.c.id == start)
    tree = first.cte("tree", recursive=True)
    parent = department.field("parent").column
    tree = tree.union(select(department.table.c.id).where(parent == tree.c.id))
    members = user.field("department").column.in_(select(tree.c.id))
    return select(user.table.c.id).where(members)


STATEMENTS: dict[str, Callable[[Snapshot], Statement]] = {
    "own_and_reports": _reports,
    "department": _department,
    "department_tree": _department_tree,
}
