"""The operators of conditions on stretches of days, as `engine.query.operands` writes them."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from engine.query.periods import days_of
from engine.storage.snapshot import BoundField, Unit
from metadata.conditions import Period

Days = tuple[date, date]


def compare_span(op: str) -> Callable[[Unit, Any, Any, BoundField], bool]:
    """Give the operator: (unit, value, operand in stored form or a period, field) -> outcome."""
    if op in {"empty", "not_empty"}:
        return lambda _unit, value, _operand, _field: (value is None) == (op == "empty")
    positive = {"ne": "eq", "not_contains": "contains"}.get(op, op)
    holds = _HOLDS[positive]

    def compare(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
        found = value is not None and operand is not None and holds(value, _days(unit, operand))
        if found and positive == "eq" and not isinstance(operand, Period):
            found = value == _days(unit, operand)
        return found == (positive == op)

    return compare


def _days(unit: Unit, operand: Any) -> Days:
    if isinstance(operand, Period):
        days = days_of(operand.name, unit.context.today, unit.context.locale.week_start)
        return days.start, days.end - timedelta(days=1)
    return (operand, operand) if isinstance(operand, date) else (operand[0], operand[1])


_HOLDS: Mapping[str, Callable[[Days, Days], bool]] = {
    "eq": lambda value, days: days[0] <= value[0] and value[1] <= days[1],
    "contains": lambda value, days: value[0] <= days[0] and days[1] <= value[1],
    "between": lambda value, days: value[0] <= days[1] and days[0] <= min(days[1], value[1]),
    "gt": lambda value, days: value[0] > days[1],
    "gte": lambda value, days: value[0] >= days[0],
    "lt": lambda value, days: value[1] < days[0],
    "lte": lambda value, days: value[1] <= days[1],
}
