from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.query.periods import Days, day_start, days_of
from metadata.conditions import PERIODS

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 23)  # a Monday
SUNDAY = 6


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", "2026-11-23", "2026-11-24"),
        ("yesterday", "2026-11-22", "2026-11-23"),
        ("tomorrow", "2026-11-24", "2026-11-25"),
        ("this_week", "2026-11-23", "2026-11-30"),
        ("last_week", "2026-11-16", "2026-11-23"),
        ("next_week", "2026-11-30", "2026-12-07"),
        ("this_month", "2026-11-01", "2026-12-01"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("next_month", "2026-12-01", "2027-01-01"),
        ("this_quarter", "2026-10-01", "2027-01-01"),
        ("last_quarter", "2026-07-01", "2026-10-01"),
        ("next_quarter", "2027-01-01", "2027-04-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("next_year", "2027-01-01", "2028-01-01"),
        ("first_half", "2026-01-01", "2026-07-01"),
        ("second_half", "2026-07-01", "2027-01-01"),
        ("last_7_days", "2026-11-17", "2026-11-24"),
        ("last_30_days", "2026-10-25", "2026-11-24"),
        ("next_7_days", "2026-11-23", "2026-11-30"),
        ("next_30_days", "2026-11-23", "2026-12-23"),
    ],
)
def test_a_period_is_a_half_open_range_of_days(name: str, start: str, end: str) -> None:
    assert days_of(name, TODAY) == Days(date.fromisoformat(start), date.fromisoformat(end))


def test_a_week_may_begin_on_sunday() -> None:
    assert days_of("this_week", TODAY, SUNDAY) == Days(date(2026, 11, 22), date(2026, 11, 29))


@pytest.mark.parametrize(
    ("today", "start"),
    [(date(2024, 3, 31), date(2024, 2, 1)), (date(2026, 1, 1), date(2025, 12, 1))],
)
def test_last_month_is_a_whole_month_whatever_the_day(today: date, start: date) -> None:
    assert days_of("last_month", today).start == start
    assert days_of("last_month", today).end == today.replace(day=1)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 6))
def test_periods_of_today_hold_today_and_neighbours_touch(today: date, week_start: int) -> None:
    for name in PERIODS:
        days = days_of(name, today, week_start)
        assert days.start < days.end
        if name.startswith("this_"):
            assert days.start <= today < days.end
            unit = name.removeprefix("this_")
            assert days_of(f"last_{unit}", today, week_start).end == days.start
            assert days_of(f"next_{unit}", today, week_start).start == days.end


def test_days_begin_at_midnight_of_the_company() -> None:
    start, end = Days(date(2026, 11, 23), date(2026, 11, 24)).instants(SHANGHAI)
    assert start == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert end == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_a_day_of_23_hours_ends_where_the_next_begins() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start, end = Days(date(2026, 3, 29), date(2026, 3, 30)).instants(berlin)
    assert (end - start).total_seconds() == 23 * 3600
    assert end == day_start(date(2026, 3, 30), berlin)
