"""Data scopes: whose records a grant reaches, as the ids of owners.

A scope stands on who owns a record now, never on the department written into it, so that a
transfer moves the record's visibility with it. Whether somebody's account is open does not
matter: what a disabled person owns stays within the reach of those above.
"""

from collections.abc import Callable, Iterable, Mapping

from engine.query.organisation import (
    CHOSEN,
    DEPARTMENT,
    USER,
    chosen,
    colleagues,
    reports,
)
from engine.storage.snapshot import Unit

__all__ = [
    "ALL", "CHOSEN", "DEPARTMENT", "OWN", "REPORTS", "USER", "owner_ids", "scope_of_word",
    "word",
]  # fmt: skip

ALL = "all"
OWN = "own"
REPORTS = "own_and_reports"
OF_ROLE = ":"
"""Stands between the scope of chosen departments and the role that they were given to."""


def word(scope: str, role: str) -> str:
    """Name a scope as grants are summed up: what was chosen for a role is that role's alone."""
    return f"{scope}{OF_ROLE}{role}" if scope == CHOSEN else scope


def scope_of_word(found: str) -> str:
    """Give the scope that a word of `word` stands for."""
    return found.partition(OF_ROLE)[0]


def owner_ids(unit: Unit, scopes: Iterable[str]) -> tuple[int, ...]:
    """Give the owners that ``scopes`` (see `word`) reach together, sorted, for the unit's actor.

    Scopes are joined, not ranked: a department does not always hold one's reports, and a second
    role must never take away what the first one gives. Each holds oneself.
    """
    actor = unit.context.actor
    if actor.user_id is None:
        return ()
    found: set[int] = set()
    for scope in scopes:
        name, _, role = scope.partition(OF_ROLE)
        if name != OWN and name not in REACHES:
            continue
        found.add(actor.user_id)
        if name != OWN:
            found.update(REACHES[name](unit, role))
    return tuple(sorted(found))


REACHES: Mapping[str, Callable[[Unit, str], tuple[int, ...]]] = {
    REPORTS: lambda unit, _: reports(unit),
    DEPARTMENT: lambda unit, _: colleagues(unit, tree=False),
    "department_tree": lambda unit, _: colleagues(unit, tree=True),
    CHOSEN: chosen,
}
