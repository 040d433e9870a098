"""One of several options."""

from typing import Any, ClassVar

from engine.context import Locale
from engine.fields import choices
from engine.fields.base import FieldType, SampleWorld, Schema
from engine.fields.clean import cell_text, line
from metadata.model import FieldDef


class SelectField(FieldType):
    """One option.

    Input:   the option's key; files also give its label. A retired option is refused, but a
             record that holds it keeps it.
    Stored:  the key.
    """

    key = "select"
    widget = "select"
    formula_kind = "select"
    operators = frozenset({"eq", "ne", "in", "not_in", "empty", "not_empty"})
    schema: ClassVar[Schema] = {"default": {"type": "string"}}
    smallest = {"options": {"red": {"label": "Red"}, "blue": {"label": "Blue"}}}
    has_options = True
    groupable = True
    conversions = {"multi_select": "wrap", "tags": "wrap", "text": "label"}

    def parse(self, raw: object, field: FieldDef) -> str | None:
        return choices.option_key(raw, field) or None

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        return choices.option_known(raw, field)

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return choices.label(stored, field, locale) if stored else ""

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        said = line(cell_text(text))
        return choices.option_said(said, field, locale) if said else None

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return choices.likely(world.random, choices.open_options(field))
