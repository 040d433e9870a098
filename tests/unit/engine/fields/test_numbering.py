import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.context import COMPANY_ZONE
from engine.fields import numbering
from metadata.model import NumberRuleDef
from metadata.schemas import FOLDER

PREFIX = {"text": "LN"}
DAY = {"date": "lent_on", "format": "yyyyMMdd", "or": "created_at"}
MONTH = {"date": "lent_on", "format": "yyyyMM", "or": "created_at"}

# 00:30 of the 24th in Shanghai.
CREATED = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)


def rule(*segments: dict[str, Any], separator: str = "-", **counter: Any) -> NumberRuleDef:
    parts = [*segments, {"digits": 4, "start": 1, "step": 1, "reset": "never", **counter}]
    return NumberRuleDef(
        key="loan.number",
        object="loan",
        field="number",
        segments={f"s{at}": part for at, part in enumerate(parts)},
        separator=separator,
    )


def test_segments_are_joined_in_order() -> None:
    values = {"lent_on": date(2026, 11, 23), "created_at": CREATED}

    assert numbering.number(rule(PREFIX, DAY), values, 7, COMPANY_ZONE) == "LN-20261123-0007"
    assert numbering.number(rule(PREFIX, separator=""), values, 7, COMPANY_ZONE) == "LN0007"


def test_without_its_date_the_stand_in_counts_in_company_time() -> None:
    values = {"lent_on": None, "created_at": CREATED}

    assert numbering.number(rule(DAY), values, 1, COMPANY_ZONE) == "20261124-0001"


def test_a_count_that_outgrows_its_digits_is_not_cut() -> None:
    assert numbering.number(rule(PREFIX), {}, 12345, COMPANY_ZONE) == "LN-12345"


@pytest.mark.parametrize(
    ("reset", "key"),
    [("daily", "20261124"), ("monthly", "202611"), ("yearly", "2026"), ("never", "")],
)
def test_each_period_has_its_counter(reset: str, key: str) -> None:
    made = rule(PREFIX, DAY, reset=reset)

    assert numbering.counter_key(made, {"created_at": CREATED}, COMPANY_ZONE) == key


def test_the_finest_date_decides_the_period() -> None:
    made = rule({**MONTH, "date": "due_on"}, DAY, reset="daily")
    values = {"due_on": date(2027, 1, 1), "lent_on": date(2026, 11, 23), "created_at": CREATED}

    assert numbering.counter_key(made, values, COMPANY_ZONE) == "20261123"


def test_counts_begin_and_step_as_the_rule_says() -> None:
    made = rule(PREFIX, start=100, step=10)

    assert numbering.next_count(made, None) == 100
    assert numbering.next_count(made, 100) == 110


def test_fields_that_a_number_reads_are_told() -> None:
    assert numbering.date_fields(rule(PREFIX, DAY, MONTH)) == ("lent_on", "created_at")
    assert numbering.date_fields(rule(PREFIX)) == ()


def test_a_number_without_any_date_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="no date"):
        numbering.number(rule(DAY), {}, 1, COMPANY_ZONE)


@pytest.mark.parametrize(
    ("format", "shown"),
    [
        ("yyyy", "2026"), ("yyyyMM", "202611"), ("yyyyMMdd", "20261124"),
        ("yy", "26"), ("yyMM", "2611"), ("yyMMdd", "261124"),
    ],
)  # fmt: skip
def test_every_format_that_a_document_may_name(format: str, shown: str) -> None:
    made = rule({"date": "created_at", "format": format})
    assert numbering.number(made, {"created_at": CREATED}, 3, COMPANY_ZONE) == f"{shown}-0003"
    schema = json.loads((FOLDER / "number_rule.schema.json").read_text("utf-8"))
    segment = schema["properties"]["segments"]["additionalProperties"]["properties"]
    assert set(segment["format"]["enum"]) == set(numbering.FORMATS)


def test_a_short_day_is_finer_than_a_long_month() -> None:
    short_day = {"date": "lent_on", "format": "yyMMdd"}
    made = rule({**MONTH, "date": "due_on"}, short_day, reset="daily")
    values = {"due_on": date(2027, 1, 1), "lent_on": date(2026, 11, 23), "created_at": CREATED}

    assert numbering.counter_key(made, values, COMPANY_ZONE) == "20261123"


@given(
    days=st.lists(st.dates(date(2025, 11, 1), date(2027, 2, 28)), min_size=1, max_size=40),
    reset=st.sampled_from(["daily", "monthly", "yearly", "never"]),
    start=st.integers(0, 50),
    step=st.integers(1, 7),
)
def test_numbers_of_a_period_follow_each_other(
    days: list[date], reset: str, start: int, step: int
) -> None:
    """Against a plain count: how many of the same period came before."""
    made = rule(PREFIX, DAY, reset=reset, start=start, step=step)
    length = {"daily": 10, "monthly": 7, "yearly": 4, "never": 0}[reset]
    counters: dict[str, int] = {}
    seen: list[str] = []
    for day in days:
        values = {"lent_on": day, "created_at": CREATED}
        key = numbering.counter_key(made, values, COMPANY_ZONE)
        counters[key] = numbering.next_count(made, counters.get(key))
        before = seen.count(day.isoformat()[:length])
        seen.append(day.isoformat()[:length])
        assert counters[key] == start + step * before
