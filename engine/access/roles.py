"""What an actor may do: the grants of his roles, and the only maker of access predicates.

Denied is the default. What several roles grant adds up, per action: a role that grants reading
says nothing about changing. Rights are composed from the snapshot once per set of roles; whose
records they reach is asked anew in each unit of work, so nothing outlives a change of people.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engine.access.limits import leaves, leaves_admin
from engine.access.scope import ALL, owner_ids, word
from engine.access.teams import membership
from engine.context import Actor
from engine.errors import Forbidden, UnknownObject
from engine.query.predicate import AccessPredicate
from engine.storage.snapshot import Snapshot, Unit
from metadata.model import FieldGrant, ObjectGrant, RoleDef

SUPERADMIN = "superadmin"
WITHOUT_RECORD = frozenset({"create", "import", "claim"})
"""Actions on something the actor does not read yet: not bounded by what he reads."""
NEVER = frozenset({("user", "delete"), ("user", "purge"), ("user", "merge")})
"""(Object, action) that nobody has: people are disabled, since everything they did names them."""
LEVELS = ("hidden", "read", "edit")
MASKS = ("always", "list", "")
OPEN = FieldGrant()
SHUT = FieldGrant(level="hidden")


@dataclass(frozen=True, slots=True)
class Granted:
    """The sum of some roles. ``actions``: object -> action -> scopes, never empty."""

    actions: Mapping[str, Mapping[str, frozenset[str]]]
    fields: Mapping[str, Mapping[str, FieldGrant]]
    menus: Mapping[str, frozenset[str]]
    admin: frozenset[str]


class Rights:
    """The rights of the actor of one unit of work."""

    __slots__ = ("_actor", "_granted", "_unit")

    def __init__(self, unit: Unit, granted: Granted) -> None:
        """Join the unit with the sum of its actor's roles; callers use `rights_of`."""
        self._unit = unit
        self._actor: Actor = unit.context.actor
        self._granted = granted

    def allows(self, object_key: str, action: str) -> bool:
        """Tell whether the actor may do ``action`` with at least some records of the object."""
        if object_key not in self._unit.snapshot.objects or (object_key, action) in NEVER:
            return False
        if not leaves(self._actor.limits, object_key, action):
            return False
        if self._actor.superadmin:
            return True
        actions = self._granted.actions.get(object_key, {})
        if action == "read_list" and action not in actions:
            action = "read"
        return action in actions and (action in WITHOUT_RECORD or "read" in actions)

    def require(self, object_key: str, action: str) -> None:
        """Refuse unless `allows`.

        Raises:
            UnknownObject: there is no such object, or he may do nothing with it: both look alike.
            Forbidden: he knows the object, but this action is not granted.
        """
        if self.allows(object_key, action):
            return
        if not self.allows(object_key, "read") and not self.allows(object_key, "create"):
            raise UnknownObject(object=object_key)
        raise Forbidden(object=object_key, action=action)

    def predicate(self, object_key: str, action: str = "read") -> AccessPredicate:
        """Give the condition on records that ``action`` reaches; never wider than reading.

        A role must grant the action, with whatever scope; a team then adds records to those of
        the scope, for the few actions that a member has (see `engine.access.teams`).

        Raises:
            UnknownObject: see `require`.
            Forbidden: see `require`.
        """
        self.require(object_key, action)
        reach = self._reach(object_key, action)
        if action not in WITHOUT_RECORD and action != "read":
            reach = _narrower(reach, self._reach(object_key, "read"))
        if reach is None:
            return AccessPredicate(object=object_key, action=action, shape="all", owner_ids=())
        return AccessPredicate(
            object=object_key,
            action=action,
            shape="owners" if reach else "none",
            owner_ids=tuple(sorted(reach)),
            team=membership(self._unit, object_key, action),
        )

    def within_parent(self, object_key: str) -> AccessPredicate:
        """Give the condition on lines of records that were read before: their right is asked for.

        Raises:
            UnknownObject: he may not read such lines at all.
        """
        if not self.allows(object_key, "read"):
            raise UnknownObject(object=object_key)
        return AccessPredicate(object=object_key, action="read", shape="all", owner_ids=())

    def field_level(self, object_key: str, field_key: str) -> str:
        """Tell what he may do with a field: hidden, read or edit."""
        return self._field(object_key, field_key).level

    def field_mask(self, object_key: str, field_key: str) -> str:
        """Tell where a field's value is covered: "" nowhere, list, or always."""
        return self._field(object_key, field_key).mask

    def admin(self, right: str) -> bool:
        """Tell whether he holds an administration right, such as metadata or people."""
        held = self._actor.superadmin or right in self._granted.admin
        return held and leaves_admin(self._actor.limits, right)

    def require_admin(self, right: str) -> None:
        """Refuse unless `admin`.

        Raises:
            Forbidden: the right is not granted.
        """
        if not self.admin(right):
            raise Forbidden(object="", action=right)

    def menu(self, menu_key: str, item_key: str) -> bool:
        """Tell whether a menu item is shown; it opens nothing that other rights refuse."""
        return self._actor.superadmin or item_key in self._granted.menus.get(menu_key, ())

    def objects(self) -> tuple[str, ...]:
        """List the objects he may read, in the order of the site."""
        return tuple(key for key in self._unit.snapshot.objects if self.allows(key, "read"))

    def actions(self, object_key: str) -> tuple[str, ...]:
        """List the declared actions of an object that are granted, in their order."""
        declared = self._unit.snapshot.object(object_key).definition.actions
        return tuple(key for key in declared if self.allows(object_key, key))

    def _reach(self, object_key: str, action: str) -> frozenset[int] | None:
        """Give the owners whose records ``action`` reaches; None: everybody's."""
        if self._actor.superadmin:
            return None
        actions = self._granted.actions.get(object_key, {})
        scopes = actions.get(action) or actions.get("read", frozenset())
        if ALL in scopes:
            return None
        if not self._unit.snapshot.object(object_key).definition.has("owner"):
            return frozenset()
        return frozenset(owner_ids(self._unit, scopes))

    def _field(self, object_key: str, field_key: str) -> FieldGrant:
        if self._actor.superadmin:
            return OPEN
        if not self._granted.actions.get(object_key):
            return SHUT
        return self._granted.fields.get(object_key, {}).get(field_key, OPEN)


def rights_of(unit: Unit) -> Rights:
    """Give the rights of the unit's actor."""
    return Rights(unit, granted_by(unit.snapshot, unit.context.actor.roles))


def granted_by(snapshot: Snapshot, role_keys: frozenset[str]) -> Granted:
    """Add up roles; a key that no document defines grants nothing."""
    return snapshot.once(
        ("granted", role_keys),
        lambda: _with_free(
            snapshot,
            _with_lines(
                snapshot,
                add_up([snapshot.site.roles[k] for k in role_keys if k in snapshot.site.roles]),
            ),
        ),
    )


def scopes_of(
    snapshot: Snapshot, actor: Actor, object_key: str, actions: Iterable[str]
) -> frozenset[str]:
    """Give the scopes (see `engine.access.scope.word`) that decide whose records actions reach."""
    if actor.superadmin:
        return frozenset()
    granted = granted_by(snapshot, actor.roles).actions.get(object_key, {})
    found = (granted.get(one, frozenset()) for one in actions)
    return frozenset().union(*(one for one in found if ALL not in one))


def _with_free(snapshot: Snapshot, granted: Granted) -> Granted:
    """Let who reads a record do what needs no right, such as giving it a star of his own."""
    actions = dict(granted.actions)
    for key, held in granted.actions.items():
        bound = snapshot.objects.get(key)
        if bound is None or "read" not in held:
            continue
        free = [name for name, action in bound.definition.actions.items() if not action.right]
        actions[key] = {**dict.fromkeys(free, held["read"]), **held}
    return replace(granted, actions=actions)


def _with_lines(snapshot: Snapshot, granted: Granted) -> Granted:
    """Let who reads a record read its lines, unless a role says something about them itself."""
    actions = dict(granted.actions)
    for key in granted.actions:
        bound = snapshot.objects.get(key)
        for field in bound.fields.values() if bound is not None else ():
            child = str(field.definition.props.get("of", ""))
            shut = granted.fields.get(key, {}).get(field.key, OPEN).level == "hidden"
            if field.type.lines and child not in granted.actions and not shut:
                reading = granted.actions[key].get("read")
                if reading:
                    actions[child] = {"read": reading}
    return replace(granted, actions=actions)


def add_up(roles: Iterable[RoleDef]) -> Granted:
    """Add up roles as their documents say it, without what follows from it."""
    grants: dict[str, list[ObjectGrant]] = {}
    actions: dict[str, dict[str, frozenset[str]]] = {}
    menus: dict[str, frozenset[str]] = {}
    admin: frozenset[str] = frozenset()
    for role in roles:
        admin |= role.admin
        for key, grant in role.objects.items():
            grants.setdefault(key, []).append(grant)
            found = actions.setdefault(key, {})
            for action, scope in grant.actions.items():
                found[action] = found.get(action, frozenset()) | {word(scope, role.key)}
        for menu, items in role.menus.items():
            menus[menu] = menus.get(menu, frozenset()) | items
    return Granted(
        actions=actions,
        fields={key: _fields(found) for key, found in grants.items()},
        menus=menus,
        admin=admin,
    )


def _fields(grants: Iterable[ObjectGrant]) -> dict[str, FieldGrant]:
    # Only a role that lets one read the object has a say in what is read of it.
    # One who only makes records sets in them what the roles that let him make them say.
    grants = list(grants)
    reading = [grant for grant in grants if "read" in grant.actions] or grants
    named = {key for grant in reading for key in grant.fields}
    return {key: _widest([grant.fields.get(key, OPEN) for grant in reading]) for key in named}


def _widest(grants: Iterable[FieldGrant]) -> FieldGrant:
    seeing = [grant for grant in grants if grant.level != "hidden"]
    if not seeing:
        return SHUT
    return FieldGrant(
        level=max((grant.level for grant in seeing), key=LEVELS.index),
        mask=max((grant.mask for grant in seeing), key=MASKS.index),
    )


def _narrower(one: frozenset[int] | None, other: frozenset[int] | None) -> frozenset[int] | None:
    if one is None:
        return other
    return one if other is None else one & other
