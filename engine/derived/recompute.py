"""Compute stored fields of some records again, from what stands in the database now.

The records are held first: another transaction that wants to write a sum of the same parent waits,
and then reads what this one has written. A sum is always taken anew; nothing is added to it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from engine.derived.following import Follower, followers
from engine.derived.graph import Computation, inverse_of
from engine.derived.totals import EMPTY_SUMS, Totals
from engine.formulas.moment import moment_of
from engine.query.conditions import Conditions
from engine.query.lists import is_one_of
from engine.query.operands import bind
from engine.query.paths import Source, program_of, resolve
from engine.query.plans import Plan, plan_of
from engine.query.programs import decoder
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.computed import FORMULA, Computed

PIECE = 10**9
"""Sums are taken in two pieces: SQLite's own sum fails beyond 63 bits."""

Row = dict[str, Any]
Compute = Callable[[Row], Any]
Step = Callable[[Row, Row], Row]
"""Takes a row, and what stood in its fields before; gives what stands there now."""


def recompute(
    unit: Unit, bound: BoundObject, group: Sequence[Computation], ids: Collection[int]
) -> dict[str, set[int]]:
    """Compute some fields of an object again.

    Args:
        unit: the transaction.
        bound: the object.
        group: its computed fields in question, each behind those of the group that it reads.
        ids: which records; those in the bin or gone are passed over.

    Returns:
        Field -> ids of the records whose value differs now.
    """
    wanted = sorted(ids)
    _hold(unit, bound, wanted)
    keys = tuple(one.key for one in group)
    rows = _read(unit, bound, keys, wanted)
    if not rows:
        return {}
    steps = [_step(unit, bound, key, list(rows)) for key in keys]
    written = (*keys, *(one.flag for one in followers(unit.snapshot, bound) if one.key in keys))
    changed: dict[str, set[int]] = {}
    differing: list[dict[str, Any]] = []
    for record_id, row in rows.items():
        before = {key: row[key] for key in written}
        for step in steps:
            row.update(step(row, before))
        different = [key for key in written if row[key] != before[key]]
        for key in different:
            changed.setdefault(key, set()).add(record_id)
        if different:
            new = {_slot(key): row[key] for key in written}
            differing.append({"at_id": record_id, **new})
    if differing:
        _write(unit, bound, written, differing)
    return changed


def _hold(unit: Unit, bound: BoundObject, ids: Sequence[int]) -> None:
    """Lock the records; SQLite lets one transaction write at a time."""
    if unit.connection.dialect.name == "sqlite":
        return
    table = bound.table
    statement = unit.snapshot.once(
        ("hold", bound.key),
        lambda: (
            select(table.c.id)
            .where(is_one_of(table.c.id, "ids", "postgresql"))
            .order_by(table.c.id)
            .with_for_update(key_share=True)
        ),
    )
    unit.connection.execute(statement, {"ids": ids}).all()


def _read(
    unit: Unit, bound: BoundObject, keys: tuple[str, ...], ids: Sequence[int]
) -> dict[int, Row]:
    """Read the fields and all that their formulas look at; id -> path -> stored value."""
    paths = list(keys)
    for one in followers(unit.snapshot, bound):
        paths += [one.flag, one.source] if one.key in keys else []
    for key in keys:
        if _computed(bound, key).kind == FORMULA:
            paths += program_of(unit.snapshot, bound, bound.fields[key]).formula.paths
    names = tuple(dict.fromkeys(paths))
    dialect = unit.connection.dialect.name

    def compose() -> Plan:
        source = Source(unit.snapshot, bound, bound.table)
        columns = [source.column(resolve(unit.snapshot, bound, name)) for name in names]
        table = bound.table
        terms = [is_one_of(table.c.id, "ids", dialect), table.c.deleted_at.is_(None)]
        statement = select(table.c.id, *columns).select_from(source.froms).where(*terms)
        return Plan(statement.order_by(table.c.id))

    plan = plan_of(unit, ("read computed", bound.key, names), compose)
    rows = plan.run(unit, {"ids": ids})
    return {row[0]: {_ID: row[0], **dict(zip(names, row[1:], strict=True))} for row in rows}


def _step(unit: Unit, bound: BoundObject, key: str, ids: Sequence[int]) -> Step:
    """Give what makes a field of a row anew, and whatever belongs to it."""
    field = bound.fields[key]
    for one in followers(unit.snapshot, bound):
        if one.key == key:
            return _following(one)
    if _computed(bound, key).kind == FORMULA:
        compute = _formula(unit, bound, field)
        return lambda row, before: {key: compute(row)}
    sums = _sums(unit, bound, field, ids)
    empty = EMPTY_SUMS.get(_computed(bound, key).agg)
    return lambda row, before: {key: sums.get(row[_ID], empty)}


def _following(one: Follower) -> Step:
    def step(row: Row, before: Row) -> Row:
        same = one.source not in before or row[one.source] == before[one.source]
        return one.settled(row, stays=same)

    return step


_ID = "\0id"
"""Where a row keeps its own id; no path is called so."""


def _formula(unit: Unit, bound: BoundObject, field: BoundField) -> Compute:
    program = program_of(unit.snapshot, bound, field)
    language = unit.snapshot.site.languages[0]
    readers = [
        (path, decoder(resolve(unit.snapshot, bound, path).field, language))
        for path in program.formula.paths
    ]
    moment = moment_of(unit.context)
    return lambda row: program.compute([decode(row[p]) for p, decode in readers], moment)


@dataclass(frozen=True, slots=True)
class _Summing:
    """How one roll-up is read from the rows of its query, which begin with the parent."""

    columns: Sequence[ColumnElement[Any]]
    take: Callable[[Sequence[Any]], Any]


def _sums(
    unit: Unit, bound: BoundObject, field: BoundField, ids: Sequence[int]
) -> Mapping[int, Any]:
    """Take the roll-up of some parents anew: one query, by the index of the link."""
    computed = _computed(bound, field.key)
    inverse = inverse_of(unit.snapshot, bound, field.key)
    if inverse is None:
        raise ValueError(f"{field.key} is no roll-up")
    child = unit.snapshot.object(inverse.object)
    condition = bind(unit, child, computed.where)
    dialect = unit.connection.dialect.name
    summing = _summing(unit, child, field)

    def compose() -> Plan:
        source = Source(unit.snapshot, child, child.table)
        link = child.field(inverse.field).column
        terms = [
            is_one_of(link, "ids", dialect),
            child.table.c.deleted_at.is_(None),
            Conditions(dialect).where(source, condition.shape),
        ]
        statement = select(link, *summing.columns).select_from(source.froms)
        return Plan(statement.where(*terms).group_by(link))

    plan = plan_of(unit, ("roll up", bound.key, field.key), compose)
    rows = plan.run(unit, {**condition.values, "ids": ids})
    return {row[0]: summing.take(row[1:]) for row in rows}


def _summing(unit: Unit, child: BoundObject, field: BoundField) -> _Summing:
    computed = field.definition.computed
    agg = computed.agg if computed is not None else ""
    if agg == "count":
        return _Summing([func.count()], lambda row: row[0])
    summed = child.field(computed.field if computed is not None else "")
    column = summed.column
    if agg in {"min", "max"}:
        return _Summing([func.min(column) if agg == "min" else func.max(column)], lambda r: r[0])
    totals = Totals(unit.snapshot, child, field)
    # Both databases divide towards zero, and the remainder has the sign of the value.
    high = column.op("/", is_comparison=False)(PIECE)
    parts = [func.sum(high), func.sum(column % PIECE), func.count(column)]

    def whole(row: Sequence[Any]) -> int:
        return 0 if row[0] is None else int(row[0]) * PIECE + int(row[1])

    if agg == "sum":
        return _Summing(parts, lambda row: totals.total(whole(row)))
    return _Summing(parts, lambda row: totals.average(whole(row), row[2]))


def _write(
    unit: Unit, bound: BoundObject, keys: tuple[str, ...], rows: Sequence[dict[str, Any]]
) -> None:
    table = bound.table

    def compose() -> Any:
        columns = {
            bound.fields[key].column: bindparam(_slot(key), type_=bound.fields[key].column.type)
            for key in keys
        }
        return update(table).where(table.c.id == bindparam("at_id")).values(columns)

    statement = unit.snapshot.once(("write computed", bound.key, keys), compose)
    unit.connection.execute(statement, list(rows))


def _slot(key: str) -> str:
    return f"to_{key}"


def _computed(bound: BoundObject, key: str) -> Computed:
    computed = bound.fields[key].definition.derived
    if computed is None:
        raise ValueError(f"{key} is not computed")
    return computed
