"""A form as its template needs it: controls in sections, what is wrong, what others saved."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import FieldError, InvalidValue, SaveConflict
from engine.fields.base import Label
from engine.records.read import visible_fields
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.conditions import Node, dump_condition
from metadata.model import SectionDef, say
from ui.errors import field_message
from ui.i18n import translate
from ui.pages.record_read import Seen, may_set
from ui.pages.sentences import names_of
from ui.widgets.base import Asked, Control
from ui.widgets.base import Form as Filled
from ui.widgets.registry import widget_of

WIDE = 100
"""The ``width`` of an item that takes a whole row, in percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field of a form. The conditions are JSON, or ""."""

    key: str
    control: Control
    wide: bool
    visible_if: str = ""
    required_if: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSection:
    """Fields that stand together."""

    label: str
    columns: int
    items: tuple[FieldView, ...]
    visible_if: str = ""


@dataclass(frozen=True, slots=True)
class FormTab:
    """Sections under one heading."""

    label: str
    sections: tuple[FormSection, ...]


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One fault in the summary; ``field`` is "" for the record as a whole."""

    field: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A field that two people changed."""

    field: str
    label: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """What the template of a form needs."""

    url: str
    title: str
    plural: str
    list_url: str
    cancel_url: str
    is_new: bool
    typed: bool
    tabs: tuple[FormTab, ...]
    version: int = 0
    back: str = ""
    errors: tuple[ErrorLine, ...] = ()
    conflict: tuple[ConflictRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What a form is drawn from.

    Attributes:
        seen: the record that is changed; None for a new one.
        form: what was typed; wins over what is stored.
        given: values that a new record begins with, raw.
        errors: what is wrong with what was typed.
    """

    seen: Seen | None = None
    form: Filled | None = None
    given: Mapping[str, str] | None = None
    errors: Sequence[FieldError] = ()

    def error(self, key: str, language: str) -> str:
        """Say what is wrong with a field; "" when nothing is."""
        found = next((one for one in self.errors if one.field == key), None)
        return field_message(found, language) if found else ""


def keys_on(unit: Unit, bound: BoundObject) -> tuple[str, ...]:
    """Give the fields that the object's form lets the actor set."""
    form = unit.snapshot.site.form_of(bound.key)
    visible = visible_fields(unit, bound.key)
    return tuple(
        key
        for tab in form.tabs.values()
        for section in tab.sections.values()
        for key in section.items
        if key in visible and may_set(unit, bound, bound.fields[key])
    )


def form_tabs(unit: Unit, bound: BoundObject, filling: Filling) -> tuple[FormTab, ...]:
    """Give the tabs of a form with the fields that the actor may set."""
    language = unit.context.locale.language
    form, keys = unit.snapshot.site.form_of(bound.key), frozenset(keys_on(unit, bound))
    found = []
    for tab in form.tabs.values():
        sections = tuple(
            _section(unit, bound, section, keys, filling)
            for section in tab.sections.values()
            if keys.intersection(section.items)
        )
        if sections:
            found.append(FormTab(say(tab.label, language) if tab.label else "", sections))
    return tuple(found)


def error_lines(unit: Unit, bound: BoundObject, filling: Filling) -> tuple[ErrorLine, ...]:
    """Give the summary of what is wrong; a field that is not on the form has no link."""
    language, keys = unit.context.locale.language, keys_on(unit, bound)
    return tuple(_lines(bound, filling.errors, keys, language))


def conflict_rows(
    unit: Unit, bound: BoundObject, conflict: SaveConflict
) -> tuple[ConflictRow, ...]:
    """Give both versions of each field that two people changed."""
    language = unit.context.locale.language
    return tuple(
        ConflictRow(
            field=key,
            label=say(bound.fields[key].definition.label, language),
            theirs=_told(unit, bound.fields[key], conflict.theirs.get(key)),
            mine=_told(unit, bound.fields[key], conflict.mine.get(key)),
        )
        for key in conflict.theirs
        if key in visible_fields(unit, bound.key)
    )


def _section(
    unit: Unit,
    bound: BoundObject,
    section: SectionDef,
    keys: frozenset[str],
    filling: Filling,
) -> FormSection:
    language = unit.context.locale.language
    return FormSection(
        label=say(section.label, language) if section.label else "",
        columns=section.columns,
        visible_if=_json(section.visible_if),
        items=tuple(
            _field(unit, bound, key, filling, wide=layout.get("width") == WIDE)
            for key, layout in section.items.items()
            if key in keys
        ),
    )


def _field(unit: Unit, bound: BoundObject, key: str, filling: Filling, *, wide: bool) -> FieldView:
    field = bound.fields[key]
    locale, definition = unit.context.locale, field.definition
    asked = Asked(
        stored=_stored(unit, field, filling),
        form=filling.form,
        error=filling.error(field.key, locale.language),
        object=bound.key,
    )
    return FieldView(
        key=field.key,
        control=widget_of(definition).control(definition, locale, asked),
        wide=wide or definition.type == "long_text",
        visible_if=_json(definition.visible_if),
        required_if=_json(definition.required_if),
    )


def _stored(unit: Unit, field: BoundField, filling: Filling) -> Any:
    if filling.seen is not None:
        return filling.seen.found.value(field.key)
    raw = (filling.given or {}).get(field.key, field.definition.default)
    if raw in (None, ""):
        return None
    try:
        stored = field.type.parse(raw, field.definition)
    except InvalidValue:
        return None
    target = field.type.target(field.definition)
    if not target or stored is None:
        return stored
    name = names_of(unit, target, [stored]).get(stored)
    return Label(stored, name) if name else None


def _lines(
    bound: BoundObject, errors: Sequence[FieldError], keys: tuple[str, ...], language: str
) -> Iterator[ErrorLine]:
    for error in errors:
        field = bound.fields.get(error.field)
        label = say(field.definition.label, language) if field else ""
        shown = error.field if error.field in keys else ""
        text = field_message(error, language)
        yield ErrorLine(shown, label, text if shown or not label else f"{label}: {text}")


def _told(unit: Unit, field: BoundField, value: Any) -> str:
    """Show a value that is in API form."""
    locale = unit.context.locale
    if value in (None, "", []):
        return translate(locale.language, "history.emptied")
    if isinstance(value, Mapping):
        return str(value.get("label", ""))
    try:
        stored = field.type.parse(value, field.definition)
    except InvalidValue:
        return str(value)
    return field.type.text(stored, field.definition, locale)


def _json(node: Node | None) -> str:
    return json.dumps(dump_condition(node), ensure_ascii=False) if node is not None else ""
