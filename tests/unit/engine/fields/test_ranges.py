"""Ranges of days as people, forms and sheets write them."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.unit.engine.fields.definitions import CHINESE, field, kind, parsed, read, refusal

WINTER = (date(2026, 1, 5), date(2026, 2, 1))


@pytest.mark.parametrize(
    "raw",
    [
        {"from": "2026-01-05", "to": "2026/2/1"},
        ["2026-01-05", date(2026, 2, 1)],
        "2026-01-05 – 2026-02-01",
        "2026/1/5～2026/2/1",
        "2026年1月5日至2026年2月1日",
        "2026-01-05 - 2026-02-01",
        "20260105 to 20260201",
        "2026-01-05..2026-02-01",
    ],
)
def test_many_ways_to_write_one_range(raw: Any) -> None:
    assert parsed("date_range", raw) == WINTER


@pytest.mark.parametrize(
    "raw", ["2026-01-05", datetime.fromisoformat("2026-01-05"), date(2026, 1, 5)]
)
def test_one_day_is_a_range(raw: Any) -> None:
    assert read("date_range", raw) == (date(2026, 1, 5), date(2026, 1, 5))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"from": "2026-01-05", "to": ""}, "range_incomplete"),
        ({"to": "2026-01-05"}, "range_incomplete"),
        ("2026-02-01 – 2026-01-05", "range_reversed"),
        ("2026-01-05 – 2026-02-01 – 2026-03-01", "not_a_date_range"),
        (["2026-01-05"], "not_a_date_range"),
        ({"from": "2026-01-05", "until": "2026-01-06"}, "not_a_date_range"),
        ("2026-02-30 – 2026-03-01", "not_a_date"),
    ],
)
def test_what_is_no_range_is_told(raw: Any, reason: str) -> None:
    assert refusal("date_range", raw) == reason


def test_limits_hold_for_both_ends() -> None:
    assert refusal("date_range", "2025-12-31 – 2026-01-02", min="2026-01-01") == "too_early"
    assert refusal("date_range", "2026-01-01 – 2027-01-02", max="2026-12-31") == "too_late"


def test_shown_and_sent() -> None:
    stored = parsed("date_range", list(WINTER))
    assert kind("date_range").text(stored, field("date_range"), CHINESE) == (
        "2026-01-05 – 2026-02-01"
    )
    assert kind("date_range").api(stored, field("date_range")) == {
        "from": "2026-01-05", "to": "2026-02-01",
    }  # fmt: skip
