"""Random formulas and random rows, by the language's own list of functions."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from metadata.formula.functions import CALLED, FUNCTIONS, Function
from metadata.formula.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    NUMBER,
    SELECT,
    TEXT,
    ValueType,
)

COLOURS = (("red", "Red"), ("blue", "蓝色"), ("grey", "Grey"))
FIELDS: Mapping[str, ValueType] = {
    "pages": ValueType(NUMBER),
    "weight": ValueType(NUMBER, scale=3),
    "price": ValueType(NUMBER, "CNY", 2),
    "title": ValueType(TEXT),
    "code": ValueType(TEXT),
    "lent": ValueType(BOOLEAN),
    "due_on": ValueType(DATE),
    "bought_on": ValueType(DATE),
    "read_at": ValueType(DATETIME),
    "colour": ValueType(SELECT, options=COLOURS),
}
RETURNS: Mapping[str, ValueType] = {
    NUMBER: ValueType(NUMBER, scale=2, currency="CNY"),
    TEXT: ValueType(TEXT),
    BOOLEAN: ValueType(BOOLEAN),
    DATE: ValueType(DATE),
    DATETIME: ValueType(DATETIME),
    SELECT: ValueType(SELECT, options=COLOURS),
}
SIGNS = {
    "or": "or", "and": "and", "eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">",
    "gte": ">=", "add": "+", "multiply": "*", "divide": "/",
}  # fmt: skip
PRODUCTS = frozenset({"multiply"})
TEXTS = st.text(st.sampled_from(" aAbBzZ09-_/%'{}\\é中文𝄞\"ß"), min_size=1, max_size=8)
INSTANTS = st.datetimes(
    datetime.fromisoformat("1992-01-01"), datetime.fromisoformat("2100-01-01"),
    timezones=st.just(UTC),
)  # fmt: skip
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "pages": st.integers(-3, 3) | st.integers(-(2**53) + 1, 2**53 - 1),
    "weight": st.integers(-2500, 2500) | st.integers(-(10**18) + 1, 10**18 - 1),
    "price": st.integers(-250, 250) | st.integers(-(10**18) + 1, 10**18 - 1),
    "title": TEXTS,
    "code": TEXTS,
    "lent": st.booleans(),
    "due_on": st.dates(date(1, 1, 1), date(9999, 12, 31)),
    "bought_on": st.dates(date(2024, 1, 1), date(2024, 3, 31)),
    "read_at": INSTANTS,
    "colour": st.sampled_from(["red", "blue", "grey"]),
}
ROWS = st.fixed_dictionaries({key: st.none() | values for key, values in VALUES.items()})


def quoted(text: str) -> str:
    """Write a text as a formula has it."""
    return '"' + text.replace('"', '""') + '"'


def _number(number: Decimal) -> str:
    return f"{number:f}" if number >= 0 else f"(-{-number:f})"


LITERALS: Mapping[str, st.SearchStrategy[str]] = {
    NUMBER: st.decimals(-1000, 1000, places=2).map(_number)
    | st.integers(-3, 14).map(lambda number: _number(Decimal(number))),
    TEXT: TEXTS.map(quoted) | st.just('""'),
    BOOLEAN: st.sampled_from(["true", "false"]),
    DATE: st.dates(date(1990, 1, 1), date(2050, 1, 1)).map(
        lambda day: f"date({day.year}, {day.month}, {day.day})"
    ),
    DATETIME: st.just("now()"),
    SELECT: st.sampled_from(['"red"', '"blue"']),
}


def _named(kind: str) -> list[str]:
    return [key for key, value in FIELDS.items() if value.kind == kind]


def leaves(kind: str) -> st.SearchStrategy[str]:
    """Give fields, written values, and now and then nothing."""
    return st.sampled_from(_named(kind)) | LITERALS[kind] | st.just("null")


def _gives(function: Function, kind: str) -> bool:
    if function.gives in {"sum", "product", "quotient", "first"}:
        return kind == NUMBER
    if function.gives == "same":
        return kind in function.takes[-1]
    return function.gives == kind


@st.composite
def formulas(draw: Callable[..., Any], kind: str, depth: int = 3) -> str:
    """Give a formula of a kind; money is multiplied by plain numbers alone."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return str(draw(leaves(kind)))
    names = sorted(name for name, one in FUNCTIONS.items() if _gives(one, kind))
    if not names:
        return str(draw(leaves(kind)))
    function = FUNCTIONS[draw(st.sampled_from(names))]
    parts = _arguments(draw, function, kind, depth - 1)
    if function.name in PRODUCTS:
        parts[1:] = [f"({draw(LITERALS[NUMBER])} * pages)" for _ in parts[1:]]
    if function.name in CALLED:
        return f"{function.name}({', '.join(parts)})"
    if function.name == "not":
        return f"(not {parts[0]})"
    if function.name == "negate":
        return f"(-{parts[0]})"
    return f"({f' {SIGNS[function.name]} '.join(parts)})"


def _arguments(draw: Callable[..., Any], function: Function, kind: str, depth: int) -> list[str]:
    least, most = function.counts
    count = draw(st.integers(least, min(most, 3))) if most > least else least
    alike = draw(st.sampled_from(sorted(function.takes[-1]))) if function.takes else ""
    if function.gives == "same":
        alike = kind
    parts = []
    for at in range(count):
        takes = function.takes[min(at, len(function.takes) - 1)]
        fits = sorted(takes & set(RETURNS))
        one = alike if 0 <= function.alike <= at else draw(st.sampled_from(fits))
        if function.name == "one_of" and at:
            parts.append(str(draw(leaves(one))))
        else:
            parts.append(str(draw(formulas(one, depth))))
    return parts
