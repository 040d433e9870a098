"""What a change said: values of history in the language of whoever reads them."""

from typing import Any

from engine.context import Locale
from engine.errors import InvalidValue
from engine.storage.snapshot import BoundField


def said(field: BoundField, value: Any, locale: Locale) -> str:
    """Say a value in the reader's language, where the language makes a difference; else ""."""
    spoken = field.definition.options or field.definition.type == "boolean"
    if not spoken or value is None:
        return ""
    try:
        return field.type.text(field.type.parse(value, field.definition), field.definition, locale)
    except InvalidValue:
        return ""
