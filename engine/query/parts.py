"""The first records of every part of a list, in one statement: a list as columns of cards.

Each part is the walk that a list filtered to one value would be, so that an index that serves
that list serves this too, and no walk goes beyond what it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Integer, Select, bindparam, literal_column, select, union, union_all
from sqlalchemy.sql.elements import ColumnElement

from engine.query.conditions import Conditions
from engine.query.listing import Page
from engine.query.names import with_late_names
from engine.query.ordering import Order, SortKey, Step, key_column, order_of
from engine.query.paths import Source, resolve
from engine.query.plans import Plan, plan_of
from engine.query.predicate import AccessPredicate
from engine.query.rows import Row, lay_out
from engine.query.selection import ListRequest, Selection, Way, choose
from engine.query.slow import now, watch
from engine.query.walks import sorted_by
from engine.storage.snapshot import BoundObject, Snapshot, Unit
from metadata.conditions import AllOf, Test

MOST_PARTS = 50
"""Each is one or two walks of the statement; SQLite takes up to 500."""


@dataclass(frozen=True, slots=True)
class _Shape:
    selection: Selection
    columns: tuple[str, ...]
    order: Order
    path: str
    filled: tuple[bool, ...]


def read_parts(
    unit: Unit,
    predicate: AccessPredicate,
    request: ListRequest,
    path: str,
    values: Sequence[Any],
) -> tuple[Page, ...]:
    """Read, for each of ``values``, the first ``request.limit`` records that hold it in ``path``.

    Args:
        unit: the call.
        predicate: what of the object is in reach.
        request: the list; its page and cursor do not matter.
        path: a field of one column.
        values: stored values; None stands for records without one.

    Returns:
        One page for each value, in their order; whether more follow is not asked.

    Raises:
        UnknownObject: there is no such object.
        UnknownField: a path leads nowhere.
        InvalidInput: the condition or the sort does not fit.
        ValueError: there are more than `MOST_PARTS` values.
    """
    if len(values) > MOST_PARTS:
        raise ValueError(f"{len(values)} parts are too many")
    bound = unit.snapshot.object(request.object)
    order = order_of(unit.snapshot, bound, request.sort)
    selection, bindings = choose(unit, predicate, request)
    filled = tuple(value is not None for value in values)
    if not filled:
        return ()
    shape = _Shape(selection, request.columns, order, path, filled)
    dialect = unit.connection.dialect.name
    plan = plan_of(unit, shape, lambda: _plan(unit.snapshot, bound, shape, dialect))
    for at, value in enumerate(values):
        if value is not None:
            bindings[f"part{at}"] = value
    began = now()
    rows: Sequence[Row] = plan.run(unit, {**bindings, "limit": request.limit}).fetchall()
    watch(unit, predicate, _parted(request, path), began, "page")
    shown = with_late_names(unit, plan.layout, list(rows))
    slots, place = plan.layout.by_path, plan.layout.width
    found: list[list[Row]] = [[] for _ in values]
    for row in shown:
        part = found[row[place]]
        if len(part) < request.limit:  # a part may come as two stretches of that many
            part.append(row)
    return tuple(Page(part, slots) for part in found)


def _parted(request: ListRequest, path: str) -> ListRequest:
    """Give the list that each walk is, as far as an index for it goes."""
    one = Test(path, "eq", None)
    where = AllOf((one,) if request.where is None else (request.where, one))
    return replace(request, where=where)


def _plan(snapshot: Snapshot, bound: BoundObject, shape: _Shape, dialect: str) -> Plan:
    grounds = [_ground(snapshot, bound, shape, way, dialect) for way in shape.selection.ways]
    stretches = (1, 2) if shape.order.keys and shape.order.keys[0].nullable else (0,)
    walks = [
        select(_walk(ground, shape, at, stretch).subquery())
        for at in range(len(shape.filled))
        for stretch in stretches
        for ground in grounds
    ]
    # Two ways may meet the same record: a union without ALL has it once.
    ids = (union if len(grounds) > 1 else union_all)(*walks).subquery("parts")
    source = Source(snapshot, bound, bound.table.alias("t"), "f_")
    source.froms = ids.join(source.table, source.table.c.id == ids.c.id)
    columns, layout = lay_out(source, shape.columns)
    keys = [ids.c[f"sort{at}"] for at in range(len(shape.order.keys))]
    statement = (
        select(*columns, ids.c.part)
        .select_from(source.froms)
        .order_by(ids.c.part, ids.c.stretch, *_terms(shape.order, keys, ids.c.id))
    )
    return Plan(statement, layout)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all walks share: what a search finds is found once."""

    source: Source
    terms: Sequence[ColumnElement[bool]]
    keys: Sequence[ColumnElement[Any]]
    value: ColumnElement[Any]


def _ground(
    snapshot: Snapshot, bound: BoundObject, shape: _Shape, way: Way, dialect: str
) -> _Ground:
    source = Source(snapshot, bound, bound.table)
    return _Ground(
        source,
        shape.selection.terms(source, Conditions(dialect), way),
        [sorted_by(key_column(source, key), way, dialect) for key in shape.order.keys],
        source.column(resolve(snapshot, bound, shape.path)),
    )


def _walk(ground: _Ground, shape: _Shape, at: int, stretch: int) -> Select[Any]:
    """Walk one part; where its first key can be empty, one ``stretch`` of it: filled, empty."""
    value, id_ = ground.value, ground.source.table.c.id
    named: Any = bindparam(f"part{at}", type_=value.type)
    terms = [*ground.terms, value == named if shape.filled[at] else value.is_(None)]
    if stretch:
        first = ground.keys[0]
        terms.append(first.is_not(None) if stretch == 1 else first.is_(None))
    return (
        select(
            id_,
            literal_column(str(at), Integer).label("part"),
            literal_column(str(stretch), Integer).label("stretch"),
            *(key.label(f"sort{number}") for number, key in enumerate(ground.keys)),
        )
        .select_from(ground.source.froms)
        .where(*terms)
        .order_by(*_terms(shape.order, ground.keys, id_, stretch=stretch))
        .limit(bindparam("limit", type_=Integer))
    )


def _terms(
    order: Order,
    keys: Sequence[ColumnElement[Any]],
    id_: ColumnElement[Any],
    *,
    stretch: int = 0,
) -> list[ColumnElement[Any]]:
    """Give the terms of ORDER BY; the key that is empty throughout a stretch is left out."""
    pairs: list[tuple[SortKey, ColumnElement[Any]]] = list(zip(order.keys, keys, strict=True))
    steps = [
        Step(column, key.descending, key.nullable and at > 0)
        for at, (key, column) in enumerate(pairs)
        if not (at == 0 and stretch == 2)  # noqa: PLR2004 - filled, then empty
    ]
    steps.append(Step(id_, order.id_descending))
    return [term for step in steps for term in step.order(empty_first=False)]
