"""One line of text."""

from typing import Any, ClassVar

from engine.context import Locale
from engine.fields import clean, sample_words
from engine.fields.base import FieldType, SampleWorld, Schema
from metadata.model import FieldDef

TEXT_OPERATORS = frozenset(
    {"eq", "ne", "in", "not_in", "contains", "not_contains", "starts_with", "empty", "not_empty"}
)
PIECE_OPERATORS = frozenset({"contains", "not_contains", "starts_with"})


class TextField(FieldType):
    """One line of text.

    Input:   text, trimmed; at most ``max_length`` characters, no control characters.
    Stored:  the text as typed.
    """

    key = "text"
    widget = "text"
    formula_kind = "text"
    operators = TEXT_OPERATORS
    schema: ClassVar[Schema] = {
        "max_length": {"type": "integer", "minimum": 1, "maximum": 1000},
        "default": {"type": "string"},
    }
    uniqueable = True
    searchable = True
    initials = True
    groupable = True
    conversions = {
        "long_text": "same_column",
        "select": "values_to_options",
        "integer": "parse_rows",
        "decimal": "parse_rows",
        "money": "parse_rows",
        "date": "parse_rows",
        "datetime": "parse_rows",
        "phone": "parse_rows",
        "email": "parse_rows",
        "url": "parse_rows",
    }
    longest: ClassVar[int] = 255

    def limit(self, field: FieldDef) -> int:
        """Give the most characters a value may have."""
        return int(field.props.get("max_length", self.longest))

    def parse(self, raw: object, field: FieldDef) -> str | None:
        return clean.within_length(clean.line(raw), self.limit(field)) or None

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        if op in PIECE_OPERATORS:
            return TEXT.parse(raw, PIECE) or super()._operand(op, None, field)
        return super()._operand(op, raw, field, last=last)

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return stored or ""

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        return self.parse(clean.cell_text(text), field)

    def unique_key(self, stored: Any, field: FieldDef) -> str | None:
        return clean.narrow(stored) if stored else None

    def search_text(self, stored: Any, field: FieldDef) -> str:
        return stored or ""

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return sample_words.text(world, str(field.sample or ""))[: self.limit(field)]


TEXT = TextField()
PIECE = FieldDef(key="piece", type="text", label={"": "piece"})
"""What a piece of a text is checked by, whatever the field allows as a whole."""
