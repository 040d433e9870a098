"""Why somebody may or may not: the grants behind each action, asked of the same predicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.access.roles import NEVER, Rights, rights_of
from engine.storage.snapshot import Unit

Reason = Literal["superadmin", "granted", "never", "not_granted", "out_of_scope", "token_scope"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role of the actor that grants an action, and how far."""

    role: str
    scope: str


@dataclass(frozen=True, slots=True)
class ActionAccess:
    """One action on one record: whether, why, and by which roles."""

    action: str
    allowed: bool
    reason: Reason
    grants: Sequence[Grant]


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """One field: hidden, read or edit, and where its value is covered."""

    field: str
    level: str
    mask: str


@dataclass(frozen=True, slots=True)
class Access:
    """What the unit's actor may do with one record."""

    actions: Sequence[ActionAccess]
    fields: Sequence[FieldAccess]


def explain(unit: Unit, object_key: str, owner: int | None) -> Access:
    """Explain the rights of the unit's actor on a record of this owner."""
    rights = rights_of(unit)
    bound = unit.snapshot.object(object_key)
    return Access(
        actions=[
            _action(unit, rights, object_key, key, owner) for key in bound.definition.actions
        ],
        fields=[
            FieldAccess(
                key, rights.field_level(object_key, key), rights.field_mask(object_key, key)
            )
            for key in bound.fields
        ],
    )


def _action(
    unit: Unit, rights: Rights, object_key: str, action: str, owner: int | None
) -> ActionAccess:
    grants = _grants(unit, object_key, action)
    allowed = rights.allows(object_key, action)
    within = allowed and rights.predicate(object_key, action).admits(owner)
    return ActionAccess(
        action, within, _reason(unit, (object_key, action), grants, allowed, within), grants
    )


def _reason(
    unit: Unit, right: tuple[str, str], grants: Sequence[Grant], allowed: bool, within: bool
) -> Reason:
    actor = unit.context.actor
    if right in NEVER:
        return "never"
    if within:
        return "superadmin" if actor.superadmin else "granted"
    if allowed:
        return "out_of_scope"
    if actor.limits is not None and (grants or actor.superadmin):
        return "token_scope"
    return "not_granted"


def _grants(unit: Unit, object_key: str, action: str) -> list[Grant]:
    """List what the actor's roles say of an action, in the order of the roles' keys."""
    found = []
    for key in sorted(unit.context.actor.roles):
        role = unit.snapshot.site.roles.get(key)
        actions = role.objects[object_key].actions if role and object_key in role.objects else {}
        named = "read" if action == "read_list" and action not in actions else action
        if named in actions:
            found.append(Grant(key, actions[named]))
    return found
