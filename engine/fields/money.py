"""Amounts of money."""

from functools import lru_cache
from typing import Any, ClassVar

from babel.numbers import get_currency_symbol

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import numbers
from engine.fields.base import Schema
from engine.fields.clean import line, narrow
from engine.fields.decimal import DecimalField
from engine.fields.words import CURRENCY_NAMES
from metadata.model import FieldDef

_LOCALES = {"zh-CN": "zh_Hans_CN", "en": "en"}
CURRENCY = "CNY"
"""The currency where a document does not say."""
_SIGNS = "+-−"


class MoneyField(DecimalField):
    """An amount in the currency of its field.

    Input:   text or number in major units, at most ``scale`` decimals; ``"¥1,280.50"``. The
             sign of another currency is refused.
    Stored:  ``int``, scaled by ``scale``.
    Shown:   with the currency's sign, ``"¥1,280.50"``.
    """

    key = "money"
    widget = "money"
    schema: ClassVar[Schema] = {
        **DecimalField.schema,
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    }
    fixed = frozenset({"scale", "currency"})
    conversions = {
        "decimal": "rescale",
        "money": "rescale",
        "percent": "rescale",
        "integer": "drop_decimals",
        "text": "as_shown",
    }

    def _read(self, raw: object, field: FieldDef) -> int | None:
        if isinstance(raw, str):
            raw = _without_currency(narrow(line(raw)), currency(field))
        return super()._read(raw, field)

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        if stored is None:
            return ""
        shown = numbers.grouped(abs(stored), self.scale(field))
        return f"{'-' if stored < 0 else ''}{sign(currency(field), locale.language)}{shown}"


def currency(field: FieldDef) -> str:
    """Give the ISO code of the field's currency."""
    return str(field.props.get("currency", CURRENCY))


@lru_cache(maxsize=256)
def sign(code: str, language: str) -> str:
    """Give the sign of a currency as readers of ``language`` know it; its code when unknown."""
    return get_currency_symbol(code, locale=_LOCALES.get(language, "en"))


@lru_cache(maxsize=256)
def _ways_to_write(code: str) -> tuple[str, ...]:
    names = {code, sign(code, "zh-CN"), sign(code, "en"), *CURRENCY_NAMES.get(code, ())}
    return tuple(sorted((narrow(name) for name in names), key=len, reverse=True))


def _without_currency(text: str, code: str) -> str:
    """Take the currency off either end of an amount.

    Raises:
        InvalidValue: what is left still names a currency.
    """
    minus = text[:1] if text[:1] in _SIGNS else ""
    rest = text[len(minus) :].strip()
    for name in _ways_to_write(code):
        if rest.upper().startswith(name):
            rest = rest[len(name) :].strip()
            break
        if rest.upper().endswith(name):
            rest = rest[: -len(name)].strip()
            break
    if text and not rest:
        raise InvalidValue("not_a_number")
    if any(_is_currency_sign(character) for character in rest):
        raise InvalidValue("other_currency", currency=code)
    return minus + rest


def _is_currency_sign(character: str) -> bool:
    return character in "$£¥€" or "\u20a0" <= character <= "\u20cf"
