"""Whole numbers."""

from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import numbers
from engine.fields.base import ColumnSpec, FieldType, SampleWorld, Schema
from metadata.model import FieldDef

NUMBER_OPERATORS = frozenset(
    {"eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "between", "empty", "not_empty"}
)


class IntegerField(FieldType):
    """A whole number.

    Input:   JSON number or text, ``"12,000"``.
    Stored:  ``int``; no more than JSON clients keep exactly.
    """

    key = "integer"
    widget = "integer"
    formula_kind = "number"
    operators = NUMBER_OPERATORS
    schema: ClassVar[Schema] = {
        "min": {"type": "integer"},
        "max": {"type": "integer"},
        "default": {"type": "integer"},
    }
    covered_whole = True
    uniqueable = True
    groupable = True
    conversions = {
        "decimal": "multiply",
        "money": "multiply",
        "percent": "multiply",
        "text": "as_shown",
    }

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("integer"),)

    def parse(self, raw: object, field: FieldDef) -> int | None:
        value = self._read(raw)
        if value is None:
            return None
        least, most = field.props.get("min"), field.props.get("max")
        if least is not None and value < least:
            raise InvalidValue("below_minimum", least=numbers.counted(least))
        if most is not None and value > most:
            raise InvalidValue("above_maximum", most=numbers.counted(most))
        return value

    def _read(self, raw: object) -> int | None:
        number = numbers.read_number(raw)
        if number is None:
            return None
        value = numbers.scaled(number, 0)
        if abs(value) > numbers.LARGEST_INTEGER:
            raise InvalidValue("out_of_range")
        return value

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        # A limit of what may be entered is no limit of what may be asked.
        value = self._read(raw)
        if value is None:
            raise InvalidValue("value_missing")
        return value

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return "" if stored is None else numbers.counted(stored)

    def export(self, stored: Any, field: FieldDef, locale: Locale) -> Any:
        return stored

    def unique_key(self, stored: Any, field: FieldDef) -> str | None:
        return None if stored is None else str(stored)

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        least = field.props.get("min", 0)
        return world.random.randint(least, max(least, field.props.get("max", least + 500)))
