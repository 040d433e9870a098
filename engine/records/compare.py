"""The operators of conditions on stored values, one function each.

They mean what `engine.query.operands` says of the same words: a test on an empty field fails,
but ``ne``, ``not_in`` and ``not_contains`` hold for it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from engine.fields.base import Span
from engine.query.operands import lower_ascii
from engine.query.organisation import USER, colleagues, department_tree, reports
from engine.query.periods import day_start, days_of
from engine.storage.snapshot import BoundField, Unit
from metadata.conditions import Period

Compare = Callable[[Unit, Any, Any, BoundField], bool]
"""(unit, value, operand in stored form, field) -> outcome."""


def _eq(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    if value is None or operand is None:
        return False
    if isinstance(operand, Period):
        return _in_period(unit, value, operand)
    if isinstance(operand, Span):
        return bool(operand.start <= value < operand.end)
    if field.many:
        return operand in value
    if field.type.within:
        return str(value).startswith(str(operand))
    return bool(value == operand)


def _in(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    if value is None:
        return False
    if field.many:
        return any(item in value for item in operand)
    return any(_eq(unit, value, item, field) for item in operand)


def _contains(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    if value is None or operand is None:
        return False
    if field.many:
        return all(one in value for one in _each(operand))
    if field.named_late:  # a pair of object and id
        return all(one == value for one in (operand if isinstance(operand, list) else [operand]))
    text = value[0] if field.type.plain_first else value
    return lower_ascii(operand) in lower_ascii(text)


def _starts_with(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    if value is None or operand is None:
        return False
    return lower_ascii(value).startswith(lower_ascii(operand))


def _empty(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    return value is None


def _ordered(holds: Callable[[Any, Any], bool], *, after: bool) -> Compare:
    """Make an operator of order; against a period, ``after`` looks at its end."""

    def compare(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
        if value is None or operand is None:
            return False
        if isinstance(operand, Period):
            first, last = _bounds(unit, value, operand)
            return holds(value, last if after else first)
        return holds(value, operand)

    return compare


def _between(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    if value is None:
        return False
    first, last = operand
    return bool(first <= value <= last)


def _each(value: Any) -> Sequence[Any]:
    """Give the values of a field that may hold several."""
    if isinstance(value, list | tuple):
        return value
    return () if value is None else (value,)


def _is_me(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    return value is not None and unit.context.actor.user_id in _each(value)


def _is_my_report(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    return not set(_each(value)).isdisjoint(reports(unit))


def _in_my_department(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    if value is None:
        return False
    if field.type.target(field.definition) == USER:
        return not set(_each(value)).isdisjoint(colleagues(unit, tree=False))
    return bool(value == unit.context.actor.department_id)


def _in_my_tree(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    if value is None:
        return False
    if field.type.target(field.definition) == USER:
        return not set(_each(value)).isdisjoint(colleagues(unit, tree=True))
    return value in department_tree(unit)


def _older(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    if value is None or operand is None:
        return False
    return bool(value < _moment(unit, value, -int(operand)))


def _within(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
    if value is None or operand is None:
        return False
    return bool(_moment(unit, value, -int(operand)) <= value < _moment(unit, value, 1))


def _negated(compare: Compare) -> Compare:
    def negated(unit: Unit, value: Any, operand: Any, field: BoundField) -> bool:
        return not compare(unit, value, operand, field)

    return negated


def _in_period(unit: Unit, value: Any, period: Period) -> bool:
    days = days_of(period.name, unit.context.today, unit.context.locale.week_start)
    if isinstance(value, datetime):
        start, end = days.instants(unit.context.locale.zone)
        return start <= value < end
    return bool(days.start <= value < days.end)


def _bounds(unit: Unit, value: Any, period: Period) -> tuple[Any, Any]:
    """Give the first and the last moment, or day, of a period."""
    days = days_of(period.name, unit.context.today, unit.context.locale.week_start)
    if isinstance(value, datetime):
        start, end = days.instants(unit.context.locale.zone)
        return start, end - timedelta(microseconds=1)
    return days.start, days.end - timedelta(days=1)


def _moment(unit: Unit, value: date | datetime, days: int) -> Any:
    """Give the day ``days`` from today, or its beginning where instants are compared."""
    today = unit.context.today + timedelta(days=days)
    if isinstance(value, datetime):
        return day_start(today, unit.context.locale.zone)
    return today


COMPARISONS: Mapping[str, Compare] = {
    "eq": _eq,
    "ne": _negated(_eq),
    "in": _in,
    "not_in": _negated(_in),
    "contains": _contains,
    "not_contains": _negated(_contains),
    "starts_with": _starts_with,
    "empty": _empty,
    "not_empty": _negated(_empty),
    "gt": _ordered(lambda value, other: bool(value > other), after=True),
    "gte": _ordered(lambda value, other: bool(value >= other), after=False),
    "lt": _ordered(lambda value, other: bool(value < other), after=False),
    "lte": _ordered(lambda value, other: bool(value <= other), after=True),
    "between": _between,
    "is_me": _is_me,
    "is_my_report": _is_my_report,
    "in_my_department": _in_my_department,
    "in_my_department_tree": _in_my_tree,
    "older_than_days": _older,
    "within_days": _within,
}
"""``is_team_member`` and ``is_starred`` are questions about people, not about a record's values:
no rule of an object may ask them."""
