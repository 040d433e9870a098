"""Who may give which role: nobody grants what he does not hold."""

from collections.abc import Iterable

from engine.access.roles import OPEN, SUPERADMIN, Granted, granted_by
from engine.access.scope import ALL
from engine.storage.snapshot import Unit


def ungrantable(unit: Unit, roles: Iterable[str]) -> list[str]:
    """Give those of ``roles`` that hold more than the actor does.

    A role that he has himself he may pass on. Of another one, every action must be his with at
    least its reach, every field he must see and edit in full, every administration right and
    every menu item must be his.
    """
    actor = unit.context.actor
    if actor.superadmin:
        return []
    mine = granted_by(unit.snapshot, actor.roles)
    return [
        role
        for role in roles
        if role not in actor.roles
        and (role == SUPERADMIN or not _covers(mine, granted_by(unit.snapshot, frozenset({role}))))
    ]


def _covers(mine: Granted, other: Granted) -> bool:
    for key, actions in other.actions.items():
        held = mine.actions.get(key, {})
        for action, scopes in actions.items():
            if ALL not in held.get(action, ()) and not scopes <= held.get(action, frozenset()):
                return False
        if any(grant != OPEN for grant in mine.fields.get(key, {}).values()):
            return False
    menus = all(items <= mine.menus.get(menu, frozenset()) for menu, items in other.menus.items())
    return menus and other.admin <= mine.admin
