"""Which departments a role was given: documents name none, so that they fit any company.

A change holds at once: whatever was worked out from it is not kept.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, insert, select

from engine.access.granting import beyond, grants_freely, holder_of
from engine.access.roles import granted_by, rights_of
from engine.audit.deeds import log_deed
from engine.errors import FieldError, Forbidden, InvalidInput
from engine.query.names import names_of
from engine.query.organisation import CHOSEN, DEPARTMENT, changed
from engine.storage.snapshot import Unit
from engine.storage.team_tables import slot
from metadata.errors import PlatformError

RIGHT = "roles"
MOST = 500


class UnknownRole(PlatformError):
    """There is no role of this key."""

    code = "unknown_role"
    status = 404


def chosen_departments(unit: Unit, role: str) -> list[int]:
    """Give the departments that a role was given.

    Raises:
        Forbidden: the actor does not administer roles.
        UnknownRole: there is no such role.
    """
    _check(unit, role)
    return _chosen(unit, role)


def choose_departments(unit: Unit, role: str, ids: Iterable[int]) -> list[int]:
    """Give a role its departments, instead of those it had; gives what it has then.

    Raises:
        Forbidden: the actor does not administer roles, or this would grant what he does not hold.
        UnknownRole: there is no such role.
        InvalidInput: no such department, or too many of them.
    """
    _check(unit, role)
    wanted, before = sorted(set(ids)), _chosen(unit, role)
    added = [one for one in wanted if one not in before]
    if added:
        _check_held(unit, role)
    names = names_of(unit, {(DEPARTMENT, one) for one in wanted})
    faults = [
        FieldError("departments", "no_such_record", {"value": str(one)})
        for one in added
        if (DEPARTMENT, one) not in names
    ]
    if len(wanted) > MOST:
        faults.append(FieldError("departments", "too_many", {"most": MOST}))
    if faults:
        raise InvalidInput(faults)
    if wanted == before:
        return before
    unit.connection.execute(delete(slot).where(*_place(role)))
    if wanted:
        rows = [
            {"document": f"role/{role}", "slot": CHOSEN, "kind": DEPARTMENT, "record_id": one}
            for one in wanted
        ]
        unit.connection.execute(insert(slot), rows)
    changed(unit)
    details = {"slot": CHOSEN, "before": before, "after": wanted}
    log_deed(unit.connection, unit.context, "role.changed", role, details)
    return wanted


def _check(unit: Unit, role: str) -> None:
    rights_of(unit).require_admin(RIGHT)
    if role not in unit.snapshot.site.roles:
        raise UnknownRole(role=role)


def _check_held(unit: Unit, role: str) -> None:
    """Refuse to widen what the actor does not hold for everybody's records."""
    if grants_freely(unit.context.actor):
        return
    wanted = granted_by(unit.snapshot, frozenset({role}))
    for one in beyond([holder_of(unit)], wanted):
        if one.scope == CHOSEN:
            raise Forbidden(object=one.object, action=one.right)


def _chosen(unit: Unit, role: str) -> list[int]:
    query = select(slot.c.record_id).where(*_place(role)).order_by(slot.c.record_id)
    return list(unit.connection.scalars(query))


def _place(role: str) -> tuple[ColumnElement[bool], ...]:
    return (slot.c.document == f"role/{role}", slot.c.slot == CHOSEN, slot.c.kind == DEPARTMENT)
