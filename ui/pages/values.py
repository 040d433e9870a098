"""The fields of a record on its page: shown in their sections, each edited in its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from engine.errors import FieldError
from engine.query.paths import THIS
from engine.records.rules import state_of
from engine.records.shape import shape_of
from engine.storage.snapshot import Unit
from metadata.conditions import FieldValue, Test, parse_condition, tests
from metadata.model import FieldDef, FormDef, say
from ui.errors import field_message
from ui.pages.layout import (
    WIDE_TYPES,
    every_part,
    parts_of,
    settable,
)
from ui.pages.lookups import kinds_of
from ui.pages.opened import LONG, Opened, deciding, plain
from ui.widgets.base import Asked, Control, Form
from ui.widgets.registry import widget_of

MOVING = ("updated_at", "updated_by")
"""What changes with every save."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueView:
    """A field, shown. ``edit_url`` is "" where the person may not change it."""

    key: str
    label: str
    html: Markup
    wide: bool = False
    long: bool = False
    edit_url: str = ""
    form_url: str = ""
    moved: bool = False


@dataclass(frozen=True, slots=True)
class ValueSection:
    """Fields under a title."""

    label: str
    items: tuple[ValueView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueEditor:
    """A field, being edited in its place."""

    key: str
    label: str
    url: str
    back: str
    show_url: str
    version: int
    control: Control
    wide: bool = False
    error: str = ""


def value_sections(opened: Opened, form: FormDef) -> tuple[ValueSection, ...]:
    """Give the fields of a form that are shown for this record; empty tabs and sections fall."""
    found: list[ValueSection] = []
    language, values = opened.unit.context.locale.language, opened.values
    for tab, content in form.tabs.items():
        title = say(content.label, language) if content.label and len(form.tabs) > 1 else ""
        for part in parts_of(opened.unit, form, tab):
            if not part.is_shown(opened.unit, opened.bound, values):
                continue
            keys = [key for key in part.fields if shows(opened, key, values)]
            items = tuple(value_view(opened, key, wide=part.is_wide(key)) for key in keys)
            if items:
                found.append(ValueSection(part.label(language) or title, items))
                title = ""
    return tuple(found)


def shows(opened: Opened, key: str, values: Mapping[str, Any]) -> bool:
    """Tell whether a record shows a field."""
    return state_of(opened.unit, shape_of(opened.unit, opened.key), key, values).shown


def value_view(opened: Opened, key: str, *, wide: bool = False, moved: bool = False) -> ValueView:
    """Show a field."""
    definition = opened.bound.fields[key].definition
    may_edit = (
        not opened.binned
        and key in settable(opened.unit, opened.key, new=False)
        and opened.may("update")
        and not is_closed(opened, key)
        and not opened.bound.fields[key].type.lines
    )
    return ValueView(
        key=key,
        label=say(definition.label, opened.unit.context.locale.language),
        html=opened.html(key),
        wide=wide or definition.type in WIDE_TYPES,
        long=definition.type == LONG,
        edit_url=f"{opened.url}/field/{key}" if may_edit else "",
        form_url=f"{opened.url}/edit#field-{key}",
        moved=moved,
    )


def is_closed(opened: Opened, key: str) -> bool:
    """Tell whether the rules hide a field of this record, or keep it as it is."""
    state = state_of(opened.unit, shape_of(opened.unit, opened.key), key, opened.values)
    return state.fixed or not state.shown


def moving_values(opened: Opened, but: str) -> Iterator[ValueView]:
    """Give the values that every save changes, where the form has them."""
    places = {key: part for part in every_part(opened.unit, opened.form) for key in part.fields}
    computed = (key for key, field in opened.bound.fields.items() if field.definition.derived)
    for key in (*MOVING, *computed):
        if key in places and key != but:
            yield value_view(opened, key, wide=places[key].is_wide(key), moved=True)


def is_wide(opened: Opened, key: str) -> bool:
    """Tell whether the form gives a field the whole width."""
    parts = every_part(opened.unit, opened.form)
    return any(key in part.fields and part.is_wide(key) for part in parts)


def decides(unit: Unit, form: FormDef, key: str) -> bool:
    """Tell whether rules about other fields or sections read a field."""
    return key in deciding(unit, unit.snapshot.object(form.object))


def value_editor(
    opened: Opened,
    key: str,
    *,
    cell: bool = False,
    typed: Form | None = None,
    error: FieldError | None = None,
    problem: str = "",
) -> ValueEditor:
    """Draw the editor of a field, ``cell``: in a cell of a list.

    ``problem`` is what is wrong with the record beyond the field.
    """
    definition = _offered(opened, key)
    language = opened.unit.context.locale.language
    message = field_message(error, language) if error else ""
    asked = Asked(
        stored=opened.found.value(key),
        form=typed,
        error=message,
        readonly=False,
        object=opened.key,
        kinds=kinds_of(opened.unit, opened.bound.fields[key]),
    )
    control = widget_of(definition).control(definition, opened.unit.context.locale, asked)
    url = f"{opened.url}/field/{key}?in={'cell' if cell else 'field'}"
    return ValueEditor(
        key=key,
        label=control.label,
        url=url,
        back=opened.url,
        show_url=f"{url}&show=1",
        version=opened.version,
        control=with_ground(opened, key, control, everything=True),
        wide=is_wide(opened, key) or definition.type in WIDE_TYPES,
        error=problem,
    )


def _offered(opened: Opened, key: str) -> FieldDef:
    """Give a field's definition with the options that the record is offered now."""
    definition = opened.bound.fields[key].definition
    state = state_of(opened.unit, shape_of(opened.unit, opened.key), key, opened.values)
    if not state.closed:
        return definition
    options = {
        name: replace(option, retired=option.retired or name in state.closed)
        for name, option in definition.options.items()
    }
    return replace(definition, options=options)


def with_ground(
    opened: Opened, key: str, control: Control, *, everything: bool = False
) -> Control:
    """Let the look-up of a link know the record: its id, and what else its filter reads.

    ``everything``: no other field of the record stands on the form.
    """
    field = opened.bound.fields[key]
    where = field.definition.props.get("where")
    if not control.inside.source or not where:
        return control
    keys = {
        test.value.path.removeprefix(THIS).partition(".")[0]
        for test in tests(parse_condition(where))
        if isinstance(test, Test)
        and isinstance(test.value, FieldValue)
        and test.value.path.startswith(THIS)
    }
    known = opened.values
    ground = {one: known.get(one) for one in keys if one == "id" or everything}
    asked = "&".join(
        f"{one}={plain(value)}" for one, value in ground.items() if isinstance(value, int | str)
    )
    if not asked:
        return control
    inside = replace(control.inside, source=f"{control.inside.source}?{asked}")
    return replace(control, inside=inside)
