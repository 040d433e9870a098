"""Exact decimal numbers."""

from decimal import Decimal
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import clean, numbers
from engine.fields.base import ColumnSpec, FieldType, SampleWorld, Schema
from engine.fields.integer import NUMBER_OPERATORS
from engine.fields.sample_words import amount
from metadata.formula.types import NUMBER
from metadata.model import FieldDef

SCALE = 2
"""Decimals where a document does not say."""
NUMBER_SCHEMA: Schema = {"type": "string", "pattern": r"^-?[0-9]{1,18}(\.[0-9]{1,6})?$"}


class DecimalField(FieldType):
    """A decimal number with at most ``scale`` decimals.

    Input:   text or JSON number; ``"1,280.50"``; more decimals are refused, never rounded.
    Stored:  ``int``, scaled by ``scale``, BIGINT: SQLite has no exact decimal type.
    API:     text, ``"1280.50"``.
    """

    key = "decimal"
    widget = "decimal"
    formula_kind = NUMBER
    operators = NUMBER_OPERATORS
    schema: ClassVar[Schema] = {
        "scale": {"type": "integer", "minimum": 0, "maximum": 6},
        "min": NUMBER_SCHEMA,
        "max": NUMBER_SCHEMA,
        "default": NUMBER_SCHEMA,
    }
    covered_whole = True
    fixed = frozenset({"scale"})
    conversions = {
        "decimal": "rescale",
        "money": "rescale",
        "percent": "rescale",
        "integer": "drop_decimals",
        "text": "as_shown",
    }

    @staticmethod
    def scale(field: FieldDef) -> int:
        """Give the number of decimals that are stored."""
        return int(field.props.get("scale", SCALE))

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("integer"),)

    def parse(self, raw: object, field: FieldDef) -> int | None:
        value = self._read(raw, field)
        if value is None:
            return None
        number = Decimal(value).scaleb(-self.scale(field))
        least, most = field.props.get("min"), field.props.get("max")
        if least is not None and number < Decimal(least):
            raise InvalidValue("below_minimum", least=least)
        if most is not None and number > Decimal(most):
            raise InvalidValue("above_maximum", most=most)
        return value

    def _read(self, raw: object, field: FieldDef) -> int | None:
        number = numbers.read_number(raw)
        return None if number is None else numbers.scaled(number, self.scale(field))

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        # A limit of what may be entered is no limit of what may be asked.
        value = self._read(raw, field)
        if value is None:
            raise InvalidValue("value_missing")
        return value

    def api(self, stored: Any, field: FieldDef) -> Any:
        return None if stored is None else numbers.plain(stored, self.scale(field))

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return "" if stored is None else numbers.grouped(stored, self.scale(field))

    def export(self, stored: Any, field: FieldDef, locale: Locale) -> Any:
        return None if stored is None else Decimal(numbers.plain(stored, self.scale(field)))

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        # A sheet computes with binary fractions and shows 15 digits of them.
        return self.parse(clean.cell_text(text) if isinstance(text, float) else text, field)

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return amount(world, field, self.scale(field))
