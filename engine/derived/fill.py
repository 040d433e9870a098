"""Compute the formulas of one record while it is saved, and let fields follow others."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select

from engine.derived.following import Follower, followers
from engine.derived.graph import graph_of
from engine.derived.totals import EMPTY_SUMS
from engine.formulas.moment import moment_of
from engine.query.paths import Path, Source, program_of, resolve
from engine.query.plans import now_of
from engine.query.programs import decoder
from engine.storage.snapshot import BoundField, BoundObject, Snapshot, Unit
from metadata.computed import FORMULA

Reader = Callable[[Unit, Mapping[str, Any]], Any]


Make = Callable[[Unit, Mapping[str, Any], Collection[str], Collection[str]], Mapping[str, Any]]
"""Takes the record, the fields that a save gives (of a new one all), and those that differ."""


@dataclass(frozen=True, slots=True)
class _Filling:
    """What makes stored fields of a record of its own values; ``reads``: which."""

    make: Make
    reads: frozenset[str]


def fill(
    unit: Unit, bound: BoundObject, values: dict[str, Any], changed: Collection[str] | None
) -> list[str]:
    """Compute what a record's own values decide, in the order in which it depends.

    Args:
        unit: the transaction.
        bound: the record's object.
        values: the whole record in stored form, ``created_at`` too; results are put in.
        changed: the fields that change; None for a new record, whose sums begin empty where
            nothing was reckoned of its lines.

    Returns:
        The computed fields whose value differs now, and those that follow others.
    """
    fillings = unit.snapshot.once(("fillings", bound.key), lambda: _compose(unit, bound))
    given = frozenset(values if changed is None else changed)
    touched = set() if changed is None else set(changed)
    differing = []
    if changed is None:
        for key, beginning in _beginnings(unit, bound).items():
            if values.get(key) is None:
                values[key] = beginning
    for one in fillings:
        if changed is not None and not one.reads & touched:
            continue
        for key, made in one.make(unit, values, given, touched).items():
            if made != values.get(key):
                values[key] = made
                touched.add(key)
                differing.append(key)
    return differing


def _compose(unit: Unit, bound: BoundObject) -> tuple[_Filling, ...]:
    following = {one.key: one for one in followers(unit.snapshot, bound)}
    found = []
    for one in graph_of(unit.snapshot).own.get(bound.key, ()):
        if one.key in following:
            found.append(_follow(following[one.key]))
        elif is_formula(bound.fields[one.key]):
            found.append(_formula(unit.snapshot, bound, bound.fields[one.key]))
    return tuple(found)


def _formula(snapshot: Snapshot, bound: BoundObject, field: BoundField) -> _Filling:
    program = program_of(snapshot, bound, field)
    paths = [resolve(snapshot, bound, text) for text in program.formula.paths]
    readers = tuple(_reader(snapshot, path, held=True) for path in paths)

    def make(
        unit: Unit, values: Mapping[str, Any], given: Collection[str], touched: Collection[str]
    ) -> Mapping[str, Any]:
        row = [read(unit, values) for read in readers]
        return {field.key: program.compute(row, moment_of(unit.context))}

    return _Filling(make, frozenset(path.text.partition(".")[0] for path in paths))


def _follow(one: Follower) -> _Filling:
    def make(
        unit: Unit, values: Mapping[str, Any], given: Collection[str], touched: Collection[str]
    ) -> Mapping[str, Any]:
        said = one.key in given or one.flag in given
        return one.settled(values, stays=said or one.source not in touched)

    return _Filling(make, frozenset({one.key, one.flag, one.source}))


def _beginnings(unit: Unit, bound: BoundObject) -> Mapping[str, Any]:
    def compose() -> dict[str, Any]:
        computed = {
            one.key: bound.fields[one.key].definition.computed
            for one in graph_of(unit.snapshot).own.get(bound.key, ())
        }
        return {key: EMPTY_SUMS.get(one.agg) for key, one in computed.items() if one is not None}

    return unit.snapshot.once(("beginnings", bound.key), compose)


def is_formula(field: BoundField) -> bool:
    """Tell whether a field's value follows from the values of its record."""
    computed = field.definition.computed
    return computed is not None and computed.kind == FORMULA


def formula_reader(snapshot: Snapshot, bound: BoundObject, field: BoundField) -> Reader:
    """Make the function that computes a formula of a record from its values, as they are now.

    The values may also say what stands at a path over a link: then nobody looks there.
    """
    program = program_of(snapshot, bound, field)
    paths = [resolve(snapshot, bound, text) for text in program.formula.paths]
    readers = [_reader(snapshot, path, held=False) for path in paths]

    def read(unit: Unit, values: Mapping[str, Any]) -> Any:
        row = [one(unit, values) for one in readers]
        return program.compute(row, moment_of(unit.context))

    return read


def _reader(snapshot: Snapshot, path: Path, *, held: bool) -> Reader:
    """Make the function that reads what stands at a path; ``held``: so that it stays so."""
    decode = decoder(path.field, snapshot.site.languages[0])
    if not held and not path.links and is_formula(path.field):
        inner = formula_reader(snapshot, path.owner, path.field)
        return lambda unit, values: decode(inner(unit, values))
    if not path.field.columns:
        return _virtual(snapshot, path, decode)
    first = path.keys[0] if path.links else path.field.key
    steps = [
        _look(snapshot, owner, field.column, held=held)
        for owner, field in zip(path.objects[1:], (*path.links, path.field)[1:], strict=True)
    ]

    def read(here: Unit, values: Mapping[str, Any]) -> Any:
        if steps and path.text in values:
            return decode(values[path.text])
        found = values.get(first)
        for statement in steps:
            if found is None:
                return None
            found = here.connection.execute(statement, {"at_id": found}).scalar()
        return decode(found)

    return read


def _virtual(snapshot: Snapshot, path: Path, decode: Callable[[Any], Any]) -> Reader:
    """Make the reader of a virtual field of another record: the query computes it."""
    first = path.keys[0]
    target = path.objects[1]
    source = Source(snapshot, target, target.table)
    rest = resolve(snapshot, target, path.text.partition(".")[2])
    column = source.column(rest)
    statement = select(column).select_from(source.froms)
    statement = statement.where(target.table.c.id == bindparam("at_id"))

    def read(unit: Unit, values: Mapping[str, Any]) -> Any:
        at = values.get(first)
        if at is None:
            return None
        known = {"at_id": at, **now_of(unit.context)}
        return decode(unit.connection.execute(statement, known).scalar())

    return read


def _look(snapshot: Snapshot, owner: BoundObject, column: Any, *, held: bool) -> Select[Any]:
    query = select(column).where(owner.table.c.id == bindparam("at_id"))
    if not held:
        return query
    fed = owner.key in graph_of(snapshot).fed
    return query.with_for_update(key_share=True) if fed else query.with_for_update(read=True)
