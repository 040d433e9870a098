"""Handing over what somebody has: records of every object, reports, departments that he leads.

One job for all of it, so that one step takes it back. What is owned changes hands by the right
to hand accounts over alone: who looks after people need not see what they work on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, insert, literal, select, union_all
from sqlalchemy.sql import Select

from engine.access.roles import rights_of
from engine.access.scope import DEPARTMENT, USER
from engine.bulk.verb import ChangedSince, Done, Task, before
from engine.records.act import UNDO
from engine.records.change import change
from engine.records.circles import above, take_turn
from engine.records.ownership import OWNER
from engine.records.shape import load_live, shape_of
from engine.records.writing import Doing, Writing
from engine.storage.kernel_tables import job_row
from engine.storage.snapshot import BoundObject, Unit

HAND_OVER = "hand_over_account"
TRANSFER = "transfer"
TRANSFERRED = "transferred"
MANAGER, LEADER = "manager", "leader"
LINKS = {USER: MANAGER, DEPARTMENT: LEADER}
"""Which link names a person, where it is not the owner's."""
WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """So many records of an object that somebody has."""

    object: str
    count: int


def holdings(unit: Unit, user_id: int) -> list[Holding]:
    """Count what somebody has, of every object that has owners, in one statement.

    His reports count as users, the departments that he leads as departments.
    """
    held = [
        select(literal(bound.id).label("object_id"), func.count().label("found"))
        .select_from(bound.table)
        .where(*_his(bound, user_id))
        for bound in _objects(unit)
    ]
    rows = unit.connection.execute(union_all(*held)).all()
    keys = {bound.id: bound.key for bound in _objects(unit)}
    return [Holding(object=keys[row.object_id], count=row.found) for row in rows if row.found]


def choose_holdings(unit: Unit, number: int, user_id: int, objects: Collection[str]) -> int:
    """Write down for a job all that somebody has now of some objects; gives how much it is."""
    place, last = 0, select(func.max(job_row.c.place)).where(job_row.c.job_id == number)
    names = ["job_id", "place", "object_id", "record_id", "state", "code"]
    for bound in _objects(unit):
        if bound.key not in objects:
            continue
        ids = bound.table.c.id
        rows: Select[Any] = select(
            literal(number),
            literal(place) + func.row_number().over(order_by=ids),
            literal(bound.id),
            ids,
            literal(WAITING),
            literal(""),
        ).where(*_his(bound, user_id))
        unit.connection.execute(insert(job_row).from_select(names, rows, include_defaults=False))
        place = unit.connection.scalar(last) or 0
    return place


def hand_over(unit: Unit, task: Task, record_id: int) -> Done:
    """Give one record to whoever gets those of its object.

    Raises:
        Forbidden: the right to hand over is gone.
        RecordNotFound: it is gone.
        ChangedSince: it is another's meanwhile.
    """
    rights_of(unit).require(USER, HAND_OVER)
    leaver, to = int(task.values["from"]), task.values["to"][task.object]
    key = LINKS.get(task.object, OWNER)
    shape = shape_of(unit, task.object)
    take_turn(unit, shape, {key})
    record = load_live(unit, shape, record_id)
    if record.values[key] != leaver:
        raise ChangedSince
    if task.object == USER:
        to = _manager_for(unit, record_id, to, task.values["upper"])
    told = TRANSFER if key == OWNER else HAND_OVER
    written = _set(unit, task.object, record_id, {key: to}, told)
    field = str(shape.fields[key].id)
    return Done(written, {field: leaver})


def take_back_hand_over(unit: Unit, task: Task, record_id: int, done: Done) -> Done:
    """Give one record back to whoever handed it over; not when anybody was there since."""
    rights_of(unit).require(USER, HAND_OVER)
    old = before(unit, task, record_id, done)
    return Done(_set(unit, task.object, record_id, old, UNDO))


def _set(unit: Unit, object_key: str, record_id: int, sets: Mapping[str, Any], told: str) -> int:
    """Write a link as the platform does, in the name of the acting person; gives the version."""
    actor = unit.context.actor
    right = HAND_OVER if object_key == USER else "update"
    if object_key != USER:  # what he hands over he may not even see
        actor = replace(actor, superadmin=True, limits=None)
    writing = Writing(
        system_fields=True,
        unversioned=True,
        via=TRANSFERRED,
        check_links=False,
        doing=Doing(right=right, told=told, sets=dict(sets)),
    )
    acting = replace(unit, context=replace(unit.context, actor=actor))
    return change(acting, object_key, record_id, {}, version=None, writing=writing).version


def _manager_for(unit: Unit, report: int, to: int | None, upper: int | None) -> int | None:
    """Give the new manager of a report; who gets them all reports to their manager's manager."""
    if to is None:
        return upper
    known = ("above", to)
    if known not in unit.memo:
        unit.memo[known] = above(unit, shape_of(unit, USER), MANAGER, to)
    return upper if report == to or report in unit.memo[known] else to


def _objects(unit: Unit) -> list[BoundObject]:
    return [
        bound
        for key, bound in unit.snapshot.objects.items()
        if key in LINKS or bound.definition.has(OWNER)
    ]


def _his(bound: BoundObject, user_id: int) -> tuple[Any, ...]:
    column = bound.field(LINKS.get(bound.key, OWNER)).column
    return (column == user_id, bound.table.c.deleted_at.is_(None))
