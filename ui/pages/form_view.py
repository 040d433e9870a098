"""A form as its template needs it: controls in sections, what is wrong, what others saved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup, escape

from engine.context import Locale
from engine.derived.following import followers
from engine.errors import FieldError, InvalidValue
from engine.query.members import ABILITY
from engine.records.line_sums import of_lines
from engine.records.ownership import OWNER
from engine.records.rules import PLAIN, FieldState, state_of
from engine.records.shape import shape_of
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.model import FormDef, say
from ui.errors import field_message
from ui.i18n import translate
from ui.pages.filling import STAY, Filling
from ui.pages.follow_form import FollowView, follow_view
from ui.pages.layout import (
    WIDE_TYPES,
    Part,
    every_part,
    parts_of,
    settable,
)
from ui.pages.lines import line_control, numbered
from ui.pages.lookups import kinds_of
from ui.pages.opened import LONG, plain
from ui.pages.reckon import computed_texts, reckon
from ui.pages.values import with_ground
from ui.widgets.base import ABSENT, Asked, Control, last
from ui.widgets.registry import widget_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field: a control, or only its value where the person may not set it.

    ``stays``: beside the owner, whether whoever makes the record for him stays in its team; None:
    that is not asked.
    """

    key: str
    label: str
    control: Control | None = None
    html: Markup = field(default_factory=Markup)
    wide: bool = False
    long: bool = False
    state: FieldState = PLAIN
    follow: FollowView | None = None
    stays: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """Fields under a title."""

    id: str
    label: str
    columns: int
    items: tuple[FieldView, ...]
    hidden: bool


@dataclass(frozen=True, slots=True)
class FormTabView:
    """Sections under the title of a tab; ``anchor`` is the id that leads to them."""

    label: str
    anchor: str
    sections: tuple[SectionView, ...]


@dataclass(frozen=True, slots=True)
class ErrorView:
    """Something that is wrong; ``field`` is "" where no control stands for it."""

    field: str
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """What the template of a form needs."""

    url: str
    live_url: str
    live: str
    list_url: str
    plural: str
    title: str
    tabs: tuple[FormTabView, ...]
    cancel_url: str
    is_new: bool = False
    version: int | None = None
    back: str = ""
    again: str = ""
    typed: bool = False
    errors: tuple[ErrorView, ...] = ()


def form_tabs(unit: Unit, layout: FormDef, filling: Filling) -> tuple[FormTabView, ...]:
    """Give the tabs of a form with what they are filled with; empty ones are left out."""
    language = unit.context.locale.language
    bound = unit.snapshot.object(layout.object)
    values = _values(unit, bound, filling)
    found = []
    for at, (key, content) in enumerate(layout.tabs.items()):
        parts = parts_of(unit, layout, key)
        sections = tuple(
            section for part in parts if (section := _section(unit, bound, part, values, filling))
        )
        if sections:
            label = say(content.label, language) if content.label else ""
            found.append(FormTabView(label, f"form-tab-{at}", sections))
    return tuple(found)


def error_views(unit: Unit, layout: FormDef, filling: Filling) -> tuple[ErrorView, ...]:
    """Say everything that is wrong, in the order of the form, with the label of its field."""
    language = unit.context.locale.language
    bound = unit.snapshot.object(layout.object)
    keys = settable(unit, layout.object, new=filling.opened is None)
    shown = [key for part in every_part(unit, layout) for key in part.fields if key in keys]
    places = {key: at for at, key in enumerate(shown)}
    found = []
    for error in sorted(filling.errors, key=lambda one: places.get(_head(one), len(places))):
        table, words = numbered(unit, bound, error)
        if table:
            anchor = table if table in places else ""
            found.append(ErrorView(anchor, words, field_message(error, language)))
            continue
        one = bound.fields.get(error.field)
        label = say(one.definition.label, language) if one else ""
        anchor = error.field if error.field in places else ""
        found.append(ErrorView(anchor, label, field_message(error, language)))
    return tuple(found)


def _head(error: FieldError) -> str:
    """Give the field that an error stands in: of a line, that of the table."""
    return error.field.partition("/")[0]


def api_text(one: BoundField, value: Any, locale: Locale) -> str:
    """Show a value in API form as plain text."""
    if value is None:
        return ""
    if one.type.labelled:
        found = value if isinstance(value, list) else [value]
        between = translate(locale.language, "filter.comma")
        return between.join(str(each["label"]) for each in found)
    try:
        stored = one.type.parse(value, one.definition)
        return one.type.text(stored, one.definition, locale)
    except InvalidValue:
        return str(value)


def _values(unit: Unit, bound: BoundObject, filling: Filling) -> dict[str, Any]:
    """Give the record's values as the form shows them, for its conditions."""
    stored = {**(filling.opened.values if filling.opened else {})}
    stored |= {key: plain(value) for key, value in filling.stored.items()}
    if filling.sent is None and (filling.opened or filling.copied):
        return stored
    record_id = filling.opened.id if filling.opened else None
    return reckon(unit, bound, filling.sent or {}, stored, record_id, filling.fresh).values


def _section(
    unit: Unit, bound: BoundObject, part: Part, values: Mapping[str, Any], filling: Filling
) -> SectionView | None:
    items = tuple(_fields(unit, bound, part, values, filling))
    if not any(item.control or _could_be_set(bound, item.key) for item in items):
        return None
    return SectionView(
        label=part.label(unit.context.locale.language),
        columns=part.section.columns,
        items=items,
        id=section_id(part),
        hidden=not part.is_shown(unit, bound, values),
    )


def _could_be_set(bound: BoundObject, key: str) -> bool:
    """Tell whether somebody may set a field by hand: a form needs no section of facts alone."""
    definition = bound.fields[key].definition
    return not definition.readonly and not definition.system


def _fields(
    unit: Unit, bound: BoundObject, part: Part, values: Mapping[str, Any], filling: Filling
) -> Iterator[FieldView]:
    keys = settable(unit, bound.key, new=filling.opened is None)
    texts = _reckoned(unit, bound, values, filling)
    for key in part.fields:
        view = field_view(unit, bound, key, filling, values)
        wide = part.is_wide(key) or view.wide
        if key in keys:
            yield replace(view, wide=wide, stays=_stays(bound, key, filling))
        elif key in texts:
            yield replace(view, wide=wide, control=None, html=escape(texts[key]))
        elif filling.opened is not None:
            yield replace(view, wide=wide, control=None, html=filling.opened.html(key))


def _stays(bound: BoundObject, key: str, filling: Filling) -> bool | None:
    if key != OWNER or filling.opened is not None or not bound.definition.has(ABILITY):
        return None
    return filling.sent is not None and bool(last(filling.sent, STAY))


def _reckoned(
    unit: Unit, bound: BoundObject, values: Mapping[str, Any], filling: Filling
) -> Mapping[str, str]:
    """Give the computed fields that what was typed decides; of a new record those of its lines."""
    if filling.opened is not None:
        return computed_texts(unit, bound, values) if filling.sent is not None else {}
    lines = of_lines(unit.snapshot, bound)
    found = computed_texts(unit, bound, values) if lines else {}
    return {key: text for key, text in found.items() if key in lines}


def field_view(
    unit: Unit, bound: BoundObject, key: str, filling: Filling, values: Mapping[str, Any]
) -> FieldView:
    """Draw a field with its control, as the rules want it on a record of these values."""
    definition = bound.fields[key].definition
    return FieldView(
        key=key,
        label=say(definition.label, unit.context.locale.language),
        control=form_control(unit, bound, key, filling, values),
        wide=definition.type in WIDE_TYPES,
        long=definition.type == LONG,
        state=state_of(unit, shape_of(unit, bound.key), key, values),
        follow=follow_view(
            unit, bound, key, values, filling.opened.values if filling.opened else None
        ),
    )


def section_id(part: Part) -> str:
    """Give the id of a section on the page of its form."""
    return "section-" + "-".join(part.place[1:])


def form_control(
    unit: Unit, bound: BoundObject, key: str, filling: Filling, values: Mapping[str, Any]
) -> Control:
    """Draw the control of a field on a record of these values."""
    definition, locale = bound.fields[key].definition, unit.context.locale
    widget, sent = widget_of(definition), filling.sent
    if sent is not None and (key in filling.fresh or widget.read(sent, key) is ABSENT):
        sent = None
    stored = filling.stored.get(key)
    if any(one.key == key and not one.is_own(values) for one in followers(unit.snapshot, bound)):
        sent, stored = None, values.get(key)
    error = filling.error(key)
    asked = Asked(
        stored=stored,
        form=sent,
        error=field_message(error, locale.language) if error else "",
        readonly=False,
        object=bound.key,
        kinds=kinds_of(unit, bound.fields[key]),
    )
    control = widget.control(definition, locale, asked)
    if bound.fields[key].type.lines:
        return line_control(unit, bound, control, filling, sent, values)
    return control if filling.opened is None else with_ground(filling.opened, key, control)
