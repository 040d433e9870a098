"""Why somebody may or may not: the grants behind each action, asked of the same predicates.

What is told here never decides anything. Whether an action is allowed is the answer of the very
predicate that lists and gateways use; the roles, departments and memberships beside it are read
from where that predicate was made of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from engine.access.roles import NEVER, Rights, rights_of
from engine.access.scope import ALL, DEPARTMENT, USER, owner_ids, word
from engine.access.teams import level_for
from engine.query.members import Member, admits, member_of
from engine.storage.snapshot import Unit

Reason = Literal[
    "superadmin", "granted", "team", "never", "not_granted", "out_of_scope", "token_scope"
]


@dataclass(frozen=True, slots=True)
class Place:
    """The record that is asked about."""

    object: str
    id: int
    owner: int | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role of the actor that grants an action, how far, and whether the record is within."""

    role: str
    scope: str
    reaches: bool


@dataclass(frozen=True, slots=True)
class ActionAccess:
    """One action on one record: whether, why, and by which roles.

    ``team``: his membership would let him, if only a role granted the action.
    """

    action: str
    allowed: bool
    reason: Reason
    grants: Sequence[Grant]
    team: bool = False


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """One field: hidden, read or edit, and where its value is covered."""

    field: str
    level: str
    mask: str


@dataclass(frozen=True, slots=True)
class Access:
    """What the unit's actor may do with one record.

    Attributes:
        actions: each action of its object.
        fields: each field.
        member: his place in its team now.
        line: from the owner up to him, who reports to whom; empty where he is not above.
        department: where the owner is now, which scopes of departments go by.
    """

    actions: Sequence[ActionAccess]
    fields: Sequence[FieldAccess]
    member: Member | None = None
    line: Sequence[int] = ()
    department: int | None = None


def explain(unit: Unit, place: Place) -> Access:
    """Explain the rights of the unit's actor on a record."""
    rights, actor = rights_of(unit), unit.context.actor
    bound = unit.snapshot.object(place.object)
    user = actor.user_id
    member = member_of(unit, bound, place.id, user) if user is not None else None
    return Access(
        actions=[_action(unit, rights, place, key, member) for key in bound.definition.actions],
        fields=[
            FieldAccess(
                key, rights.field_level(place.object, key), rights.field_mask(place.object, key)
            )
            for key in bound.fields
        ],
        member=member,
        line=_line(unit, place.owner, user),
        department=_department(unit, place.owner),
    )


def _line(unit: Unit, owner: int | None, user: int | None) -> list[int]:
    """Climb from the owner to the person, manager by manager; a cycle of managers ends."""
    line: list[int] = []
    manager = unit.snapshot.object(USER).field("manager").column
    table = unit.snapshot.object(USER).table
    while owner is not None and owner not in line:
        line.append(owner)
        if owner == user:
            return line if len(line) > 1 else []
        owner = unit.connection.scalar(select(manager).where(table.c.id == owner))
    return []


def _department(unit: Unit, owner: int | None) -> int | None:
    if owner is None:
        return None
    person = unit.snapshot.object(USER)
    column = person.field(DEPARTMENT).column
    found: int | None = unit.connection.scalar(select(column).where(person.table.c.id == owner))
    return found


def _action(
    unit: Unit, rights: Rights, place: Place, action: str, member: Member | None
) -> ActionAccess:
    grants = _grants(unit, place, action)
    if not rights.allows(place.object, action):
        reason = _refused(unit, (place.object, action), grants)
        return ActionAccess(action, False, reason, grants)
    predicate = rights.predicate(place.object, action)
    level = level_for(unit.snapshot.object(place.object), action)
    by_team = member is not None and level is not None and member.suffices(level)
    if not admits(unit, predicate, place.id, place.owner):
        return ActionAccess(action, False, "out_of_scope", grants)
    if unit.context.actor.superadmin:
        return ActionAccess(action, True, "superadmin", grants)
    reason = "granted" if predicate.covers(place.owner) else "team"
    return ActionAccess(action, True, reason, grants, by_team)


def _refused(unit: Unit, right: tuple[str, str], grants: Sequence[Grant]) -> Reason:
    actor = unit.context.actor
    if right in NEVER:
        return "never"
    if actor.limits is not None and (grants or actor.superadmin):
        return "token_scope"
    return "not_granted"


def _grants(unit: Unit, place: Place, action: str) -> list[Grant]:
    """List what the actor's roles say of an action, in the order of the roles' keys."""
    found = []
    for key in sorted(unit.context.actor.roles):
        role = unit.snapshot.site.roles.get(key)
        grant = role.objects.get(place.object) if role is not None else None
        if grant is None:
            continue
        actions = grant.actions
        named = "read" if action == "read_list" and action not in actions else action
        if named in actions:
            scope = actions[named]
            found.append(Grant(key, scope, _reaches(unit, key, scope, place.owner)))
    return found


def _reaches(unit: Unit, role: str, scope: str, owner: int | None) -> bool:
    return scope == ALL or (owner is not None and owner in owner_ids(unit, [word(scope, role)]))
