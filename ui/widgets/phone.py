"""Ways to reach somebody: each cell is a link that does it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from engine.context import Locale
from engine.fields.phone import PhoneField, shown
from engine.fields.words import EXTENSIONS, in_language
from metadata.model import FieldDef
from ui.widgets.base import Cell, PlainTextWidget
from ui.widgets.escaping import escaped

_WEB = ("https://", "http://")


class PhoneWidget(PlainTextWidget):
    """A telephone number."""

    type = "tel"
    inputmode = "tel"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        country = PhoneField.country(field)
        extension = in_language(EXTENSIONS, locale.language)

        def show(row: Sequence[Any]) -> str:
            value = row[index]
            if not value:
                return ""
            text = escaped(shown(value, country, extension))
            if value[0] != "+":  # not a number as stored: masked for this reader
                return text
            return f'<a href="tel:{escaped(value)}">{text}</a>'

        return show


class EmailWidget(PlainTextWidget):
    """An e-mail address."""

    type = "email"
    inputmode = "email"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            value = row[index]
            if not value:
                return ""
            return f'<a href="mailto:{quote(value, safe="@")}">{escaped(value)}</a>'

        return show


class UrlWidget(PlainTextWidget):
    """A web address."""

    inputmode = "url"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            value = row[index]
            if not value:
                return ""
            if not value.lower().startswith(_WEB):
                return escaped(value)
            text = escaped(value.partition("://")[2].rstrip("/"))
            return (
                f'<a href="{escaped(value)}" rel="noopener noreferrer" target="_blank">{text}</a>'
            )

        return show
