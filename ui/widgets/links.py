"""Links to several records: chips, and a search that adds one more."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from engine.context import Locale
from engine.fields.base import Label, unlabelled
from engine.fields.registry import FIELD_TYPES
from metadata.model import FieldDef
from ui.widgets.base import (
    ABSENT,
    Asked,
    Cell,
    Choice,
    FilterKind,
    Form,
    Inside,
    Lookups,
    Widget,
    last,
)
from ui.widgets.escaping import escaped
from ui.widgets.link import FACES

SHOWN = 4
"""Chips in a cell; the others are counted."""


class LinksWidget(Widget):
    """A box for each chosen record, ticked, and a text input with found records below it.

    Names: ``books`` the ids, with an empty one first that tells "none" from "not on the form";
    ``books.shown`` id and label of each; ``books.text`` what one types: names, with commas.
    """

    template = "links"
    filter: ClassVar[FilterKind] = "records"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        return self._cell(field, label_index, SHOWN)

    def whole(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        return self._cell(field, label_index, None)

    def _cell(self, field: FieldDef, label_index: int | None, most: int | None) -> Cell:
        if label_index is None:
            raise ValueError(f"the row carries no labels for {field.key}")
        draw = self.chip(field)

        def show(row: Sequence[Any]) -> str:
            labels = row[label_index]
            if not labels:
                return ""
            chips = [draw(label) for label in labels[:most]]
            more = len(labels) - len(chips)
            if more:
                chips.append(f'<span class="h-pill-more">+{more}</span>')
            return f'<span class="h-chips">{"".join(chips)}</span>'

        return show

    def chip(self, field: FieldDef) -> Callable[[Label], str]:
        """Compose the function that draws one record."""
        start = f'<a class="h-pill" href="/o/{escaped(FIELD_TYPES[field.type].target(field))}/'
        return lambda label: f'{start}{label.id}">{escaped(label.text)}</a>'

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        typed = ""
        if asked.form is not None:
            typed = str(last(asked.form, f"{name}.text"))
            choices = _chosen(asked.form, name)
        else:
            labels = [one for one in asked.stored or () if isinstance(one, Label)]
            places = unlabelled(tuple(labels))
            choices = tuple(
                Choice(str(place), one.text, chosen=True)
                for place, one in zip(places, labels, strict=True)
            )
        return Inside(
            choices=choices,
            typed=typed,
            source=f"/lookup/{asked.object}/{field.key}",
            dependent="where" in field.props,
        )

    def read(self, form: Form, name: str) -> Any:
        values = form.get(name)
        typed = str(last(form, f"{name}.text")).strip()
        if values is None and not typed:
            return ABSENT
        chosen = [value for value in values or () if value]
        return Lookups(tuple(chosen), typed) if typed else chosen


def _chosen(form: Form, name: str) -> tuple[Choice, ...]:
    """Give what was chosen, with the labels that the form carried along."""
    labels = dict(one.partition(" ")[::2] for one in form.get(f"{name}.shown", ()))
    ids = dict.fromkeys(value for value in form.get(name, ()) if value)
    return tuple(Choice(one, labels.get(one) or f"#{one}", chosen=True) for one in ids)


class UsersWidget(LinksWidget):
    """People: the first letter of each name in a coloured circle, and the name."""

    def chip(self, field: FieldDef) -> Callable[[Label], str]:
        def draw(label: Label) -> str:
            face = f'<span class="h-ava h-ava-{label.id % FACES}" aria-hidden="true">'
            initial = f"{face}{escaped(label.text[:1])}</span>"
            return f'<span class="h-pill">{initial}{escaped(label.text)}</span>'

        return draw
