"""A formula as a Python function over the values of a record."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.formulas.functions import LOOSE, OF_DAYS, OF_MOMENT, STRICT
from engine.formulas.moment import Moment
from engine.formulas.values import encode, instant_text, number_text
from metadata.formula.types import (
    DATETIME,
    NUMBER,
    REGION,
    SELECT,
    Apply,
    Constant,
    Field,
    Formula,
    Typed,
    ValueType,
)

Row = Sequence[Any]
"""One value of a formula for each of its paths, in their order; a region as its shown text."""
Compute = Callable[[Row, Moment], Any]


def compile_formula(formula: Formula) -> Compute:
    """Make the function that computes a formula; it gives what the field stores."""
    places = {path: at for at, path in enumerate(formula.paths)}
    compute = _compile(formula.root, places)
    returns = formula.returns
    return lambda row, moment: encode(compute(row, moment), returns)


def _compile(node: Typed, places: Mapping[str, int]) -> Compute:
    match node:
        case Constant(value):
            return lambda row, moment: value
        case Field(path):
            at = places[path]
            return lambda row, moment: row[at]
        case Apply():
            parts = [_compile(argument, places) for argument in node.arguments]
            return _apply(node, parts)


def _apply(node: Apply, parts: Sequence[Compute]) -> Compute:
    name = node.function
    if name in STRICT or name in OF_DAYS:
        return _strict(name, parts)
    if name in LOOSE:
        function = LOOSE[name]
        return lambda row, moment: function(*(part(row, moment) for part in parts))
    if name in OF_MOMENT:
        tell = OF_MOMENT[name]
        return lambda row, moment: tell(moment)
    if name in {"concat", "text"}:
        return _concat([argument.type for argument in node.arguments], parts)
    return _LAZY[name](parts)


def _strict(name: str, parts: Sequence[Compute]) -> Compute:
    function = STRICT.get(name) or OF_DAYS[name]
    in_days = name in OF_DAYS

    def compute(row: Row, moment: Moment) -> Any:
        values = []
        for part in parts:
            value = part(row, moment)
            if value is None:
                return None
            values.append(moment.day(value) if in_days and isinstance(value, datetime) else value)
        return function(*values)

    return compute


def _if(parts: Sequence[Compute]) -> Compute:
    test, yes = parts[0], parts[1]
    no: Compute = parts[2] if len(parts) > len(("test", "yes")) else lambda row, moment: None
    return lambda row, moment: yes(row, moment) if test(row, moment) is True else no(row, moment)


def _coalesce(parts: Sequence[Compute]) -> Compute:
    def compute(row: Row, moment: Moment) -> Any:
        return next((v for part in parts if (v := part(row, moment)) is not None), None)

    return compute


_LAZY: Mapping[str, Callable[[Sequence[Compute]], Compute]] = {
    "if": _if,
    "coalesce": _coalesce,
    "and": lambda parts: lambda row, moment: all(part(row, moment) is True for part in parts),
    "or": lambda parts: lambda row, moment: any(part(row, moment) is True for part in parts),
}


def _concat(types: Sequence[ValueType], parts: Sequence[Compute]) -> Compute:
    shown = [_text_of(one) for one in types]

    def compute(row: Row, moment: Moment) -> str | None:
        values = ((show, part(row, moment)) for show, part in zip(shown, parts, strict=True))
        return "".join(show(v, moment) for show, v in values if v is not None) or None

    return compute


def _text_of(value_type: ValueType) -> Callable[[Any, Moment], str]:
    match value_type.kind:
        case kind if kind == NUMBER:
            return lambda value, moment: number_text(Decimal(value))
        case kind if kind == DATETIME:
            return lambda value, moment: instant_text(value.astimezone(moment.zone))
        case kind if kind == SELECT:
            labels = dict(value_type.options)
            return lambda value, moment: labels.get(value, value)
        case kind if kind == REGION:
            return lambda value, moment: str(value)
        case "date":
            return lambda value, moment: value.isoformat()
        case _:
            return lambda value, moment: str(value)


FUNCTIONS = frozenset({*STRICT, *OF_DAYS, *LOOSE, *OF_MOMENT, *_LAZY, "concat", "text"})
"""Every function that can be computed; the same as those that the language has."""
