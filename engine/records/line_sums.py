"""Roll-ups of a record over its lines, and its formulas, reckoned before anything is written.

A save judges a record by the sums that it will have, and a form shows them while somebody types.
What stands in the database afterwards is taken from there by `engine.derived`: the same sums.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.derived.fill import Reader, formula_reader, is_formula
from engine.derived.following import followers
from engine.derived.totals import Totals
from engine.errors import Forbidden
from engine.query.paths import program_of
from engine.records.evaluate import Ground, compose_check
from engine.records.line_plans import LinePlan, line_plans
from engine.records.read import some
from engine.storage.snapshot import BoundField, BoundObject, Snapshot, Unit
from metadata.model import EMPTY

Values = Mapping[str, Any]
Sum = Callable[[Unit, Sequence[Values]], Any]


def sums_of(unit: Unit, plan: LinePlan, lines: Sequence[Values]) -> dict[str, Any]:
    """Give every roll-up of a record over one of its tables, by the stored values of its lines."""
    sums = unit.snapshot.once(
        ("line sums", plan.parent, plan.key), lambda: _compose(unit.snapshot, plan)
    )
    return {key: one(unit, lines) for key, one in sums.items()}


def roll_ups(snapshot: Snapshot, plan: LinePlan) -> list[BoundField]:
    """Give the roll-ups of a record over one of its tables."""
    return [
        field
        for field in snapshot.object(plan.parent).fields.values()
        if field.definition.computed is not None and field.definition.computed.list == plan.key
    ]


def reckoned(
    unit: Unit, bound: BoundObject, values: Values, held: Values = EMPTY
) -> dict[str, Any]:
    """Give the formulas of a record by the values at hand, saved or not.

    Args:
        unit: the call.
        bound: its object.
        values: its stored values.
        held: what it holds by now. A record that a link names only since then is looked into if
            the actor may read it: a save would refuse another one.
    """
    readers, crossed = unit.snapshot.once(
        ("formulas at hand", bound.key), lambda: _formulas(unit.snapshot, bound)
    )
    unseen = {key: None for key in crossed if not _may_look(unit, bound, key, values, held)}
    return {key: read(unit, {**values, **unseen}) for key, read in readers.items()}


def _formulas(snapshot: Snapshot, bound: BoundObject) -> tuple[dict[str, Reader], frozenset[str]]:
    """Give what computes each formula, and the links that formulas cross."""
    formulas = {key: field for key, field in bound.fields.items() if is_formula(field)}
    programs = [program_of(snapshot, bound, one).formula for one in formulas.values()]
    crossed = frozenset(
        path.partition(".")[0] for one in programs for path in one.paths if "." in path
    )
    return {key: formula_reader(snapshot, bound, one) for key, one in formulas.items()}, crossed


def _may_look(unit: Unit, bound: BoundObject, key: str, values: Values, held: Values) -> bool:
    chosen, field = values.get(key), bound.fields[key]
    if chosen is None or chosen == held.get(key):
        return True
    try:
        return all(
            some(unit, target, [record_id], ()).rows
            for target, record_id in field.type.named(chosen, field.definition)
        )
    except Forbidden:
        return False


def of_lines(snapshot: Snapshot, bound: BoundObject) -> frozenset[str]:
    """Give the fields of a record that follow from its lines."""
    return snapshot.once(("of lines", bound.key), lambda: _of_lines(snapshot, bound))


def _compose(snapshot: Snapshot, plan: LinePlan) -> dict[str, Sum]:
    child = snapshot.object(plan.child)
    return {field.key: _sum(snapshot, child, field) for field in roll_ups(snapshot, plan)}


def _sum(snapshot: Snapshot, child: BoundObject, field: BoundField) -> Sum:
    totals = Totals(snapshot, child, field)
    where = totals.computed.where
    if where is None:
        return lambda unit, lines: totals.of(lines)
    counts = compose_check(snapshot, child, where)
    return lambda unit, lines: totals.of([one for one in lines if counts(Ground(unit, one))])


def _of_lines(snapshot: Snapshot, bound: BoundObject) -> frozenset[str]:
    found = {
        one.key for plan in line_plans(snapshot, bound.key) for one in roll_ups(snapshot, plan)
    }
    formulas = {
        key: {path.partition(".")[0] for path in program_of(snapshot, bound, field).formula.paths}
        for key, field in bound.fields.items()
        if is_formula(field)
    }
    formulas |= {one.key: {one.source} for one in followers(snapshot, bound)}
    while more := {key for key, reads in formulas.items() if reads & found and key not in found}:
        found |= more
    return frozenset(found)
