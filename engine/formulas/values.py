"""Values of formulas: exact numbers, texts, days; and how fields store them."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from engine.fields.numbers import LARGEST_INTEGER, LARGEST_SCALED
from metadata.formula.types import BOOLEAN, DATETIME, NUMBER, SELECT, TEXT, ValueType

EXACT = Context(prec=20_000, rounding=ROUND_HALF_UP)
"""Wide enough for every product that one formula can hold: nothing is rounded on the way."""
QUOTIENT_DECIMALS = 12
"""Decimals of a quotient, half up; everything else is exact."""
LONGEST_TEXT = 2_000


def decode(stored: Any, value_type: ValueType) -> Any:
    """Give the value that a formula computes with."""
    if stored is None or value_type.kind != NUMBER:
        return stored
    return Decimal(stored).scaleb(-value_type.scale, EXACT)


def encode(value: Any, value_type: ValueType) -> Any:
    """Give what a field stores; None where a result has no place in it."""
    if value is None:
        return None
    match value_type.kind:
        case kind if kind == NUMBER:
            return _scaled(value, value_type)
        case kind if kind == TEXT:
            return value[:LONGEST_TEXT] or None
        case kind if kind == SELECT:
            return value if any(value == key for key, _ in value_type.options) else None
        case _:
            return value


def _scaled(value: Decimal, value_type: ValueType) -> int | None:
    moved = value.scaleb(value_type.scale, EXACT)
    whole = moved.to_integral_value(ROUND_HALF_UP, EXACT)
    return int(whole) if abs(whole) <= largest(value_type) else None


def largest(value_type: ValueType) -> int:
    """Give the largest stored number: a whole one must pass through JSON unharmed."""
    plain = value_type.scale == 0 and not value_type.currency
    return LARGEST_INTEGER if plain else LARGEST_SCALED


def number_text(number: Decimal) -> str:
    """Write a number without an exponent and without zeros at its end."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def instant_text(local: datetime) -> str:
    """Write a local time as texts show it: to the minute."""
    return (
        f"{local.year:04d}-{local.month:02d}-{local.day:02d} {local.hour:02d}:{local.minute:02d}"
    )


def from_sqlite(raw: Any, value_type: ValueType) -> Any:
    """Read a column of SQLite as a formula's value."""
    if raw is None:
        return None
    match value_type.kind:
        case kind if kind == NUMBER:
            return decode(raw, value_type)
        case kind if kind == BOOLEAN:
            return bool(raw)
        case kind if kind == DATETIME:
            return datetime.fromisoformat(f"{raw}+00:00")
        case "date":
            return date.fromisoformat(raw)
        case _:
            return raw


def to_sqlite(stored: Any) -> Any:
    """Write a stored value as SQLite keeps it."""
    if isinstance(stored, bool):
        return int(stored)
    if isinstance(stored, datetime):
        return stored.replace(tzinfo=None).isoformat(" ", "microseconds")
    return stored.isoformat() if isinstance(stored, date) else stored
