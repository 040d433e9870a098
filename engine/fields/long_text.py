"""Several lines of text."""

from typing import Any, ClassVar

from engine.fields import clean, sample_words
from engine.fields.base import SampleWorld, Schema
from engine.fields.text import TextField
from metadata.model import FieldDef


class LongTextField(TextField):
    r"""Several lines of plain text.

    Input:   text, trimmed; line ends of any kind, tabs.
    Stored:  the text with ``\n`` between its lines.
    """

    key = "long_text"
    widget = "long_text"
    operators = frozenset({"contains", "not_contains", "starts_with", "empty", "not_empty"})
    schema: ClassVar[Schema] = {
        "max_length": {"type": "integer", "minimum": 1, "maximum": 100_000},
        "default": {"type": "string"},
    }
    sortable = False
    groupable = False
    indexable = False
    uniqueable = False
    initials = False
    conversions = {"text": "same_column", "rich_text": "escaped"}
    longest = 10_000

    def parse(self, raw: object, field: FieldDef) -> str | None:
        return clean.within_length(clean.lines(raw), self.limit(field)) or None

    def unique_key(self, stored: Any, field: FieldDef) -> str | None:
        return None

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return sample_words.sentences(world)[: self.limit(field)]
