"""What a team adds to a role: the records that somebody maintains together with their owner.

Membership widens whose records an action reaches, never what one may do: the role must grant the
action itself. To read is to see the record and to write follow-ups; to write is to edit as well.
Everything else (to delete, hand over, export, change the team, …) goes by the scope alone.
"""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from engine.query import members
from engine.query.members import ABILITY, READ, WRITE, is_member_somewhere
from engine.query.plans import Plan, plan_of
from engine.query.predicate import Level, Membership
from engine.storage.snapshot import BoundObject, Unit
from engine.storage.types import BigId

READS = frozenset({"read", "read_list", "follow_up"})
WRITES = frozenset({"update"})


def membership(unit: Unit, object_key: str, action: str) -> Membership | None:
    """Give what the actor's memberships add to an action; None: nothing.

    Most people are in no team of an object; then lists are asked for the scope alone.
    """
    user = unit.context.actor.user_id
    bound = unit.snapshot.object(object_key)
    level = level_for(bound, action)
    if level is None or user is None or not _is_member(unit, bound, user):
        return None
    return Membership(bound.id, user, level, unit.context.now)


def foresee(unit: Unit, bound: BoundObject, record_id: int, users: Collection[int]) -> None:
    """Read at once what memberships add for many people on one record.

    Whether each is in any other team needs no asking: the team of this record answers.
    """
    if bound.definition.has(ABILITY):
        members.foresee(unit, bound, record_id, users)
        for user in users:
            unit.memo.setdefault(memo_key(user), {})[bound.id] = True


def level_for(bound: BoundObject, action: str) -> Level | None:
    """Give the level of membership that an action needs; None where no team helps."""
    if not bound.definition.has(ABILITY):
        return None
    if action in WRITES:
        return WRITE
    declared = bound.definition.actions.get(action)
    free = declared is not None and not declared.right
    return READ if action in READS or free else None


def _is_member(unit: Unit, bound: BoundObject, user: int) -> bool:
    """Tell whether somebody is in a team of the object; it came with who is acting, or is asked.

    Within this transaction it may have become so.
    """
    came_with = unit.context.actor.teams
    known: dict[int, bool] = unit.memo.setdefault(memo_key(user), {})
    if bound.id in known:
        return known[bound.id]
    if came_with is not None:
        return bound.id in came_with
    plan = plan_of(
        unit,
        ("in a team", bound.id),
        lambda: Plan(select(is_member_somewhere(bound.id, bindparam("me", type_=BigId)))),
    )
    known[bound.id] = bool(plan.run(unit, {"me": user}).scalar())
    return known[bound.id]


def memo_key(user: int) -> tuple[str, int]:
    """Name what a unit of work remembers of the objects in whose teams somebody is."""
    return "in teams", user
