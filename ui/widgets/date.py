"""Days and instants: the browser's own pickers."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from engine.context import Locale
from metadata.model import FieldDef
from ui.widgets.base import Asked, Cell, Inside, PlainTextWidget, typed_or

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")


_MINUTES = tuple(f" {minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60))


@lru_cache(maxsize=4096)
def _day(ordinal: int) -> str:
    """Write a day; the instants of a list share few, and writing one costs most of its cell."""
    return date.fromordinal(ordinal).isoformat()


class DateWidget(PlainTextWidget):
    """A day."""

    filter = "date"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            value = row[index]
            return "" if value is None else str(value)

        return show

    def entered(self, field: FieldDef, locale: Locale, stored: Any) -> str:
        return str(stored.isoformat())

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        value = typed_or(asked, name, lambda: self.entered(field, locale, asked.stored))
        return Inside(
            value=value,
            # A picker shows nothing for a day that does not exist; text keeps what was typed.
            type="date" if not value or (_DATE.fullmatch(value) and not asked.error) else "text",
            least=str(field.props.get("min", "")),
            most=str(field.props.get("max", "")),
        )


class DateTimeWidget(PlainTextWidget):
    """An instant, shown and entered in the company's time zone."""

    filter = "date"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        zone = locale.zone

        def show(row: Sequence[Any]) -> str:
            value = row[index]
            if value is None:
                return ""
            local: datetime = value.astimezone(zone)
            return _day(local.toordinal()) + _MINUTES[local.hour * 60 + local.minute]

        return show

    def entered(self, field: FieldDef, locale: Locale, stored: Any) -> str:
        local = stored.astimezone(locale.zone)
        return str(local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M"))

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        value = typed_or(asked, name, lambda: self.entered(field, locale, asked.stored))
        native = not value or (_DATETIME.fullmatch(value) and not asked.error)
        least, most = field.props.get("min"), field.props.get("max")
        return Inside(
            value=value,
            type="datetime-local" if native else "text",
            least=f"{least}T00:00" if least else "",
            most=f"{most}T23:59" if most else "",
        )
