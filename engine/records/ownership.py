"""Whose a record is: set when it is made, afterwards only by actions such as a transfer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from engine.access.roles import rights_of
from engine.access.scope import DEPARTMENT, USER
from engine.records.shape import Shape, run
from engine.records.writing import Faults, Writing
from engine.storage.snapshot import Unit

OWNER = "owner"


def check_owner(
    unit: Unit, shape: Shape, given: Mapping[str, Any], writing: Writing, faults: Faults
) -> None:
    """Refuse an owner other than the actor from somebody who may not hand records over."""
    owner = given.get(OWNER)
    if OWNER not in shape.fields or writing.system_fields or owner is None:
        return
    if owner != unit.context.actor.user_id and not rights_of(unit).allows(shape.key, "transfer"):
        faults.add(OWNER, "by_action_only")


def assign_owner(unit: Unit, shape: Shape, values: dict[str, Any], writing: Writing) -> None:
    """Fill what the ability ``owner`` brings on a new record."""
    if OWNER not in shape.fields:
        return
    if values.get(OWNER) is None:
        values[OWNER] = writing.owner or unit.context.actor.user_id
    values["owner_department"] = department_of(unit, values[OWNER])
    values["received_at"] = values.get("received_at") or writing.created_at or unit.context.now
    values["received_via"] = values.get("received_via") or writing.via


def department_of(unit: Unit, user_id: int | None) -> int | None:
    """Give the department somebody belongs to now; looked up once in a unit of work."""
    actor = unit.context.actor
    if user_id is None or user_id == actor.user_id:
        return actor.department_id if user_id is not None else None
    known = ("department of", user_id)
    if known not in unit.memo:
        unit.memo[known] = _department(unit, user_id)
    found: int | None = unit.memo[known]
    return found


def _department(unit: Unit, user_id: int) -> int | None:
    user = unit.snapshot.objects.get(USER)
    if user is None or DEPARTMENT not in user.fields:
        return None
    column = user.fields[DEPARTMENT].column
    statement = unit.snapshot.once(
        "department of",
        lambda: select(column).where(user.table.c.id == bindparam("user_id")),
    )
    found: int | None = run(unit, statement, {"user_id": user_id}).scalar()
    return found
