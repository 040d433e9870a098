"""Stretches of days: two of the browser's own pickers."""

from collections.abc import Sequence
from typing import Any

from engine.context import Locale
from engine.fields.date_range import BETWEEN
from metadata.model import FieldDef
from ui.widgets.base import ABSENT, Asked, Cell, Form, Inside, Widget, last

FROM, TO = "from", "to"


class DateRangeWidget(Widget):
    """Two date inputs, ``period.from`` and ``period.to``."""

    template = "date_range"
    filter = "range"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            first = row[index]
            return "" if first is None else f"{first}{BETWEEN}{row[index + 1]}"

        return show

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        if asked.form is not None:
            ends = tuple(str(last(asked.form, f"{name}.{part}")) for part in (FROM, TO))
        else:
            ends = tuple(str(day) for day in asked.stored or ("", ""))
        return Inside(
            value=ends[0],
            typed=ends[1],
            least=str(field.props.get("min", "")),
            most=str(field.props.get("max", "")),
        )

    def read(self, form: Form, name: str) -> Any:
        ends = {part: last(form, f"{name}.{part}", None) for part in (FROM, TO)}
        if all(text is None for text in ends.values()):
            return last(form, name, ABSENT)
        return {part: text or "" for part, text in ends.items()}
