"""Free tags: one text input with suggestions, tags in the cell."""

from typing import Any

from engine.context import Locale
from engine.fields.registry import FIELD_TYPES
from metadata.model import FieldDef
from ui.widgets.base import Asked, Form, Inside, Widget, typed_or
from ui.widgets.multi_select import MultiSelectWidget
from ui.widgets.select import option_choices


class TagsWidget(MultiSelectWidget):
    """Tags with commas between them; the options are suggested."""

    template = "tags"

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        kind = FIELD_TYPES[field.type]
        return Inside(
            value=typed_or(asked, name, lambda: kind.text(asked.stored, field, locale)),
            choices=option_choices(field, locale, frozenset()),
        )

    def read(self, form: Form, name: str) -> Any:
        return Widget.read(self, form, name)
