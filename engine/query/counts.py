"""How many records a list holds: up to a bound at once, exactly when asked."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, Table, bindparam, case, func, literal_column, select

from engine.query.conditions import Conditions
from engine.query.paths import Source
from engine.query.plans import Plan, plan_of
from engine.query.predicate import AccessPredicate
from engine.query.selection import ListRequest, Selection, Way, choose
from engine.query.slow import now, watch
from engine.storage.snapshot import BoundObject, Snapshot, Unit

CAP = 10_001
SMALL = 300_000
"""The highest id of a table whose rows are counted sooner by its pages than one by one."""


@dataclass(frozen=True, slots=True)
class Count:
    """``value`` records, or more than that when it is not ``exact``."""

    value: int
    exact: bool


def count(
    unit: Unit, predicate: AccessPredicate, request: ListRequest, cap: int | None = CAP
) -> Count:
    """Count what a request selects; its columns, sort and page do not matter.

    Args:
        unit: the call.
        predicate: what of the object is in reach.
        request: which records.
        cap: counting stops at this many: 10,001 gives "more than 10,000". None counts on.

    Raises:
        UnknownObject: there is no such object.
        UnknownField: a path of the condition leads nowhere.
        InvalidInput: operators or values that do not fit.
    """
    selection, values = choose(unit, predicate, request)
    dialect = unit.connection.dialect.name
    plan = plan_of(
        unit,
        ("count", selection, cap is None),
        lambda: _plan(unit.snapshot, selection, dialect, capped=cap is not None),
    )
    if cap is not None:
        values["cap"] = cap
    began = now()
    found = int(plan.run(unit, values).scalar_one())
    watch(unit, predicate, request, began, "count")
    if cap is None or found < cap:
        return Count(found, exact=True)
    return Count(cap - 1, exact=False)


def _plan(snapshot: Snapshot, selection: Selection, dialect: str, *, capped: bool) -> Plan:
    bound = snapshot.object(selection.object)
    counts = [_counted(snapshot, bound, selection, way, dialect, capped) for way in selection.ways]
    if len(counts) > 1:  # each stops at the cap by itself: together they reach it as well
        parts = [one.scalar_subquery() for one in counts]
        return Plan(select(sum(parts[1:], parts[0])))
    up_to_cap = counts[0]
    if not capped:
        return Plan(up_to_cap)
    if dialect == "sqlite" and selection.is_everything:
        return Plan(_whole(bound.table, up_to_cap))
    return Plan(up_to_cap)


def _counted(
    snapshot: Snapshot,
    bound: BoundObject,
    selection: Selection,
    way: Way,
    dialect: str,
    capped: bool,
) -> Select[Any]:
    source = Source(snapshot, bound, bound.table)
    terms = selection.apart(source, Conditions(dialect), way)
    if not capped:
        return select(func.count()).select_from(source.froms).where(*terms)
    one = literal_column("1", Integer).label("one")
    some = select(one).select_from(source.froms).where(*terms)
    counted = some.limit(bindparam("cap", type_=Integer)).subquery("counted")
    return select(func.count()).select_from(counted)


def _whole(table: Table, up_to_cap: Select[Any]) -> Select[Any]:
    """Count a table that is not large by its pages: SQLite knows how many rows each has."""
    small = select(func.max(table.c.id) <= SMALL).scalar_subquery()
    every = select(func.count()).select_from(table).scalar_subquery()
    binned = select(func.count()).where(table.c.deleted_at.is_not(None)).scalar_subquery()
    return select(case((small, every - binned), else_=up_to_cap.scalar_subquery()))
