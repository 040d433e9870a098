"""Links to records of several objects: first which object, then which record."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from engine.context import Locale
from engine.fields.base import Label
from metadata.model import FieldDef
from ui.widgets.base import Asked, Cell, Choice, FilterKind, Form, Inside, Lookup, Lookups, last
from ui.widgets.escaping import escaped
from ui.widgets.link import LinkWidget
from ui.widgets.links import LinksWidget


class AnyLinkWidget(LinksWidget):
    """As a link, with a list of objects before it; as several links where there may be some.

    One name more than they have: ``target.object``, the object that is searched in.
    """

    template = "any_link"
    filter: ClassVar[FilterKind] = "record"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        if field.props.get("many"):
            return super().cell(field, locale, index=index, label_index=label_index)
        if label_index is None:
            raise ValueError(f"the row carries no label for {field.key}")

        def show(row: Sequence[Any]) -> str:
            label = row[label_index]
            if not label:
                return ""
            return f'<a class="h-opener" href="{_place(label)}">{escaped(label.text)}</a>'

        return show

    def whole(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        draw = super().whole if field.props.get("many") else self.cell
        return draw(field, locale, index=index, label_index=label_index)

    def chip(self, field: FieldDef) -> Callable[[Label], str]:
        return lambda label: f'<a class="h-pill" href="{_place(label)}">{escaped(label.text)}</a>'

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        many = bool(field.props.get("many"))
        draw = super().inside if many else LinkWidget().inside
        found = draw(field, locale, name, asked)
        kind = str(last(asked.form or {}, f"{name}.object"))
        if not many and isinstance(asked.stored, Label) and asked.form is None:
            kind = asked.stored.object
            found = replace(found, value=f"{kind}/{asked.stored.id}")
        known = dict(asked.kinds)
        if kind and kind not in known:
            known[kind] = kind
        kinds = tuple(Choice(key, label, key == kind) for key, label in known.items())
        return replace(found, kinds=kinds, type="many" if many else "one")

    def read(self, form: Form, name: str) -> Any:
        kind = str(last(form, f"{name}.object"))
        many = len(form.get(name, ())) != 1 or f"{name}.shown" not in form
        raw = super().read(form, name) if many else LinkWidget().read(form, name)
        if isinstance(raw, Lookup | Lookups):
            return replace(raw, object=kind)
        return raw


def _place(label: Label) -> str:
    return f"/o/{escaped(label.object)}/{label.id}"
