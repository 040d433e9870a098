"""Who may give which right: nobody grants what he does not hold.

Rights are compared as words: an action of an object with a scope, the level and mask of a field,
an entry of a menu, an administration right. An action that stands on reading is held no further
than reading is. Chosen departments are filled per role, so they are nobody's to pass on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.access.limits import leaves, leaves_admin
from engine.access.roles import (
    LEVELS,
    MASKS,
    NEVER,
    OPEN,
    SHUT,
    SUPERADMIN,
    WITHOUT_RECORD,
    Granted,
    granted_by,
)
from engine.access.scope import ALL, CHOSEN, scope_of_word
from engine.context import Actor, Limits
from engine.storage.snapshot import Unit
from metadata.model import FieldGrant

WIDER: Mapping[str, frozenset[str]] = {
    "own": frozenset({"own_and_reports", "department", "department_tree", ALL}),
    "own_and_reports": frozenset({ALL}),
    "department": frozenset({"department_tree", ALL}),
    "department_tree": frozenset({ALL}),
    CHOSEN: frozenset({ALL}),
    ALL: frozenset(),
}
"""Scope -> the scopes that hold all that it holds, whoever has them."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """A right that somebody does not hold. ``path``: where a role's document grants it."""

    path: str
    object: str = ""
    right: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """Rights to compare with.

    Attributes:
        granted: the sum of some roles; None: everything.
        limits: what a token leaves of them.
        passes_on: they are somebody's own; False: they stand in the very role already.
    """

    granted: Granted | None
    limits: Limits | None = None
    passes_on: bool = True

    def holds(self, object_key: str, action: str, scope: str) -> bool:
        """Tell whether an action is held at least as far as ``scope``."""
        if not leaves(self.limits, object_key, action):
            return False
        if self.granted is None:
            return True
        actions = self.granted.actions.get(object_key, {})
        if not self._within(scope, actions.get(action, frozenset())):
            return False
        if not self.passes_on or action in WITHOUT_RECORD:
            return True
        return self._within(scope, actions.get("read", frozenset()))

    def field(self, object_key: str, field_key: str) -> FieldGrant:
        """Give what is held of a field."""
        if self.granted is None:
            return OPEN
        if not self.granted.actions.get(object_key):
            return SHUT
        return self.granted.fields.get(object_key, {}).get(field_key, OPEN)

    def limited(self, object_key: str) -> Iterable[str]:
        """Give the fields of an object that are not wholly open."""
        return () if self.granted is None else self.granted.fields.get(object_key, {})

    def menu(self, menu_key: str, item: str) -> bool:
        """Tell whether an entry of a menu is held."""
        return self.granted is None or item in self.granted.menus.get(menu_key, ())

    def admin(self, right: str) -> bool:
        """Tell whether an administration right is held."""
        held = self.granted is None or right in self.granted.admin
        return held and leaves_admin(self.limits, right)

    def _within(self, scope: str, held: frozenset[str]) -> bool:
        name = scope_of_word(scope)
        same = scope in held and (name != CHOSEN or not self.passes_on)
        return same or not WIDER[name].isdisjoint(held)


def grants_freely(actor: Actor) -> bool:
    """Tell whether somebody may grant everything: a superadmin, not through a narrowed token."""
    return actor.superadmin and actor.limits is None


def holder_of(unit: Unit) -> Holder:
    """Give what the unit's actor may pass on."""
    actor = unit.context.actor
    mine = None if actor.superadmin else granted_by(unit.snapshot, actor.roles)
    return Holder(mine, actor.limits)


def ungrantable(unit: Unit, roles: Iterable[str]) -> list[str]:
    """Give those of ``roles`` that hold more than the actor does.

    A role that he has himself he may pass on. Of another one, every action must be his with at
    least its reach, every field as far as he sees and edits it, every administration right and
    every menu item must be his. The superadmin's is given and taken by superadmins alone.
    """
    actor = unit.context.actor
    if grants_freely(actor):
        return []
    holder = holder_of(unit)
    own = actor.roles if actor.limits is None else frozenset[str]()
    return [
        role
        for role in roles
        if role not in own
        and (
            role == SUPERADMIN
            or next(beyond([holder], granted_by(unit.snapshot, frozenset({role}))), None)
            is not None
        )
    ]


def beyond(holders: Sequence[Holder], wanted: Granted) -> Iterator[Beyond]:
    """Give the rights of ``wanted`` that none of the holders has."""
    for key, actions in wanted.actions.items():
        for action, scopes in actions.items():
            for scope in sorted(scopes):
                held = any(holder.holds(key, action, scope) for holder in holders)
                if not held and (key, action) not in NEVER:
                    yield Beyond(f"objects/{key}/{action}", key, action, scope_of_word(scope))
        yield from _fields_beyond(holders, wanted, key)
    for menu, items in wanted.menus.items():
        for item in sorted(items):
            if not any(holder.menu(menu, item) for holder in holders):
                yield Beyond(f"menus/{menu}/{item}", right=item)
    for right in sorted(wanted.admin):
        if not any(holder.admin(right) for holder in holders):
            yield Beyond(f"admin/{right}", right=right)


def _fields_beyond(
    holders: Sequence[Holder], wanted: Granted, object_key: str
) -> Iterator[Beyond]:
    limited = sorted({key for holder in holders for key in holder.limited(object_key)})
    for key in limited:
        asked = wanted.fields.get(object_key, {}).get(key, OPEN)
        seen = [holder.field(object_key, key) for holder in holders]
        seen = [one for one in seen if one.level != "hidden"]
        level = max((LEVELS.index(one.level) for one in seen), default=0)
        mask = max((MASKS.index(one.mask) for one in seen), default=0)
        if asked.level == "hidden":
            continue
        if LEVELS.index(asked.level) > level or MASKS.index(asked.mask) > mask:
            path = f"objects/{object_key}/fields/{key}"
            yield Beyond(path, object_key, key, asked.level)
