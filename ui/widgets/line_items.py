"""Lines of a record: their number in a cell, a table to edit in the form.

The table needs the child object, which a widget does not know: `ui.pages.lines` fills it in.
"""

from collections.abc import Sequence
from typing import Any

from engine.context import Locale
from metadata.model import FieldDef
from ui.i18n import translate
from ui.widgets.base import ABSENT, Asked, Cell, Form, Inside, Widget
from ui.widgets.escaping import escaped

ORDER = "-@"
"""Ends the name under which the form sends the marks of its lines, in order."""
NUMBER = "@id"


class LineItemsWidget(Widget):
    """A table, one row a line."""

    template = "line_items"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            count = row[index]
            if not count:
                return ""
            return escaped(translate(locale.language, "widget.lines.count", count=count))

        return show

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        return Inside()

    def read(self, form: Form, name: str) -> Any:
        """Give a row for each mark; what stands in them is read by `ui.pages.lines`."""
        if name not in form and name + ORDER not in form:
            return ABSENT
        return [{} for _ in form.get(name + ORDER, ())]


def prefix_of(name: str, mark: str) -> str:
    """Give what the names of the inputs of one line begin with."""
    return f"{name}-{mark}-"
