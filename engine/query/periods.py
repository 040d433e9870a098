"""Relative periods: half-open ranges of days in the company's zone (``start <= day < end``)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from metadata.conditions import PERIODS

MONTHS = 12
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days: ``start`` is the first, ``end`` the first after the last."""

    start: date
    end: date

    def instants(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Give the instants at which the days begin and end in ``zone``, in UTC."""
        return day_start(self.start, zone), day_start(self.end, zone)


def day_start(day: date, zone: tzinfo) -> datetime:
    """Give the first instant of a day, in UTC; where midnight is skipped, the first after it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def one_day(day: date) -> Days:
    """Give a day as a range."""
    return Days(day, day + DAY)


def days_of(name: str, today: date, week_start: int = 0) -> Days:
    """Give the days of a relative period.

    Args:
        name: one of `metadata.conditions.PERIODS`. ``first_half`` and ``second_half`` are of
            this year; ``last_n_days`` end with today, ``next_n_days`` begin with today.
        today: the day in the company's zone.
        week_start: 0 = Monday … 6 = Sunday.
    """
    if name == "this_week":
        return _week(today, week_start, 0)
    if name == "last_week":
        return _week(today, week_start, -1)
    if name == "next_week":
        return _week(today, week_start, 1)
    return _RANGES[name](today)


def _week(today: date, week_start: int, offset: int) -> Days:
    start = today - timedelta(days=(today.weekday() - week_start) % 7) + timedelta(weeks=offset)
    return Days(start, start + timedelta(weeks=1))


def _months(start: date, length: int, offset: int = 0) -> Days:
    """Give ``length`` months from the month of ``start``, moved by ``offset`` such lengths."""
    first = start.year * MONTHS + start.month - 1 + offset * length
    return Days(_month(first), _month(first + length))


def _month(number: int) -> date:
    return date(number // MONTHS, number % MONTHS + 1, 1)


def _quarter(today: date, offset: int) -> Days:
    return _months(today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), 3, offset)


def _year(today: date, offset: int) -> Days:
    return _months(today.replace(month=1, day=1), MONTHS, offset)


_RANGES: dict[str, Callable[[date], Days]] = {
    "today": one_day,
    "yesterday": lambda today: one_day(today - DAY),
    "tomorrow": lambda today: one_day(today + DAY),
    "this_month": lambda today: _months(today, 1),
    "last_month": lambda today: _months(today, 1, -1),
    "next_month": lambda today: _months(today, 1, 1),
    "this_quarter": lambda today: _quarter(today, 0),
    "last_quarter": lambda today: _quarter(today, -1),
    "next_quarter": lambda today: _quarter(today, 1),
    "this_year": lambda today: _year(today, 0),
    "last_year": lambda today: _year(today, -1),
    "next_year": lambda today: _year(today, 1),
    "first_half": lambda today: _months(today.replace(month=1, day=1), 6),
    "second_half": lambda today: _months(today.replace(month=7, day=1), 6),
    "last_7_days": lambda today: Days(today - 6 * DAY, today + DAY),
    "last_30_days": lambda today: Days(today - 29 * DAY, today + DAY),
    "next_7_days": lambda today: Days(today, today + 7 * DAY),
    "next_30_days": lambda today: Days(today, today + 30 * DAY),
}

WEEKS = frozenset({"this_week", "last_week", "next_week"})
if WEEKS | _RANGES.keys() != PERIODS:
    raise RuntimeError("a period has no range")
