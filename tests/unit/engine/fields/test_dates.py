from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.base import Span
from tests.unit.engine.fields.definitions import CHINESE, field, kind, parsed, read, refusal, world

DAY = date(2020, 1, 5)


@pytest.mark.parametrize(
    "raw",
    [
        "2020-01-05",
        "2020/1/5",
        "2020.1.5",
        "2020年1月5日",
        "2020年1月5",
        "20200105",
        "２０２０－０１－０５",
        "2020-01-05 00:00:00",
        "2020-01-05T00:00",
        DAY,
        datetime(2020, 1, 5),  # noqa: DTZ001 - a sheet's cell has no zone
    ],
)
def test_date_takes(raw: object) -> None:
    assert parsed("date", raw) == DAY


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("2026-02-30", "not_a_date"),
        ("2026-13-01", "not_a_date"),
        ("2026-1/5", "not_a_date"),
        ("5.1.2020", "not_a_date"),
        ("yesterday", "not_a_date"),
        ("2026-01-05x", "not_a_date"),
        ("2026-01-05 10:00", "time_not_allowed"),
        ("0226-01-05", "year_out_of_range"),
        (20200105, "not_a_date"),
        (True, "not_a_date"),
        ({}, "not_a_date"),
    ],
)
def test_date_refuses(raw: object, reason: str) -> None:
    assert refusal("date", raw) == reason


def test_a_sheet_may_write_a_day_as_a_number() -> None:
    assert read("date", 20200105.0) == DAY


@pytest.mark.parametrize(
    ("raw", "utc"),
    [
        ("2026-11-23T09:42:00Z", "2026-11-23T09:42:00Z"),
        ("2026-11-23T09:42:00.999Z", "2026-11-23T09:42:00Z"),
        ("2026-11-23T09:42+08:00", "2026-11-23T01:42:00Z"),
        ("2026-11-23T09:42", "2026-11-23T01:42:00Z"),
        ("2026/11/23 9:42", "2026-11-23T01:42:00Z"),
        ("2026年11月23日 09:42:13", "2026-11-23T01:42:13Z"),
        ("2026-11-23", "2026-11-22T16:00:00Z"),
        (date(2026, 11, 23), "2026-11-22T16:00:00Z"),
    ],
)
def test_datetime_without_a_zone_is_company_time(raw: object, utc: str) -> None:
    stored = parsed("datetime", raw)

    assert stored.tzinfo is UTC
    assert kind("datetime").api(stored, field("datetime")) == utc


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("2026-02-30T10:00", "not_a_datetime"),
        ("2026-11-23T25:00", "not_a_datetime"),
        ("2026-11-23T24:00", "not_a_datetime"),
        ("2026-11-23T10:60", "not_a_datetime"),
        ("2026-11-23T10:00+99:00", "not_a_datetime"),
        ("9999-12-31T23:59-12:00", "year_out_of_range"),
        (1_700_000_000, "not_a_datetime"),
    ],
)
def test_datetime_refuses(raw: object, reason: str) -> None:
    assert refusal("datetime", raw) == reason


def test_datetime_is_shown_in_the_readers_zone() -> None:
    stored = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
    definition = field("datetime")
    berlin = Locale(zone=timezone(timedelta(hours=1)))

    assert kind("datetime").text(stored, definition, CHINESE) == "2026-11-23 17:42"
    assert kind("datetime").text(stored, definition, berlin) == "2026-11-23 10:42"
    assert kind("datetime").from_text("2026-11-23 10:42", definition, berlin) == stored
    exported = kind("datetime").export(stored, definition, CHINESE)
    assert exported.isoformat() == "2026-11-23T17:42:00"


@pytest.mark.parametrize("key", ["date", "datetime"])
def test_first_and_last_day_are_held(key: str) -> None:
    limits = {"min": "2026-01-01", "max": "2026-12-31"}

    assert refusal(key, "2025-12-31", **limits) == "too_early"
    assert refusal(key, "2027-01-01", **limits) == "too_late"
    assert refusal(key, "2026-12-31", **limits) == ""


def instant(op: str, raw: object) -> object:
    return kind("datetime").parse_operand(op, raw, field("datetime"))


def test_a_whole_day_compares_by_its_edges() -> None:
    start = datetime(2026, 11, 22, 16, tzinfo=UTC)
    end = start + timedelta(days=1)
    before_end = end - timedelta(microseconds=1)

    assert instant("eq", "2026-11-23") == Span(start, end)
    assert instant("ne", "2026-11-23") == Span(start, end)
    assert instant("gte", "2026-11-23") == start
    assert instant("lt", "2026-11-23") == start
    assert instant("gt", "2026-11-23") == before_end
    assert instant("lte", "2026-11-23") == before_end
    assert instant("between", ["2026-11-23", "2026-11-23"]) == [start, before_end]
    assert instant("eq", "2026-11-23T00:00") == start


@pytest.mark.parametrize(
    ("raw", "days"), [(30, 30), ("30", 30), (" 7 ", 7), (0, 0), ("36500", 36500)]
)
def test_days_are_whole_numbers(raw: object, days: int) -> None:
    assert kind("date").parse_operand("older_than_days", raw, field("date")) == days
    assert instant("within_days", raw) == days


@pytest.mark.parametrize("raw", [-1, "x", 1.5, True, "36501", "٣", [3], None, 10**30])
def test_other_days_are_refused(raw: object) -> None:
    with pytest.raises(InvalidValue):
        kind("date").parse_operand("older_than_days", raw, field("date"))


def test_samples_lie_where_the_hint_says() -> None:
    for seed in range(50):
        past = kind("date").sample(world(seed), field("date", sample={"days_ago": 10}))
        ahead = kind("datetime").sample(world(seed), field("datetime", sample={"days_ahead": 10}))
        assert "2026-11-13" <= past <= "2026-11-23"
        assert "2026-11-23" <= ahead < "2026-12-04"
