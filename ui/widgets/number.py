"""Numbers and amounts: right aligned, entered as plain digits."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from engine.context import Locale
from engine.fields import money
from engine.fields.decimal import DecimalField
from engine.fields.numbers import counted, plain
from engine.fields.percent import SIGN
from metadata.model import FieldDef
from ui.widgets.base import Asked, Cell, Inside, PlainTextWidget, typed_or
from ui.widgets.escaping import escaped


class IntegerWidget(PlainTextWidget):
    """A whole number."""

    filter = "number"
    align = "end"
    inputmode = "numeric"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            value = row[index]
            return "" if value is None else counted(value)

        return show

    def entered(self, field: FieldDef, locale: Locale, stored: Any) -> str:
        return str(stored)


class DecimalWidget(PlainTextWidget):
    """A number with decimals."""

    filter = "number"
    align = "end"
    inputmode = "decimal"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        return amount_cell(index, DecimalField.scale(field), "")

    def entered(self, field: FieldDef, locale: Locale, stored: Any) -> str:
        return plain(stored, DecimalField.scale(field))


class PercentWidget(DecimalWidget):
    """A share of a hundred, with its sign."""

    template = "number"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        return amount_cell(index, DecimalField.scale(field), "", SIGN)

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        return replace(super().inside(field, locale, name, asked), unit=SIGN)


class MoneyWidget(DecimalWidget):
    """An amount with the sign of its currency."""

    template = "money"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        sign = escaped(money.sign(money.currency(field), locale.language))
        return amount_cell(index, DecimalField.scale(field), sign)

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        return Inside(
            value=typed_or(asked, name, lambda: self.entered(field, locale, asked.stored)),
            inputmode=self.inputmode,
            sign=money.sign(money.currency(field), locale.language),
        )


def amount_cell(index: int, scale: int, sign: str, unit: str = "") -> Cell:
    """Compose the cell of a scaled integer; the same text as the type shows elsewhere."""
    whole = 10**scale
    pattern = f"{{}}{{:,}}.{{:0{scale}d}}" if scale else "{}{:,}"
    pattern += unit.replace("{", "{{").replace("}", "}}")
    write = pattern.format
    minus = f"-{sign}"

    def show(row: Sequence[Any]) -> str:
        value = row[index]
        if value is None:
            return ""
        if value < 0:
            return write(minus, *divmod(-value, whole))
        return write(sign, *divmod(value, whole))

    return show
