"""Finding of options by what people type: a key, or a label in any language."""

import re
from collections.abc import Iterator, Mapping
from random import Random

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.clean import folded, line
from metadata.model import FieldDef, OptionDef, say

MOST_CHOSEN = 100
_BETWEEN = re.compile(r"([,，;；、|\n])")


def option_key(raw: object, field: FieldDef) -> str:
    """Give the key of an option that may be chosen now; "" for empty input.

    Raises:
        InvalidValue: there is no such option, or it is retired.
    """
    key = line(raw)
    if not key:
        return ""
    return _usable(field.options.get(key), key)


def option_known(raw: object, field: FieldDef) -> str:
    """Give the key of an option, retired ones included: what a condition may ask for.

    Raises:
        InvalidValue: there is no such option.
    """
    key = line(raw)
    if not key:
        raise InvalidValue("value_missing")
    if key not in field.options:
        raise InvalidValue("unknown_option", value=key[:40])
    return key


def option_said(text: str, field: FieldDef, locale: Locale) -> str:
    """Give the key of the option that ``text`` is the label or the key of.

    Raises:
        InvalidValue: none has it, or the only one that has it is retired.
    """
    found = find(text, field, locale)
    return _usable(found, text)


def find(text: str, field: FieldDef, locale: Locale) -> OptionDef | None:
    """Look an option up: label in the locale's language, key, then any label in any width."""
    for option in field.options.values():
        if not option.retired and say(option.label, locale.language) == text:
            return option
    if text in field.options:
        return field.options[text]
    plain = folded(text)
    hidden = None
    for option in field.options.values():
        if plain in {folded(option.key), *(folded(label) for label in option.label.values())}:
            if not option.retired:
                return option
            hidden = hidden or option
    return hidden


def label(key: str, field: FieldDef, locale: Locale) -> str:
    """Give what a stored value is shown as; a value without an option is its own label."""
    option = field.options.get(key)
    return say(option.label, locale.language) if option else key


def _usable(option: OptionDef | None, text: str) -> str:
    if option is None:
        raise InvalidValue("unknown_option", value=text[:40])
    if option.retired:
        raise InvalidValue("option_retired", value=text[:40])
    return option.key


def pieces(text: str, known: Mapping[str, object] | None = None) -> Iterator[str]:
    """Split text at commas and the like, but not inside a piece that is ``known`` as a whole."""
    parts = _BETWEEN.split(text)
    at = 0
    while at < len(parts):
        end = at + 1
        for further in range(len(parts), at + 1, -2):
            if known and folded("".join(parts[at:further])) in known:
                end = further
                break
        if piece := "".join(parts[at:end]).strip():
            yield piece
        at = end + 1


def joined(text: str) -> Iterator[str]:
    """Give every stretch of neighbouring pieces of a text, as it stands there."""
    parts = _BETWEEN.split(text)
    for at in range(0, len(parts), 2):
        for end in range(at + 1, len(parts) + 1, 2):
            if piece := "".join(parts[at:end]).strip():
                yield piece


def spoken(field: FieldDef) -> Mapping[str, object]:
    """Give every label and key of the field's options, folded."""
    return {
        folded(text): option
        for option in field.options.values()
        for text in (option.key, *option.label.values())
    }


def open_options(field: FieldDef) -> list[str]:
    """Give the keys that may be chosen now, in order."""
    return [option.key for option in field.options.values() if not option.retired]


def likely(random: Random, keys: list[str]) -> str | None:
    """Choose one, the first ones more often: sample data looks lived in."""
    if not keys:
        return None
    return random.choices(keys, weights=range(len(keys) + 1, 1, -1))[0]
