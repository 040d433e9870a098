"""Links to a record: search as one types, a link in the cell."""

from collections.abc import Sequence
from typing import Any

from engine.context import Locale
from engine.fields.base import Label
from engine.fields.registry import FIELD_TYPES
from metadata.model import FieldDef
from ui.widgets.base import ABSENT, Asked, Cell, Form, Inside, Lookup, Widget, last
from ui.widgets.escaping import escaped

FACES = 6
"""Number of colours of initials."""


class LinkWidget(Widget):
    """A text input with found records below it, and the chosen id beside it.

    Three names: ``author`` the id, ``author.shown`` the label that belongs to it, and
    ``author.text`` what one types. Text that differs from the label is a new search.
    """

    template = "link"
    filter = "record"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        labels = _label_place(field, label_index)
        start = f'<a class="h-opener" href="/o/{escaped(FIELD_TYPES[field.type].target(field))}/'

        def show(row: Sequence[Any]) -> str:
            label = row[labels]
            return f'{start}{row[index]}">{escaped(label)}</a>' if label else ""

        return show

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        if asked.form is not None:
            value, shown, typed = (
                str(last(asked.form, part)) for part in (name, f"{name}.shown", f"{name}.text")
            )
        elif isinstance(asked.stored, Label):
            value, shown = str(asked.stored.id), asked.stored.text
            typed = shown
        else:
            value = shown = typed = ""
        return Inside(
            value=value,
            shown=shown,
            typed=typed,
            source=f"/lookup/{asked.object}/{field.key}",
            dependent="where" in field.props,
        )

    def read(self, form: Form, name: str) -> Any:
        typed = last(form, f"{name}.text", None)
        if typed is None:
            return last(form, name, ABSENT)
        typed = typed.strip()
        if not typed:
            return ""
        chosen = last(form, name)
        if chosen and typed == last(form, f"{name}.shown").strip():
            return chosen
        return Lookup(typed)


class DepartmentWidget(LinkWidget):
    """A department: its name."""

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        labels = _label_place(field, label_index)

        def show(row: Sequence[Any]) -> str:
            label = row[labels]
            return escaped(label) if label else ""

        return show


class UserWidget(LinkWidget):
    """A person: the first letter of the name in a coloured circle, and the name."""

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        labels = _label_place(field, label_index)

        def show(row: Sequence[Any]) -> str:
            label = row[labels]
            if not label:
                return ""
            face = f'<span class="h-ava h-ava-{row[index] % FACES}" aria-hidden="true">'
            return f'<span class="h-user">{face}{escaped(label[0])}</span>{escaped(label)}</span>'

        return show


def _label_place(field: FieldDef, label_index: int | None) -> int:
    if label_index is None:
        raise ValueError(f"the row carries no label for {field.key}")
    return label_index
