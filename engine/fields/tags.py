"""Free labels beside offered ones."""

from collections.abc import Iterable
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import choices, clean, sample_words
from engine.fields.base import SampleWorld, Schema
from engine.fields.multi_select import MultiSelectField, items
from metadata.model import FieldDef

LONGEST_TAG = 30
_SEPARATORS = frozenset(",，;；、|\n")


class TagsField(MultiSelectField):
    """Some tags: options and, with ``allow_new``, short texts of one's own.

    Input:   a list, or one text with commas between the tags; a tag that reads like an option
             is that option.
    Stored:  tuple of option keys and texts, in the order given.
    """

    key = "tags"
    widget = "tags"
    schema: ClassVar[Schema] = {
        "allow_new": {"type": "boolean"},
        "default": {"type": "array", "items": {"type": "string"}},
    }
    smallest = {"allow_new": True}
    searchable = True
    conversions = {"text": "as_shown"}

    def parse(self, raw: object, field: FieldDef) -> tuple[str, ...] | None:
        return self._tags(items(raw, field), field, Locale())

    def parse_change(self, raw: object, stored: Any, field: FieldDef) -> Any:
        return self._tags(items(raw, field), field, Locale(), held=frozenset(stored or ()))

    def _tags(
        self,
        given: Iterable[object],
        field: FieldDef,
        locale: Locale,
        held: frozenset[str] = frozenset(),
    ) -> tuple[str, ...] | None:
        tags: dict[str, str] = {}
        for item in given:
            if isinstance(item, str) and item in held:
                tags.setdefault(clean.folded(item), item)
            elif tag := self._tag(item, field, locale):
                tags.setdefault(clean.folded(tag), tag)
        if len(tags) > choices.MOST_CHOSEN:
            raise InvalidValue("too_many_values", most=choices.MOST_CHOSEN)
        return tuple(tags.values()) or None

    def _tag(self, raw: object, field: FieldDef, locale: Locale) -> str:
        text = clean.line(raw)
        if not text:
            return ""
        option = choices.find(text, field, locale)
        if option is not None or not field.props.get("allow_new"):
            return choices.option_said(text, field, locale)
        if _SEPARATORS & set(text):
            raise InvalidValue("separator_in_tag")
        return clean.within_length(text, LONGEST_TAG)

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        text = clean.line(raw)
        if not text:
            raise InvalidValue("value_missing")
        option = choices.find(text, field, Locale())
        return option.key if option else text

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        said = choices.pieces(clean.lines(clean.cell_text(text)), choices.spoken(field))
        return self._tags(said, field, locale)

    def search_text(self, stored: Any, field: FieldDef) -> str:
        return " ".join(label for key in stored or () for label in _labels(key, field))

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        if field.options:
            return super().sample(world, field)
        if not field.props.get("allow_new"):
            return []
        return world.random.sample(sample_words.TAGS, world.random.randint(0, 2))


def _labels(key: str, field: FieldDef) -> Iterable[str]:
    option = field.options.get(key)
    return option.label.values() if option else (key,)
