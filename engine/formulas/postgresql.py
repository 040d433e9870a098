"""A formula as SQL of PostgreSQL, with the very meaning that it has in Python.

The text is put together here, flat, and not as nested elements: a deep formula must not recurse
through a compiler. A part that is needed twice is computed in a subquery, never written twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.formulas.functions import MOST_DAYS, MOST_DECIMALS, MOST_MONTHS
from engine.formulas.values import LONGEST_TEXT, QUOTIENT_DECIMALS, largest
from metadata.formula.functions import FUNCTIONS, Function
from metadata.formula.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    NOTHING,
    NUMBER,
    SELECT,
    TEXT,
    Apply,
    Constant,
    Field,
    Formula,
    Typed,
    ValueType,
)

_SQL_TYPES = {
    NUMBER: "numeric", TEXT: "text", SELECT: "text", BOOLEAN: "boolean", DATE: "date",
    DATETIME: "timestamptz", NOTHING: "text",
}  # fmt: skip
_WORDS = frozenset({TEXT, SELECT})
_UNIT = 10**QUOTIENT_DECIMALS


@dataclass(slots=True)
class Template:
    """SQL with ``{0}``, ``{1}`` … for its columns, then for its texts.

    ``now`` and ``zone`` are the places of the moment, -1 where it does not matter.
    """

    sql: str = ""
    texts: list[str] = field(default_factory=list)


def write_formula(formula: Formula) -> Template:
    """Write a formula; columns come first among the places, then now, zone, then texts."""
    writer = _Writer({path: at for at, path in enumerate(formula.paths)})
    inner = writer.node(formula.root, formula.returns.kind)
    return Template(_encoded(writer, inner, formula.returns), writer.texts)


@dataclass(slots=True)
class _Writer:
    places: Mapping[str, int]
    texts: list[str] = field(default_factory=list)

    @property
    def now(self) -> str:
        return f"CAST({{{len(self.places)}}} AS timestamptz)"

    @property
    def zone(self) -> str:
        return f"CAST({{{len(self.places) + 1}}} AS text)"

    def text(self, value: str) -> str:
        """Give the place of a text; it never stands in the SQL itself."""
        self.texts.append(value)
        return f"CAST({{{len(self.places) + 1 + len(self.texts)}}} AS text)"

    def node(self, node: Typed, wanted: str) -> str:
        match node:
            case Constant(value):
                return self.constant(value, wanted)
            case Field(path, value_type):
                return _decoded(f"{{{self.places[path]}}}", value_type)
            case Apply(type=ValueType(kind="null")):  # however it is written, it gives nothing
                return self.constant(None, wanted)
            case Apply():
                return self.apply(node)

    def constant(self, value: Decimal | str | bool | None, wanted: str) -> str:
        if value is None:
            return f"CAST(NULL AS {_SQL_TYPES.get(wanted, 'text')})"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return self.text(value)
        return f"CAST({value:f} AS numeric)"

    def apply(self, node: Apply) -> str:
        function = FUNCTIONS[node.function]
        kinds = _kinds(function, node.arguments)
        parts = [self.node(one, kind) for one, kind in zip(node.arguments, kinds, strict=True)]
        if node.function in {"concat", "text"}:
            shown = [
                self.shown(part, one.type) for part, one in zip(parts, node.arguments, strict=True)
            ]
            return f"NULLIF({' || '.join(shown)}, '')"
        if node.function in _OF_DAYS:
            days = [
                self.day(part, one.type) if one.type.kind in {DATE, DATETIME} else part
                for part, one in zip(parts, node.arguments, strict=True)
            ]
            return _OF_DAYS[node.function](*days)
        if node.function == "now":
            return self.now
        if node.function == "today":
            return self.day(self.now, ValueType(DATETIME))
        if any(kind in _WORDS for kind in kinds) and node.function in _COMPARED:
            parts = [f'({part} COLLATE "C")' for part in parts]
        return _PLAIN[node.function](*parts)

    def day(self, part: str, value_type: ValueType) -> str:
        if value_type.kind != DATETIME:
            return part
        return f"CAST(({part} AT TIME ZONE {self.zone}) AS date)"

    def shown(self, part: str, value_type: ValueType) -> str:
        match value_type.kind:
            case kind if kind == NUMBER:
                part = f"CAST(trim_scale({part}) AS text)"
            case kind if kind == DATE:
                part = f"to_char({part}, 'YYYY-MM-DD')"
            case kind if kind == DATETIME:
                part = f"to_char({part} AT TIME ZONE {self.zone}, 'YYYY-MM-DD HH24:MI')"
            case kind if kind == SELECT and value_type.options:
                cases = " ".join(
                    f"WHEN {self.text(key)} THEN {self.text(label)}"
                    for key, label in value_type.options
                )
                part = _let(f"CASE a {cases} ELSE a END", part)
            case _:
                pass
        return f"COALESCE({part}, '')"


def _kinds(function: Function, arguments: Sequence[Typed]) -> list[str]:
    """Give the kind that a part is read as where it is nothing by itself."""
    found = []
    for at, argument in enumerate(arguments):
        takes = function.takes[min(at, len(function.takes) - 1)]
        kind = argument.type.kind
        if kind == NOTHING and function.alike >= 0 and at >= function.alike:
            alike = [a.type.kind for a in arguments[function.alike :] if a.type.kind != NOTHING]
            kind = alike[0] if alike else TEXT
        elif kind == NOTHING:
            kind = next(iter(takes)) if len(takes) == 1 else (DATE if DATE in takes else TEXT)
            kind = TEXT if kind not in takes or TEXT in takes else kind
        found.append(kind)
    return found


def _let(body: str, *parts: str) -> str:
    """Compute parts once and use them by the names a, b, c; the planner may not unfold it."""
    named = ", ".join(f"{part} AS {name}" for part, name in zip(parts, "abc", strict=False))
    return " ".join(("(SELECT", body, "FROM (SELECT", named, "OFFSET 0) AS f)"))


def _decoded(place: str, value_type: ValueType) -> str:
    if value_type.kind != NUMBER:
        return place
    if not value_type.scale:
        return f"CAST({place} AS numeric)"
    return f"(CAST({place} AS numeric) * {Decimal(1).scaleb(-value_type.scale):f})"


def _encoded(writer: _Writer, inner: str, value_type: ValueType) -> str:
    match value_type.kind:
        case kind if kind == NUMBER:
            most = largest(value_type)
            body = f"CASE WHEN abs(a) <= {most} THEN CAST(a AS bigint) END"
            return _let(body, f"round({inner} * {10**value_type.scale}, 0)")
        case kind if kind == TEXT:
            return f"(NULLIF(left({inner}, {LONGEST_TEXT}), '') COLLATE \"C\")"
        case kind if kind == SELECT:
            keys = ", ".join(writer.text(key) for key, _ in value_type.options)
            return f'({_let(f"CASE WHEN a IN ({keys}) THEN a END", inner)} COLLATE "C")'
        case _:
            return f"({inner})"


def _compare(sign: str) -> Callable[[str, str], str]:
    return lambda one, other: f"COALESCE({one} {sign} {other}, false)"


def _joined(sign: str) -> Callable[..., str]:
    return lambda *parts: f"({f' {sign} '.join(parts)})"


def _logic(word: str) -> Callable[..., str]:
    return lambda *parts: f"({f' {word} '.join(f'COALESCE({p}, false)' for p in parts)})"


def _divide(above: str, below: str) -> str:
    size = f"div(abs(a) * {2 * _UNIT} + abs(b), NULLIF(2 * abs(b), 0))"
    return _let(f"sign(a) * sign(b) * {size} * {Decimal(1).scaleb(-QUOTIENT_DECIMALS):f}",
                above, below)  # fmt: skip


def _round(number: str, decimals: str = "0") -> str:
    body = f"CASE WHEN b BETWEEN 0 AND {MOST_DECIMALS} THEN round(a, CAST(b AS integer)) END"
    return _let(body, number, f"trunc({decimals})")


def _cut(word: str) -> Callable[[str, str], str]:
    count = f"CAST(greatest(least(b, {LONGEST_TEXT}), 0) AS integer)"
    body = f"CASE WHEN b IS NOT NULL THEN NULLIF({word}(a, {count}), '') END"
    return lambda text, number: _let(body, text, f"trunc({number})")


def _one_of(value: str, *others: str) -> str:
    return f"COALESCE({value} IN ({', '.join(others)}), false)"


def _if(test: str, yes: str, no: str = "NULL") -> str:
    return f"CASE WHEN {test} THEN {yes} ELSE {no} END"


def _date(year: str, month: str, day: str) -> str:
    first = "make_date(CAST(a AS integer), CAST(b AS integer), 1)"
    last = f"extract(day FROM {first} + interval '1 month' - interval '1 day')"
    body = (
        "CASE WHEN a BETWEEN 1 AND 9999 AND b BETWEEN 1 AND 12 AND c BETWEEN 1 AND 31 THEN"
        f" CASE WHEN c <= {last} THEN {first} + CAST(c AS integer) - 1 END END"
    )
    return _let(body, *(f"trunc({part})" for part in (year, month, day)))


_IN_RANGE = "BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"


def _add_days(day: str, count: str) -> str:
    moved = "a + CAST(b AS integer)"
    body = (
        f"CASE WHEN abs(b) <= {MOST_DAYS} THEN CASE WHEN {moved} {_IN_RANGE} THEN {moved} END END"
    )
    return _let(body, day, f"trunc({count})")


def _add_months(day: str, count: str) -> str:
    moved = "CAST(a + make_interval(months => CAST(b AS integer)) AS date)"
    body = f"CASE WHEN {moved} {_IN_RANGE} THEN {moved} END"
    body = f"CASE WHEN abs(b) <= {MOST_MONTHS} THEN {body} END"
    return _let(body, day, f"trunc({count})")


def _months_between(start: str, end: str) -> str:
    def forward(one: str, other: str) -> str:
        years = f"(extract(year FROM {other}) - extract(year FROM {one})) * 12"
        months = f"extract(month FROM {other}) - extract(month FROM {one})"
        short = f"CASE WHEN extract(day FROM {other}) < extract(day FROM {one}) THEN 1 ELSE 0 END"
        return f"({years} + {months} - {short})"

    return _let(f"CASE WHEN b < a THEN -{forward('b', 'a')} ELSE {forward('a', 'b')} END",
                start, end)  # fmt: skip


def _part(word: str) -> Callable[[str], str]:
    return lambda day: f"CAST(extract({word} FROM {day}) AS numeric)"


_COMPARED = frozenset({"eq", "ne", "lt", "lte", "gt", "gte", "min", "max", "one_of"})
_PLAIN: Mapping[str, Callable[..., str]] = {
    "or": _logic("OR"),
    "and": _logic("AND"),
    "not": lambda value: f"(NOT COALESCE({value}, false))",
    "eq": lambda one, other: f"({one} IS NOT DISTINCT FROM {other})",
    "ne": lambda one, other: f"({one} IS DISTINCT FROM {other})",
    "lt": _compare("<"),
    "lte": _compare("<="),
    "gt": _compare(">"),
    "gte": _compare(">="),
    "add": _joined("+"),
    "negate": lambda number: f"(-{number})",
    "multiply": _joined("*"),
    "divide": _divide,
    "if": _if,
    "coalesce": lambda *parts: f"COALESCE({', '.join(parts)})",
    "is_empty": lambda value: f"({value} IS NULL)",
    "one_of": _one_of,
    "length": lambda text: f"CAST(COALESCE(length({text}), 0) AS numeric)",
    "upper": lambda text: f'upper({text} COLLATE "C")',
    "lower": lambda text: f'lower({text} COLLATE "C")',
    "trim": lambda text: f"NULLIF(btrim({text}, ' '), '')",
    "left": _cut("left"),
    "right": _cut("right"),
    "replace": lambda text, old, new: (
        f"NULLIF(replace({text}, COALESCE({old}, ''), COALESCE({new}, '')), '')"
    ),
    "contains": lambda text, piece: f"COALESCE(strpos({text}, {piece}) > 0, false)",
    "starts_with": lambda text, piece: f"COALESCE(starts_with({text}, {piece}), false)",
    "round": _round,
    "floor": lambda number: f"floor({number})",
    "ceil": lambda number: f"ceil({number})",
    "abs": lambda number: f"abs({number})",
    "mod": lambda number, by: f"mod({number}, NULLIF({by}, 0))",
    "min": lambda *parts: f"LEAST({', '.join(parts)})",
    "max": lambda *parts: f"GREATEST({', '.join(parts)})",
    "date": _date,
}
_OF_DAYS: Mapping[str, Callable[..., str]] = {
    "to_date": lambda day: f"({day})",
    "year": _part("year"),
    "month": _part("month"),
    "day": _part("day"),
    "weekday": _part("isodow"),
    "days_between": lambda start, end: f"CAST(({end}) - ({start}) AS numeric)",
    "months_between": _months_between,
    "add_days": _add_days,
    "add_months": _add_months,
    "start_of_month": lambda day: f"CAST(date_trunc('month', CAST({day} AS timestamp)) AS date)",
    "end_of_month": lambda day: _let(
        "CAST(date_trunc('month', CAST(a AS timestamp)) + interval '1 month' - interval '1 day'"
        " AS date)", day
    ),
}  # fmt: skip
FUNCTIONS_WRITTEN: frozenset[str] = frozenset(
    {*_PLAIN, *_OF_DAYS, "now", "today", "concat", "text"}
)
"""Every function that can be written; the same as those that the language has."""


def fill(template: str, places: Sequence[Any]) -> str:
    """Put the SQL of columns and parameters into their places."""
    return template.format(*places)
