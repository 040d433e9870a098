"""Yes or no."""

from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.base import ColumnSpec, FieldType, SampleWorld, Schema
from engine.fields.clean import cell_text, folded, line
from engine.fields.words import FALSE_TEXTS, TRUE_FALSE, TRUE_TEXTS, in_language
from metadata.model import FieldDef


class BooleanField(FieldType):
    """Yes, no, or not said.

    Input:   JSON true and false, 1 and 0, or the words of `engine.fields.words`.
    Stored:  ``bool``.
    """

    key = "boolean"
    widget = "boolean"
    formula_kind = "boolean"
    operators = frozenset({"eq", "ne", "empty", "not_empty"})
    schema: ClassVar[Schema] = {"default": {"type": "boolean"}}
    groupable = True
    conversions = {"text": "as_shown"}

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("boolean", width=2),)

    def parse(self, raw: object, field: FieldDef) -> bool | None:
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, int) and raw in (0, 1):
            return raw == 1
        if raw is not None and not isinstance(raw, str):
            raise InvalidValue("not_a_boolean")
        text = folded(line(raw))
        if not text:
            return None
        if text in TRUE_TEXTS:
            return True
        if text in FALSE_TEXTS:
            return False
        raise InvalidValue("not_a_boolean")

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        if stored is None:
            return ""
        true, false = in_language(TRUE_FALSE, locale.language)
        return true if stored else false

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        return self.parse(cell_text(text), field)

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return world.random.choice((True, False))
