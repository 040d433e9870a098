"""Counts, sums, smallest and largest values of what a list selects, grouped or not.

Amounts stay as they are stored (scaled whole numbers), so that every sum is exact. What one
person sees summed is bounded by the same predicate as his list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import (
    FromClause,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement

from engine.errors import FieldError, InvalidInput
from engine.query.conditions import Conditions
from engine.query.paths import Path, Source, resolve
from engine.query.plans import Plan, plan_of
from engine.query.predicate import AccessPredicate
from engine.query.rows import Layout, Row, Slot, lay_out_groups
from engine.query.selection import ListRequest, Selection, Way, choose
from engine.storage.snapshot import BoundObject, Snapshot, Unit

Function = Literal["count", "sum", "min", "max"]
MOST_GROUPS = 1_000
MOST_GROUP_KEYS = 3
MOST_MEASURES = 20
NUMBERS = frozenset({"integer"})
ORDERED = frozenset({"integer", "date", "instant"})
PIECE = 10**9
"""Sums are taken in two pieces: SQLite's own sum fails beyond 63 bits."""


@dataclass(frozen=True, slots=True)
class Measure:
    """``function`` of ``path``; a count counts records, or with a path those that have it."""

    function: Function
    path: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """``keys``: one stored value or `Label` per grouped path; ``values``: one per measure.

    A sum over nothing is None, like the smallest of nothing; a count is 0.
    """

    keys: tuple[Any, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The groups in the order of their keys, empty last; ``more``: `MOST_GROUPS` cut them off."""

    slots: Sequence[Slot]
    groups: Sequence[Group]
    more: bool = False


def aggregate(
    unit: Unit,
    predicate: AccessPredicate,
    request: ListRequest,
    measures: Sequence[Measure],
    group_by: Sequence[str] = (),
) -> Aggregate:
    """Compute measures over what a request selects; without ``group_by`` there is one group.

    Raises:
        UnknownObject: there is no such object.
        UnknownField: a path leads nowhere.
        InvalidInput: a field that cannot be summed or grouped by, or too many of them.
    """
    bound = unit.snapshot.object(request.object)
    asked, grouped = tuple(measures), tuple(dict.fromkeys(group_by))
    _check(unit.snapshot, bound, asked, grouped)
    selection, values = choose(unit, predicate, request)
    dialect = unit.connection.dialect.name
    plan = plan_of(
        unit,
        ("aggregate", selection, asked, grouped),
        lambda: _plan(unit.snapshot, selection, asked, grouped, dialect),
    )
    rows: Sequence[Row] = plan.run(unit, {**values, "most": MOST_GROUPS + 1}).fetchall()
    groups = [_group(plan.layout, asked, row) for row in rows[:MOST_GROUPS]]
    return Aggregate(plan.layout.slots, groups, more=len(rows) > MOST_GROUPS)


def parse_measures(text: str) -> tuple[Measure, ...]:
    """Read measures as a client writes them: ``sum:price,count``.

    Raises:
        InvalidInput: an unknown function, or one that lacks its field.
    """
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        function, _, path = part.partition(":")
        if function not in get_args(Function) or (function != "count" and not path):
            raise InvalidInput([FieldError("measures", "unknown_measure", {"measure": part})])
        found.append(Measure(function, path))  # type: ignore[arg-type]  # just checked
    return tuple(found)


def _check(
    snapshot: Snapshot, bound: BoundObject, measures: Sequence[Measure], grouped: Sequence[str]
) -> None:
    errors = []
    if not measures or len(measures) > MOST_MEASURES:
        errors.append(FieldError("measures", "wrong_number_of_measures", {"most": MOST_MEASURES}))
    if len(grouped) > MOST_GROUP_KEYS:
        errors.append(FieldError("group_by", "too_many_group_keys", {"most": MOST_GROUP_KEYS}))
    for measure in measures:
        if measure.path and not _measurable(measure, resolve(snapshot, bound, measure.path)):
            errors.append(FieldError(measure.path, "not_measurable", {"by": measure.function}))
    for text in grouped:
        field = resolve(snapshot, bound, text).field
        if field.many or not field.type.groupable:
            errors.append(FieldError(text, "not_groupable"))
    if errors:
        raise InvalidInput(errors)


def _measurable(measure: Measure, path: Path) -> bool:
    kind = path.field.type.columns(path.field.definition)[0].kind
    if len(path.field.columns) > 1:
        return measure.function == "count"
    match measure.function:
        case "count":
            return True
        case "sum":
            return kind in NUMBERS and not path.field.type.labelled
        case _:
            return kind in ORDERED and not path.field.type.labelled


def _plan(
    snapshot: Snapshot,
    selection: Selection,
    measures: Sequence[Measure],
    grouped: Sequence[str],
    dialect: str,
) -> Plan:
    ground = _ground(snapshot, selection, measures, grouped, dialect)
    keys = ground.keys
    columns = [
        column
        for measure, measured in zip(measures, ground.measured, strict=True)
        for column in _columns(measure, measured)
    ]
    order = [term for key in keys for term in (key.is_(None), key)]
    statement = select(*keys, *columns).select_from(ground.froms).where(*ground.terms)
    statement = statement.group_by(*keys).order_by(*order)
    return Plan(statement.limit(bindparam("most", type_=Integer)), ground.layout)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is grouped: ``measured`` holds a column for each measure, None to count records."""

    froms: FromClause
    terms: Sequence[ColumnElement[bool]]
    keys: Sequence[ColumnElement[Any]]
    measured: Sequence[ColumnElement[Any] | None]
    layout: Layout


def _ground(
    snapshot: Snapshot,
    selection: Selection,
    measures: Sequence[Measure],
    grouped: Sequence[str],
    dialect: str,
) -> _Ground:
    """Give the records as one table; those of two ways are put together, each once."""
    grounds = [
        _of_way(snapshot, selection, measures, grouped, way, dialect) for way in selection.ways
    ]
    first = grounds[0]
    if len(grounds) == 1:
        return first
    both = union_all(*(_rows(ground) for ground in grounds)).subquery("both")
    return _Ground(
        both,
        (),
        [both.c[f"key{at}"] for at in range(len(first.keys))],
        [None if one is None else both.c[f"value{at}"] for at, one in enumerate(first.measured)],
        first.layout,
    )


def _of_way(
    snapshot: Snapshot,
    selection: Selection,
    measures: Sequence[Measure],
    grouped: Sequence[str],
    way: Way,
    dialect: str,
) -> _Ground:
    bound = snapshot.object(selection.object)
    source = Source(snapshot, bound, bound.table)
    terms = selection.apart(source, Conditions(dialect), way)
    keys, layout = lay_out_groups(source, grouped)
    measured = [
        source.column(resolve(snapshot, bound, one.path)) if one.path else None for one in measures
    ]
    return _Ground(source.froms, terms, keys, measured, layout)


def _rows(ground: _Ground) -> Select[Any]:
    keys = [key.label(f"key{at}") for at, key in enumerate(ground.keys)]
    values = [one.label(f"value{at}") for at, one in enumerate(ground.measured) if one is not None]
    table: Any = ground.froms
    columns = [*keys, *values] or [literal_column("1", Integer).label("one")]
    return select(*columns).select_from(table).where(*ground.terms)


def _columns(measure: Measure, column: ColumnElement[Any] | None) -> list[ColumnElement[Any]]:
    if column is None:
        return [func.count()]
    match measure.function:
        case "count":
            return [func.count(column)]
        case "sum":
            # Both databases divide towards zero, and the remainder has the sign of the value.
            high = column.op("/", is_comparison=False)(PIECE)
            return [func.sum(high), func.sum(column % PIECE)]
        case "min":
            return [func.min(column)]
        case "max":
            return [func.max(column)]


def _group(layout: Layout, measures: Sequence[Measure], row: Row) -> Group:
    at = layout.width
    values: list[Any] = []
    for measure in measures:
        if measure.function == "sum":
            high, low = row[at : at + 2]
            values.append(None if high is None else int(high) * PIECE + int(low))
            at += 2
        else:
            values.append(row[at])
            at += 1
    return Group(tuple(slot.value(row) for slot in layout.slots), tuple(values))
