"""One of several options: a native list, a coloured tag in the cell."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.context import Locale
from metadata.model import FieldDef, OptionDef, say
from ui.widgets.base import Asked, Cell, Choice, Inside, Widget, last
from ui.widgets.escaping import escaped


class SelectWidget(Widget):
    """A native select."""

    template = "select"
    filter = "options"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        tags = {key: tag(option, locale) for key, option in field.options.items()}

        def show(row: Sequence[Any]) -> str:
            value = row[index]
            return tags.get(value) or escaped(value) if value else ""

        return show

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        value = asked.stored or "" if asked.form is None else str(last(asked.form, name))
        return Inside(value=value, choices=option_choices(field, locale, {value}))


def tag(option: OptionDef, locale: Locale) -> str:
    """Draw an option: a coloured tag, or only its label where it has no colour."""
    label = escaped(say(option.label, locale.language))
    if not option.color:
        return label
    return f'<span class="h-tag h-tag-{escaped(option.color)}">{label}</span>'


def pills(field: FieldDef, locale: Locale) -> Mapping[str, str]:
    """Draw every option as a tag, whatever its colour: several stand side by side."""
    return {
        key: f'<span class="h-tag h-tag-{escaped(option.color or "grey")}">'
        f"{escaped(say(option.label, locale.language))}</span>"
        for key, option in field.options.items()
    }


def option_choices(
    field: FieldDef, locale: Locale, chosen: set[str] | frozenset[str]
) -> tuple[Choice, ...]:
    """Give the options to choose from; a retired one only while it is chosen."""
    return tuple(
        Choice(key, say(option.label, locale.language), key in chosen, option.color)
        for key, option in field.options.items()
        if not option.retired or key in chosen
    )
