"""The functions of formulas: what each takes and gives. What they do is the engine's part."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from metadata.formula.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    LINK,
    NUMBER,
    REGION,
    SELECT,
    TEXT,
)

Gives = Literal[
    "text", "number", "boolean", "date", "datetime", "same", "first", "sum", "product", "quotient"
]
"""``same``: the one type of the last arguments; ``first``: the type of the first; the others
are numbers that may be money."""
Group = Literal["logic", "text", "number", "date", "operator"]

VALUES = frozenset({TEXT, NUMBER, BOOLEAN, DATE, DATETIME, SELECT})
ORDERED = frozenset({TEXT, NUMBER, DATE, DATETIME})
WORDS = frozenset({TEXT, SELECT})
SHOWN = frozenset({TEXT, NUMBER, DATE, DATETIME, SELECT, REGION})
DAYS = frozenset({DATE, DATETIME})
ANY = VALUES | {REGION, LINK}
MANY = 40
"""The most arguments of a function that takes any number."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function. ``takes``: the kinds of each argument; the last one repeats up to ``most``."""

    name: str
    group: Group
    takes: tuple[frozenset[str], ...]
    gives: Gives
    fewest: int | None = None  # None: as many as ``takes`` has
    most: int | None = None
    alike: int = -1  # from this argument on, all are of one type
    volatile: bool = False
    example: str = ""

    @property
    def counts(self) -> tuple[int, int]:
        """Give the least and the most arguments."""
        usual = len(self.takes)
        fewest = usual if self.fewest is None else self.fewest
        return fewest, usual if self.most is None else self.most


_N, _T, _B, _D = frozenset({NUMBER}), frozenset({TEXT}), frozenset({BOOLEAN}), DAYS

_OPERATORS = (
    Function("or", "operator", (_B,), "boolean", fewest=2, most=MANY * 10),
    Function("and", "operator", (_B,), "boolean", fewest=2, most=MANY * 10),
    Function("not", "operator", (_B,), "boolean"),
    Function("eq", "operator", (VALUES, VALUES), "boolean", alike=0),
    Function("ne", "operator", (VALUES, VALUES), "boolean", alike=0),
    Function("lt", "operator", (ORDERED, ORDERED), "boolean", alike=0),
    Function("lte", "operator", (ORDERED, ORDERED), "boolean", alike=0),
    Function("gt", "operator", (ORDERED, ORDERED), "boolean", alike=0),
    Function("gte", "operator", (ORDERED, ORDERED), "boolean", alike=0),
    Function("add", "operator", (_N,), "sum", fewest=2, most=MANY * 10),
    Function("negate", "operator", (_N,), "first"),
    Function("multiply", "operator", (_N,), "product", fewest=2, most=MANY * 10),
    Function("divide", "operator", (_N, _N), "quotient"),
)

_CALLED = (
    Function("if", "logic", (_B, VALUES, VALUES), "same", fewest=2, alike=1,
              example="if(done, 0, amount)"),
    Function("coalesce", "logic", (VALUES,), "same", fewest=2, most=MANY, alike=0,
              example="coalesce(discount, 0)"),
    Function("is_empty", "logic", (ANY,), "boolean", example="is_empty(due_on)"),
    Function("one_of", "logic", (VALUES,), "boolean", fewest=2, most=MANY, alike=0,
              example='one_of(state, "open", "held")'),
    Function("concat", "text", (SHOWN,), "text", fewest=1, most=MANY,
              example='concat(name, " / ", state)'),
    Function("text", "text", (SHOWN,), "text", example="text(amount)"),
    Function("length", "text", (_T,), "number", example="length(name)"),
    Function("upper", "text", (_T,), "text", example="upper(code)"),
    Function("lower", "text", (_T,), "text", example="lower(code)"),
    Function("trim", "text", (_T,), "text", example="trim(name)"),
    Function("left", "text", (_T, _N), "text", example="left(name, 2)"),
    Function("right", "text", (_T, _N), "text", example="right(phone, 4)"),
    Function("replace", "text", (_T, _T, _T), "text", example='replace(code, "-", "")'),
    Function("contains", "text", (_T, _T), "boolean", example='contains(name, "Ltd")'),
    Function("starts_with", "text", (_T, _T), "boolean", example='starts_with(code, "A")'),
    Function("round", "number", (_N, _N), "first", fewest=1, example="round(price * 3, 2)"),
    Function("floor", "number", (_N,), "first", example="floor(hours)"),
    Function("ceil", "number", (_N,), "first", example="ceil(hours)"),
    Function("abs", "number", (_N,), "first", example="abs(balance)"),
    Function("mod", "number", (_N, _N), "first", example="mod(number, 2)"),
    Function("min", "number", (ORDERED,), "same", fewest=2, most=MANY, alike=0,
              example="min(price, offer)"),
    Function("max", "number", (ORDERED,), "same", fewest=2, most=MANY, alike=0,
              example="max(0, rest)"),
    Function("today", "date", (), "date", volatile=True, example="today()"),
    Function("now", "date", (), "datetime", volatile=True, example="now()"),
    Function("date", "date", (_N, _N, _N), "date", example="date(2026, 12, 31)"),
    Function("to_date", "date", (_D,), "date", example="to_date(created_at)"),
    Function("year", "date", (_D,), "number", example="year(signed_on)"),
    Function("month", "date", (_D,), "number", example="month(signed_on)"),
    Function("day", "date", (_D,), "number", example="day(signed_on)"),
    Function("weekday", "date", (_D,), "number", example="weekday(signed_on)"),
    Function("days_between", "date", (_D, _D), "number", example="days_between(lent_on, due_on)"),
    Function("months_between", "date", (_D, _D), "number",
              example="months_between(starts_on, ends_on)"),
    Function("add_days", "date", (_D, _N), "date", example="add_days(lent_on, 14)"),
    Function("add_months", "date", (_D, _N), "date", example="add_months(starts_on, 12)"),
    Function("start_of_month", "date", (_D,), "date", example="start_of_month(signed_on)"),
    Function("end_of_month", "date", (_D,), "date", example="end_of_month(signed_on)"),
)  # fmt: skip

CALLED: Mapping[str, Function] = MappingProxyType({one.name: one for one in _CALLED})
"""Functions that a formula may call by name."""
FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {one.name: one for one in (*_OPERATORS, *_CALLED)}
)
"""All of them, operators by the names that the parser gives them."""
