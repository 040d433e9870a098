"""Data scopes: whose records a grant reaches, as the ids of owners.

A scope stands on who owns a record now, never on the department written into it, so that a
transfer moves the record's visibility with it. Whether somebody's account is open does not
matter: what a disabled person owns stays within the reach of those above.
"""

from collections.abc import Iterable, Mapping

from engine.context import Actor
from engine.query import organisation
from engine.query.organisation import CHOSEN, DEPARTMENT, USER, Below, Start, listed, read_ahead
from engine.storage.snapshot import Unit

__all__ = [
    "ALL", "CHOSEN", "DEPARTMENT", "OWN", "REPORTS", "USER", "foresee", "owner_ids",
    "scope_of_word", "word",
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
            found.update(listed(unit, REACHES[name], role))
    return tuple(sorted(found))


def foresee(unit: Unit, asked: Iterable[tuple[Actor, Iterable[str]]]) -> None:
    """Read at once what `owner_ids` will want to know of many actors, each with his scopes."""
    starts: dict[str, dict[Start, None]] = {}
    for actor, scopes in asked:
        for scope in scopes:
            name, _, role = scope.partition(OF_ROLE)
            start = REACHES[name].start(actor, role) if name in REACHES else None
            if start is not None:
                starts.setdefault(name, {})[start] = None
    for name, wanted in starts.items():
        read_ahead(unit, REACHES[name], tuple(wanted))


REACHES: Mapping[str, Below] = {
    REPORTS: organisation.REPORTS,
    DEPARTMENT: organisation.NEAR,
    "department_tree": organisation.TREE,
    CHOSEN: organisation.PICKED,
}
