from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.context import COMPANY_ZONE
from engine.fields import numbering
from metadata.model import NumberRuleDef

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
