"""Any of several options: a group of boxes, tags in the cell."""

from collections.abc import Sequence
from typing import Any

from engine.context import Locale
from metadata.model import FieldDef
from ui.widgets.base import ABSENT, Asked, Cell, Form, Inside, Widget
from ui.widgets.escaping import escaped
from ui.widgets.select import option_choices, pills


class MultiSelectWidget(Widget):
    """Boxes to tick; a hidden empty value before them tells "none" from "not on the form"."""

    template = "multi_select"
    filter = "options"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        tags = pills(field, locale)

        def show(row: Sequence[Any]) -> str:
            keys = row[index]
            if not keys:
                return ""
            return " ".join([tags.get(key) or free_tag(key) for key in keys])

        return show

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        chosen = asked.stored or () if asked.form is None else asked.form.get(name, ())
        return Inside(choices=option_choices(field, locale, frozenset(chosen)))

    def read(self, form: Form, name: str) -> Any:
        values = form.get(name)
        return ABSENT if values is None else [value for value in values if value]


def free_tag(text: str) -> str:
    """Draw a tag that is no option."""
    return f'<span class="h-tag h-tag-grey">{escaped(text)}</span>'
