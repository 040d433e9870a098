"""What the functions of formulas do, in Python. One rule for all: nothing in, nothing out.

Exceptions to the rule are those that ask whether there is something: ``if``, ``coalesce``,
``is_empty``, comparisons and the words of logic, which give true or false and never nothing.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import reduce
from typing import Any

from engine.formulas.moment import Moment
from engine.formulas.values import EXACT, LONGEST_TEXT, QUOTIENT_DECIMALS

Plain = Callable[..., Any]
MOST_DECIMALS = 12
MOST_DAYS = 4_000_000
MOST_MONTHS = 120_000
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UNIT = Decimal(1).scaleb(-QUOTIENT_DECIMALS)


def divide(above: Decimal, below: Decimal) -> Decimal | None:
    """Divide, half up to `QUOTIENT_DECIMALS`; by zero there is no result."""
    if not below:
        return None
    doubled = EXACT.multiply(abs(above), Decimal(2 * 10**QUOTIENT_DECIMALS))
    size = EXACT.divide_int(EXACT.add(doubled, abs(below)), EXACT.multiply(2, abs(below)))
    found = EXACT.multiply(size, _UNIT)
    return -found if (above < 0) != (below < 0) else found


def rounded(number: Decimal, decimals: Decimal = Decimal(0)) -> Decimal | None:
    """Round half up, away from zero."""
    places = whole(decimals)
    if not 0 <= places <= MOST_DECIMALS:
        return None
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EXACT)


def whole(number: Decimal) -> int:
    """Cut off the decimals."""
    return int(number.to_integral_value(ROUND_DOWN, EXACT))


def make_date(year: Decimal, month: Decimal, day: Decimal) -> date | None:
    """Make a day, or nothing where the calendar has none."""
    parts = whole(year), whole(month), whole(day)
    try:
        return date(*parts)
    except (ValueError, OverflowError):
        return None


def add_days(start: date, days: Decimal) -> date | None:
    """Give the day so many days later."""
    count = whole(days)
    if abs(count) > MOST_DAYS:
        return None
    try:
        return start + timedelta(days=count)
    except OverflowError:
        return None


def add_months(start: date, months: Decimal) -> date | None:
    """Give the same day of another month, or its last day where it is shorter."""
    count = whole(months)
    if abs(count) > MOST_MONTHS:
        return None
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    if not date.min.year <= year <= date.max.year:
        return None
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> Decimal:
    """Count whole months; backwards they are negative."""
    if end < start:
        return -months_between(end, start)
    count = (end.year - start.year) * 12 + end.month - start.month
    return Decimal(count - (end.day < start.day))


def end_of_month(day: date) -> date:
    """Give the last day of a month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _cut(text: str, count: Decimal, *, right: bool) -> str | None:
    length = max(0, min(whole(count), LONGEST_TEXT))
    part = text[max(0, len(text) - length) :] if right else text[:length]
    return part or None


STRICT: Mapping[str, Plain] = {
    "add": lambda *parts: reduce(EXACT.add, parts),
    "negate": EXACT.minus,
    "multiply": lambda *parts: reduce(EXACT.multiply, parts),
    "divide": divide,
    "upper": lambda text: text.translate(_UPPER),
    "lower": lambda text: text.translate(_LOWER),
    "trim": lambda text: text.strip(" ") or None,
    "left": lambda text, count: _cut(text, count, right=False),
    "right": lambda text, count: _cut(text, count, right=True),
    "round": rounded,
    "floor": lambda number: number.to_integral_value(ROUND_FLOOR, EXACT),
    "ceil": lambda number: number.to_integral_value(ROUND_CEILING, EXACT),
    "abs": abs,
    "mod": lambda number, by: EXACT.remainder(number, by) if by else None,
    "date": make_date,
}
"""Functions that give nothing as soon as one argument is nothing."""

OF_DAYS: Mapping[str, Plain] = {
    "to_date": lambda day: day,
    "year": lambda day: Decimal(day.year),
    "month": lambda day: Decimal(day.month),
    "day": lambda day: Decimal(day.day),
    "weekday": lambda day: Decimal(day.isoweekday()),
    "days_between": lambda start, end: Decimal((end - start).days),
    "months_between": months_between,
    "add_days": add_days,
    "add_months": add_months,
    "start_of_month": lambda day: day.replace(day=1),
    "end_of_month": end_of_month,
}
"""Alike, and instants among their arguments become days of the company's zone first."""


def smallest(*values: Any) -> Any:
    """Give the smallest of what there is."""
    return min((value for value in values if value is not None), default=None)


def largest(*values: Any) -> Any:
    """Give the largest of what there is."""
    return max((value for value in values if value is not None), default=None)


def replaced(text: str | None, old: str | None, new: str | None) -> str | None:
    """Put one piece of text in the place of another; nothing to look for changes nothing."""
    if text is None or old is None:
        return text
    return text.replace(old, new or "") or None


LOOSE: Mapping[str, Plain] = {
    "not": lambda value: value is not True,
    "eq": lambda one, other: bool(one == other),
    "ne": lambda one, other: bool(one != other),
    "lt": lambda one, other: one is not None and other is not None and one < other,
    "lte": lambda one, other: one is not None and other is not None and one <= other,
    "gt": lambda one, other: one is not None and other is not None and one > other,
    "gte": lambda one, other: one is not None and other is not None and one >= other,
    "is_empty": lambda value: value is None,
    "one_of": lambda value, *others: value is not None and value in others,
    "length": lambda text: Decimal(len(text or "")),
    "replace": replaced,
    "contains": lambda text, piece: text is not None and piece is not None and piece in text,
    "starts_with": lambda text, piece: (
        text is not None and piece is not None and text.startswith(piece)
    ),
    "min": smallest,
    "max": largest,
}
"""Functions that look at nothing, too."""

OF_MOMENT: Mapping[str, Callable[[Moment], Any]] = {
    "today": lambda moment: moment.today,
    "now": lambda moment: moment.now,
}
