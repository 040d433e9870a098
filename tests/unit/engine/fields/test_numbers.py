from decimal import Decimal

import pytest

from engine.errors import InvalidValue
from tests.unit.engine.fields.definitions import (
    CHINESE,
    ENGLISH,
    field,
    kind,
    parsed,
    read,
    refusal,
)


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("1280", 1280),
        ("1,280", 1280),
        ("１２８０", 1280),
        ("12 万", 120_000),
        ("1.2亿", 120_000_000),
        ("-5", -5),
        ("−5", -5),
        ("+5", 5),
        ("007", 7),
        (0, 0),
        (12.0, 12),
        ("12.000", 12),
        (2**53 - 1, 2**53 - 1),
    ],
)
def test_integer_takes(raw: object, stored: int) -> None:
    assert parsed("integer", raw) == stored


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("twelve", "not_a_number"),
        ("1,28", "not_a_number"),
        ("1 280", "not_a_number"),
        ("0x10", "not_a_number"),
        ("1e5", "not_a_number"),
        ("NaN", "not_a_number"),
        (float("inf"), "not_a_number"),
        (float("nan"), "not_a_number"),
        (True, "not_a_number"),
        ([1], "not_a_number"),
        ("1.5", "not_a_whole_number"),
        (1.5, "not_a_whole_number"),
        (2**53, "out_of_range"),
        ("9" * 500, "out_of_range"),
        (10**4000, "out_of_range"),
    ],
)
def test_integer_refuses(raw: object, reason: str) -> None:
    assert refusal("integer", raw) == reason


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("1,280.50", 128_050),
        ("1280.5", 128_050),
        (1280.5, 128_050),
        ("¥1,280.50", 128_050),
        ("￥1，280.50", 128_050),
        ("1280.50元", 128_050),
        ("CNY 1280.50", 128_050),
        ("cny1280.50", 128_050),
        ("-¥3", -300),
        ("¥-3", -300),
        ("12 万", 12_000_000),
        (".5", 50),
        ("9999999999999999.99", 999_999_999_999_999_999),
        (Decimal("0.01"), 1),
    ],
)
def test_money_takes(raw: object, stored: int) -> None:
    assert parsed("money", raw) == stored


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("0.005", "too_many_decimals"),
        (0.1 + 0.2, "too_many_decimals"),
        ("$5", "other_currency"),
        ("5€", "other_currency"),
        ("USD 5", "not_a_number"),
        ("¥", "not_a_number"),
        ("10000000000000000.00", "out_of_range"),
        ("十二万", "not_a_number"),
        ({}, "not_a_number"),
    ],
)
def test_money_refuses(raw: object, reason: str) -> None:
    assert refusal("money", raw) == reason


def test_sheets_that_compute_with_binary_fractions_are_understood() -> None:
    assert read("money", 0.1 + 0.2) == 30
    assert read("decimal", 4.35 * 100, scale=0) == 435


@pytest.mark.parametrize(
    ("scale", "stored", "api", "text"),
    [
        (0, 1280, "1280", "1,280"),
        (2, 128_050, "1280.50", "1,280.50"),
        (2, -5, "-0.05", "-0.05"),
        (6, 1, "0.000001", "0.000001"),
        (2, 100_000_000, "1000000.00", "1,000,000.00"),
    ],
)
def test_decimals_show_all_their_digits(scale: int, stored: int, api: str, text: str) -> None:
    definition = field("decimal", scale=scale)

    assert kind("decimal").api(stored, definition) == api
    assert kind("decimal").text(stored, definition, CHINESE) == text
    assert kind("decimal").export(stored, definition, CHINESE) == Decimal(api)


def test_money_shows_its_currency() -> None:
    money = kind("money")

    assert money.text(-128_050, field("money"), CHINESE) == "-¥1,280.50"
    assert money.text(128_050, field("money", currency="USD"), ENGLISH) == "$1,280.50"
    assert read("money", "US$1,280.50", currency="USD") == 128_050


@pytest.mark.parametrize(
    ("key", "props", "raw", "reason"),
    [
        ("integer", {"min": 1, "max": 5}, 0, "below_minimum"),
        ("integer", {"min": 1, "max": 5}, 6, "above_maximum"),
        ("money", {"min": "0.00"}, "-0.01", "below_minimum"),
        ("decimal", {"max": "9.99"}, "10", "above_maximum"),
    ],
)
def test_limits_are_held(key: str, props: dict[str, object], raw: object, reason: str) -> None:
    assert refusal(key, raw, **props) == reason


def test_limits_of_entry_do_not_limit_questions() -> None:
    assert kind("integer").parse_operand("gt", "-7", field("integer", min=0)) == -7
    assert kind("money").parse_operand("lt", "99", field("money", max="5")) == 9900


def test_between_needs_two_values() -> None:
    assert kind("integer").parse_operand("between", ["1", 9], field("integer")) == [1, 9]
    for raw in ([1], [1, 2, 3], 1):
        with pytest.raises(InvalidValue) as caught:
            kind("integer").parse_operand("between", raw, field("integer"))
        assert caught.value.reason == "two_values_needed"


def test_years_keep_their_digits_together() -> None:
    assert kind("integer").text(2026, field("integer"), CHINESE) == "2026"
    assert kind("integer").text(-12_000, field("integer"), CHINESE) == "-12,000"


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("12.5", 1250),
        ("12.5%", 1250),
        ("１２.５ ％", 1250),
        (12.5, 1250),
        ("-3 %", -300),
        ("", None),
    ],
)
def test_percent_takes(raw: object, stored: int | None) -> None:
    assert parsed("percent", raw) == stored


@pytest.mark.parametrize("raw", ["%", "1%2", "12.5%%", "abc%"])
def test_percent_refuses_what_is_no_number(raw: str) -> None:
    assert refusal("percent", raw) == "not_a_number"


def test_percent_shows_its_sign_and_exports_a_number() -> None:
    percent, definition = kind("percent"), field("percent", scale=1)

    assert percent.text(-125, definition, CHINESE) == "-12.5%"
    assert percent.api(125, definition) == "12.5"
    assert percent.export(125, definition, CHINESE) == Decimal("12.5")
    assert refusal("percent", "12.55", scale=1) == "too_many_decimals"
    assert refusal("percent", "101", max="100") == "above_maximum"
