"""Roles that a publish would widen: nobody gives a role more than he holds, on any road.

Documents of roles are compared as they are written, what is hidden included: a line about a
hidden field must not be lost while nobody sees the field. Whose document did not change is not
asked about, so bringing a hidden object back is no grant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.access.granting import Beyond, Holder, beyond, grants_freely
from engine.access.roles import SUPERADMIN, add_up
from engine.context import Actor
from engine.storage.ledger import Ledger
from metadata.compile_objects import role_from
from metadata.documents import Document
from metadata.errors import Problem
from metadata.load import Compiled
from metadata.model import Site

NOT_HELD = "right_not_held"


@dataclass(frozen=True, slots=True)
class _Before:
    """What was there before the publish."""

    site: Site
    ledger: Ledger
    mine: Holder

    def is_new(self, one: Beyond) -> bool:
        """Tell whether a right is of something that the publish makes, so nobody can hold it.

        A new action of an object that was there is a way to change its records.
        """
        if one.path.startswith("menus/"):
            return one.right not in _entries(self.site, one.path.split("/")[1])
        if not one.path.startswith("objects/"):
            return False
        if one.object not in self.ledger:
            return True
        definition = self.site.objects.get(one.object)
        if "/fields/" in one.path or definition is None or one.right in definition.actions:
            return False
        return self.mine.holds(one.object, "update", one.scope)


def widened(actor: Actor, old: Compiled | None, new: Compiled, ledger: Ledger) -> list[Problem]:
    """List what roles would grant with ``new`` that the actor does not hold himself.

    Args:
        actor: who publishes.
        old: what is served.
        new: what would be.
        ledger: which objects have ever been.
    """
    if grants_freely(actor) or old is None:
        return []
    before = old.layered.roles
    granted = (
        None
        if actor.superadmin
        else add_up(
            role_from(before[f"role/{key}"]) for key in actor.roles if f"role/{key}" in before
        )
    )
    known = _Before(old.site, ledger, Holder(granted, actor.limits))
    return [
        _problem(document, one)
        for identity, document in new.layered.roles.items()
        for one in _gained(before.get(identity), document, known)
    ]


def _gained(old: Document | None, new: Document, known: _Before) -> Iterator[Beyond]:
    if new.key == SUPERADMIN or (old is not None and old.hash == new.hash):
        return
    there = Holder(add_up([role_from(old)] if old is not None else []), passes_on=False)
    for one in beyond([known.mine, there], add_up([role_from(new)])):
        if not known.is_new(one):
            yield one


def _problem(document: Document, one: Beyond) -> Problem:
    params = {
        "role": document.key,
        "right": "/".join(part for part in (one.object, one.right) if part),
        "scope": one.scope or "true",
    }
    return Problem(NOT_HELD, document.id, one.path, params=params)


def _entries(site: Site, menu_key: str) -> Mapping[str, object]:
    menu = site.menus.get(menu_key)
    if menu is None:
        return {}
    inner = {key: one for item in menu.items.values() for key, one in item.items.items()}
    return {**menu.items, **inner}
