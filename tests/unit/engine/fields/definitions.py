"""Definitions of fields for tests: the smallest of each type, and variations of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.base import FieldType, SampleWorld
from engine.fields.registry import FIELD_TYPES
from metadata.model import FieldDef, OptionDef

CHINESE = Locale()
ENGLISH = Locale(language="en")
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def field(type_key: str, *, sample: Any = None, label: str = "Value", **props: Any) -> FieldDef:
    """Give a field of a type: its smallest definition, changed by ``props``."""
    own = {**FIELD_TYPES[type_key].smallest, **props}
    options = {
        key: option(key, **body) if isinstance(body, Mapping) else body
        for key, body in own.pop("options", {}).items()
    }
    return FieldDef(
        key="value",
        type=type_key,
        label={"": label},
        sample=sample,
        options=options,
        props=own,
    )


def option(
    key: str, label: str | Mapping[str, str] = "", color: str = "", retired: bool = False
) -> OptionDef:
    """Give an option; a plain label is the same in every language."""
    labels = label if isinstance(label, Mapping) else {"": label or key}
    return OptionDef(key, labels, color, retired)


def kind(type_key: str) -> FieldType:
    """Give a field type."""
    return FIELD_TYPES[type_key]


def world(seed: int = 7, row: int = 0) -> SampleWorld:
    """Give what a sample may draw on."""
    random = Random(seed)  # noqa: S311 - repeatable is what it must be
    return SampleWorld(random=random, locale=CHINESE, now=NOW, row=row)


def parsed(type_key: str, raw: object, **props: Any) -> Any:
    """Parse raw input by a field of the type."""
    return kind(type_key).parse(raw, field(type_key, **props))


def read(type_key: str, text: object, **props: Any) -> Any:
    """Read a cell of an imported file by a field of the type."""
    return kind(type_key).from_text(text, field(type_key, **props), CHINESE)


def refusal(type_key: str, raw: object, **props: Any) -> str:
    """Give the reason why raw input is refused; "" when it is not."""
    try:
        parsed(type_key, raw, **props)
    except InvalidValue as error:
        return error.reason
    return ""
