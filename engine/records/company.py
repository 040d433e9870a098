"""What always holds of the company's own objects, whoever writes them and on whatever way.

The tree of departments has one top, somebody can always do everything, and nobody reaches above
himself. The one write gateway asks here, so screens, the API, imports, bulk actions, undoing and
the command line are bound alike.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import exists, select, text

from engine.access.accounts import end_access
from engine.access.actors import ACTIVE, DISABLED
from engine.access.roles import SUPERADMIN, granted_by
from engine.access.scope import DEPARTMENT, USER
from engine.audit.deeds import log_deed
from engine.errors import Forbidden
from engine.records.shape import Shape, Stored
from engine.records.writing import Faults
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError

STATE, ROLES, PARENT = "state", "roles", "parent"
_TURN = text("SELECT pg_advisory_xact_lock(CAST(:field AS integer), 1)")
_INT = 1 << 31
_DEEDS = {ACTIVE: "person.activated", DISABLED: "person.disabled"}


class SuperadminProtected(Forbidden):
    """Who is no superadmin wants to change the account of one."""

    code = "superadmin_protected"


class HoldsMore(Forbidden):
    """The account belongs to an administrator of something that the actor does not administer."""

    code = "holds_more"


class RootStays(PlatformError):
    """The department at the top of the tree was to be deleted."""

    code = "root_stays"
    status = 409


def root_of(unit: Unit) -> int | None:
    """Give the department at the top of the tree; None before there is any."""
    bound = unit.snapshot.object(DEPARTMENT)
    table = bound.table
    top = bound.field(PARENT).column.is_(None)
    found = select(table.c.id).where(top, table.c.deleted_at.is_(None)).order_by(table.c.id)
    return unit.connection.scalar(found.limit(1))


def place_new(unit: Unit, shape: Shape, new: dict[str, Any]) -> None:
    """Put a new department for which nobody named a place below the one at the top."""
    if shape.key == DEPARTMENT and PARENT in shape.fields and new[PARENT] is None:
        new[PARENT] = root_of(unit)


def check_company(
    unit: Unit,
    shape: Shape,
    record: Stored,
    new: Mapping[str, Any],
    changed: Collection[str],
    faults: Faults,
) -> None:
    """Refuse a change of a user or a department after which the company would not hold.

    Args:
        unit: the transaction.
        shape: the object; of others nothing is asked.
        record: as it is stored.
        new: its stored values as they would be.
        changed: the fields that change.
        faults: gets ``root_not_moved``, ``required``, ``own_account`` and ``last_admin``.

    Raises:
        SuperadminProtected: the actor may not touch this account.
    """
    if shape.key == DEPARTMENT and PARENT in changed:
        _check_place(unit, record, new, faults)
    elif shape.key == USER:
        refuse_superadmin(unit, record.values)
        _check_account(unit, shape, record, new, changed, faults)


def refuse_superadmin(unit: Unit, values: Mapping[str, Any]) -> None:
    """Refuse who is no superadmin to touch the account of one.

    Raises:
        SuperadminProtected: it is one's.
    """
    if not unit.context.actor.superadmin and SUPERADMIN in (values.get(ROLES) or ()):
        raise SuperadminProtected(name=values.get("name") or "")


def refuse_above(unit: Unit, values: Mapping[str, Any]) -> None:
    """Refuse to open, close or take over the account of somebody who holds more.

    Raises:
        SuperadminProtected: it is a superadmin's.
        HoldsMore: its roles hold administration rights that the actor does not.
    """
    refuse_superadmin(unit, values)
    if administers_more(unit, values.get(ROLES) or ()):
        raise HoldsMore(name=values.get("name") or "")


def administers_more(unit: Unit, roles: Collection[str]) -> bool:
    """Tell whether roles hold an administration right that the actor does not.

    Who looks after accounts need not hold what their people work with, but nobody comes by
    another administrator's rights by taking his account over.
    """
    actor = unit.context.actor
    if actor.superadmin:
        return False
    theirs = granted_by(unit.snapshot, frozenset(roles)).admin
    return SUPERADMIN in roles or bool(theirs - granted_by(unit.snapshot, actor.roles).admin)


def refuse_root(unit: Unit, shape: Shape, record_id: int) -> None:
    """Refuse to delete the department at the top.

    Raises:
        RootStays: it is the one.
    """
    if shape.key == DEPARTMENT and record_id == root_of(unit):
        raise RootStays


def settle_company(
    unit: Unit, shape: Shape, record: Stored, new: Mapping[str, Any], changed: Collection[str]
) -> None:
    """Do what a written change brings with it: access ends with an account, deeds are logged."""
    deed = ""
    if shape.key == USER and STATE in changed:
        if new[STATE] != ACTIVE:
            end_access(unit.connection, record.id)
        deed = _DEEDS.get(new[STATE], "")
    elif shape.key == DEPARTMENT and PARENT in changed:
        deed = "department.moved"
    if deed:
        about = {shape.key: record.id}
        log_deed(unit.connection, unit.context, deed, str(new.get("name") or ""), about)


def _check_place(unit: Unit, record: Stored, new: Mapping[str, Any], faults: Faults) -> None:
    if record.id == root_of(unit):
        faults.add(PARENT, "root_not_moved")
    elif new[PARENT] is None and not faults.has(PARENT):
        faults.add(PARENT, "required")


def _check_account(
    unit: Unit,
    shape: Shape,
    record: Stored,
    new: Mapping[str, Any],
    changed: Collection[str],
    faults: Faults,
) -> None:
    own = record.id == unit.context.actor.user_id
    if own and STATE in changed and new[STATE] == DISABLED:
        faults.add(STATE, "own_account")
    if _administers(record.values) and not _administers(new):
        _take_turn(unit, shape)
        if not _others_administer(unit, shape, record.id):
            faults.add(STATE if STATE in changed else ROLES, "last_admin")


def _administers(values: Mapping[str, Any]) -> bool:
    return values.get(STATE) == ACTIVE and SUPERADMIN in (values.get(ROLES) or ())


def _others_administer(unit: Unit, shape: Shape, record_id: int) -> bool:
    """Tell whether somebody else could still do everything; read when it is one's turn."""
    table, side = shape.table, shape.fields[ROLES].side
    if side is None:
        raise RuntimeError("the roles of a user have no side table")
    found = (
        select(table.c.id)
        .join(side, side.c.record_id == table.c.id)
        .where(
            side.c.value == SUPERADMIN,
            shape.fields[STATE].column == ACTIVE,
            table.c.deleted_at.is_(None),
            table.c.id != record_id,
        )
    )
    return bool(unit.connection.scalar(select(exists(found))))


def _take_turn(unit: Unit, shape: Shape) -> None:
    """Let one at a time take an administrator away: two could else remove each other."""
    if unit.connection.dialect.name == "postgresql":
        unit.connection.execute(_TURN, {"field": shape.fields[ROLES].id % _INT})
