"""Roll-ups of a record over its lines, and its formulas, reckoned before anything is written.

A save judges a record by the sums that it will have, and a form shows them while somebody types.
What stands in the database afterwards is taken from there by `engine.derived`: the same sums.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.derived.fill import formula_reader, is_formula
from engine.derived.totals import Totals
from engine.query.paths import program_of
from engine.records.evaluate import Ground, compose_check
from engine.records.line_plans import LinePlan, line_plans
from engine.storage.snapshot import BoundField, BoundObject, Snapshot, Unit

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


def reckoned(unit: Unit, bound: BoundObject, values: Values) -> dict[str, Any]:
    """Give the formulas of a record by the values at hand, saved or not."""
    readers = unit.snapshot.once(
        ("formulas at hand", bound.key),
        lambda: {
            key: formula_reader(unit.snapshot, bound, field)
            for key, field in bound.fields.items()
            if is_formula(field)
        },
    )
    return {key: read(unit, values) for key, read in readers.items()}


def of_lines(snapshot: Snapshot, bound: BoundObject) -> frozenset[str]:
    """Give the computed fields of a record that follow from its lines."""
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
    while more := {key for key, reads in formulas.items() if reads & found and key not in found}:
        found |= more
    return frozenset(found)
