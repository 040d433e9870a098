"""Several lines of text."""

from collections.abc import Sequence
from typing import Any

from engine.context import Locale
from metadata.model import FieldDef
from ui.widgets.base import Cell, PlainTextWidget
from ui.widgets.escaping import escaped

CLIP = 120


class LongTextWidget(PlainTextWidget):
    """A text area; its beginning in the cell."""

    template = "long_text"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            value = row[index]
            if not value:
                return ""
            return escaped(value if len(value) <= CLIP else f"{value[:CLIP]}…")

        return show
