"""Any of several options."""

from collections.abc import Iterable
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import choices
from engine.fields.base import FieldType, SampleWorld, Schema
from engine.fields.clean import cell_text, lines
from engine.fields.words import SEPARATORS, in_language
from metadata.model import FieldDef

MANY_OPERATORS = frozenset({"contains", "not_contains", "in", "not_in", "empty", "not_empty"})


class MultiSelectField(FieldType):
    """Some options.

    Input:   a list of keys, or one text with commas between them; files also give labels.
    Stored:  tuple of keys in the order of the options, never empty; one row per key beside it.

    ``contains`` asks for one option, ``in`` for any of several.
    """

    key = "multi_select"
    widget = "multi_select"
    operators = MANY_OPERATORS
    schema: ClassVar[Schema] = {"default": {"type": "array", "items": {"type": "string"}}}
    smallest = {"options": {"red": {"label": "Red"}, "blue": {"label": "Blue"}}}
    has_options = True
    many = True
    sortable = False
    indexable = False
    conversions = {"select": "single_value", "tags": "same_values", "text": "as_shown"}

    def parse(self, raw: object, field: FieldDef) -> tuple[str, ...] | None:
        return self._ordered(
            (choices.option_key(item, field) for item in items(raw, field)), field
        )

    def parse_change(self, raw: object, stored: Any, field: FieldDef) -> Any:
        held = set(stored or ())
        chosen = [
            item if isinstance(item, str) and item in held else choices.option_key(item, field)
            for item in items(raw, field)
        ]
        return self._ordered(chosen, field)

    def _ordered(self, keys: Iterable[str], field: FieldDef) -> tuple[str, ...] | None:
        chosen = [key for key in dict.fromkeys(keys) if key]
        if len(chosen) > choices.MOST_CHOSEN:
            raise InvalidValue("too_many_values", most=choices.MOST_CHOSEN)
        order = {key: at for at, key in enumerate(field.options)}
        return tuple(sorted(chosen, key=lambda key: order.get(key, len(order)))) or None

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        return choices.option_known(raw, field)

    def api(self, stored: Any, field: FieldDef) -> Any:
        return list(stored or ())

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        between = in_language(SEPARATORS, locale.language)
        return between.join(choices.label(key, field, locale) for key in stored or ())

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        said = choices.pieces(lines(cell_text(text)), choices.spoken(field))
        return self._ordered((choices.option_said(item, field, locale) for item in said), field)

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        keys = choices.open_options(field)
        return world.random.sample(keys, min(len(keys), world.random.randint(0, 3)))


def items(raw: object, field: FieldDef) -> list[object]:
    """Give the single values of raw input.

    Raises:
        InvalidValue: it is neither a list nor text.
    """
    if raw is None:
        return []
    if isinstance(raw, str):
        return list(choices.pieces(lines(raw), choices.spoken(field)))
    if isinstance(raw, list | tuple):
        if len(raw) > choices.MOST_CHOSEN:
            raise InvalidValue("too_many_values", most=choices.MOST_CHOSEN)
        return list(raw)
    raise InvalidValue("not_a_list")
