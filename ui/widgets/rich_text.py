"""Text with markup: a small editor over a text area, plain text in the cell."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from engine.context import Locale
from engine.fields.rich_text import cleaned
from metadata.model import FieldDef
from ui.widgets.base import Asked, Cell, Inside, PlainTextWidget, typed_or
from ui.widgets.escaping import escaped
from ui.widgets.long_text import CLIP


class RichTextWidget(PlainTextWidget):
    """A text area with the HTML, which scripts put an editor before; its beginning in the cell.

    What is drawn as HTML is cleaned again: nobody has to trust what a database holds.
    """

    template = "rich_text"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            text = row[index]
            if not text:
                return ""
            return escaped(text if len(text) <= CLIP else f"{text[:CLIP]}…")

        return show

    def whole(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            html = row[index + 1]
            return f'<div class="h-rich">{cleaned(html)}</div>' if html else ""

        return show

    def entered(self, field: FieldDef, locale: Locale, stored: Any) -> str:
        return str(stored[1])

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        value = typed_or(asked, name, lambda: self.entered(field, locale, asked.stored))
        return Inside(value=value, html=Markup(cleaned(value)))  # noqa: S704 - just cleaned
