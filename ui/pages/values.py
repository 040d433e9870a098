"""Values on record pages, and editing one of them where it stands: on a page or in a list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from engine.context import Context
from engine.errors import FieldError, InvalidInput, RecordNotFound, SaveConflict
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.evaluate import fields_of
from engine.storage.snapshot import BoundField
from metadata.model import FieldDef, FormDef, say
from ui.errors import field_message
from ui.given import GivenContext, GivenSite
from ui.pages.forms_read import Form, InputRefused, form_of, raw_value
from ui.pages.frame import go, redirect, show
from ui.pages.list_state import number
from ui.pages.record_read import LONG, Seen, form_named, read_record
from ui.pages.rows import column_css, value_html
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Asked, Control
from ui.widgets.base import Form as Filled
from ui.widgets.registry import widget_of

INVALID = 422
CONFLICT = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueView:
    """One field of a record, shown."""

    key: str
    label: str
    html: Markup
    wide: bool = False
    long: bool = False
    edit_url: str = ""
    form_url: str = ""


@dataclass(frozen=True, slots=True)
class SectionView:
    """Fields that stand together."""

    label: str
    items: tuple[ValueView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueEditor:
    """One field of a record, being edited in place."""

    key: str
    label: str
    control: Control
    version: int
    url: str
    show_url: str
    back: str
    wide: bool = False
    error: str = ""


def sections_of(seen: Seen, form_key: str = "") -> tuple[SectionView, ...]:
    """Give the fields of a record as its form arranges them, without those that are hidden."""
    form = form_named(seen.unit, seen.bound.key, form_key)
    return tuple(section for section in _sections(seen, form) if section.items)


def value_of(seen: Seen, key: str, *, wide: bool = False) -> ValueView:
    """Show one field of a record."""
    field = seen.bound.fields[key]
    language = seen.unit.context.locale.language
    editable = seen.may_edit(field) and seen.may("update")
    return ValueView(
        key=key,
        label=say(field.definition.label, language),
        html=seen.html(key),
        wide=wide,
        long=field.definition.type in LONG,
        edit_url=f"{seen.path}/value/{key}" if editable else "",
        form_url=f"{seen.path}/edit#field-{key}" if editable else "",
    )


def facts_of(seen: Seen, paths: tuple[str, ...]) -> tuple[ValueView, ...]:
    """Show the facts of a record's header, as far as its reader may see them."""
    language = seen.unit.context.locale.language
    found = []
    for path in paths:
        slot = seen.found.slots.get(path)
        if slot is not None:
            label = say(slot.field.definition.label, language)
            found.append(ValueView(key=path, label=label, html=seen.html(path)))
    return tuple(found)


def badges_of(seen: Seen, paths: tuple[str, ...]) -> tuple[Markup, ...]:
    """Draw the badges of a record's header; empty ones and those that say "no" are left out."""
    locale, found = seen.unit.context.locale, []
    for path in paths:
        slot = seen.found.slots.get(path)
        if slot is None or not seen.found.value(path):
            continue
        if slot.field.definition.type == "boolean":
            label = say(slot.field.definition.label, locale.language)
            found.append(Markup('<span class="h-tag is-amber">{}</span>').format(label))
        else:
            found.append(value_html(slot, seen.found.row, locale))
    return tuple(found)


def _sections(seen: Seen, form: FormDef) -> Iterator[SectionView]:
    language = seen.unit.context.locale.language
    for tab in form.tabs.values():
        for section in tab.sections.values():
            if not seen.holds(section.visible_if):
                continue
            items = tuple(
                value_of(seen, key, wide=layout.get("width") == 100)  # noqa: PLR2004 - percent
                for key, layout in section.items.items()
                if key in seen.found.slots and seen.holds(_definition(seen, key).visible_if)
            )
            label = section.label or (tab.label if len(form.tabs) > 1 else None)
            yield SectionView(say(label, language) if label else "", items)


def _definition(seen: Seen, key: str) -> FieldDef:
    return seen.bound.fields[key].definition


@get(
    [
        "/o/{object_key:str}/{record_id:int}/value/{field_key:str}",
        "/o/{object_key:str}/{record_id:int}/cell/{field_key:str}",
    ],
    name="values.edit",
    sync_to_thread=True,
    right=BY_OBJECT,
)
def edit_value(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    field_key: FromPath[str],
) -> Response[Any]:
    """Draw the editor of one field, or with ``show`` its value again."""
    with site.read(context) as unit:
        seen = read_record(unit, object_key, record_id)
        if not request.wants_partial:
            return redirect(f"{seen.path}/edit#field-{field_key}")
        if request.query_params.get("show"):
            return _shown(request, seen, field_key)
        return _editor(request, seen, field_key)


@post(
    [
        "/o/{object_key:str}/{record_id:int}/value/{field_key:str}",
        "/o/{object_key:str}/{record_id:int}/cell/{field_key:str}",
    ],
    name="values.save",
    sync_to_thread=True,
    right=BY_OBJECT,
    status_code=200,
)
def save_value(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    field_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Save one field; what was typed stays where it was wrong."""
    form, error = form_of(data), None
    status = 200
    try:
        _save(site, context, (object_key, record_id, field_key), form)
    except InvalidInput as refused:
        error, status = refused.errors[0], INVALID
    except SaveConflict:
        error, status = FieldError(field_key, "changed_meanwhile"), CONFLICT
    with site.read(context) as unit:
        seen = read_record(unit, object_key, record_id)
        if error is not None:
            return _editor(request, seen, field_key, form=form, error=error, status=status)
        if not request.wants_partial:
            return go(request, seen.path, "saved")
        return _shown(request, seen, field_key, saved=True)


def _save(site: LiveSite, context: Context, place: tuple[str, int, str], form: Filled) -> None:
    object_key, record_id, key = place
    with site.write(context) as unit:
        field = _editable(read_record(unit, object_key, record_id), key)
        try:
            raw = raw_value(unit, field, form, key)
        except InputRefused as refused:
            raise InvalidInput([refused.error]) from refused
        version = number(form.get("version", [""])[-1])
        change(unit, object_key, record_id, {key: raw}, version=version)


def _editor(
    request: PageRequest,
    seen: Seen,
    key: str,
    *,
    form: Filled | None = None,
    error: FieldError | None = None,
    status: int = 200,
) -> Response[Any]:
    unit, field = seen.unit, _editable(seen, key)
    locale = unit.context.locale
    asked = Asked(stored=seen.found.value(key), form=form, object=seen.bound.key)
    control = widget_of(field.definition).control(field.definition, locale, asked)
    kind = _kind(request)
    url = f"{seen.path}/{kind}/{key}"
    editor = ValueEditor(
        key=key,
        label=say(field.definition.label, locale.language),
        control=control,
        version=seen.found.version,
        url=url,
        show_url=f"{url}?show=1",
        back=seen.path,
        wide=field.definition.type in LONG,
        error=field_message(error, locale.language) if error else "",
    )
    template = "records/_cell_form.html" if kind == "cell" else "records/_value_form.html"
    return show(request, unit, template, title=editor.label, status=status, editor=editor)


def _shown(request: PageRequest, seen: Seen, key: str, *, saved: bool = False) -> Response[Any]:
    if key not in seen.found.slots:
        raise RecordNotFound(object=seen.bound.key, id=seen.id)
    if _kind(request) == "cell":
        return show(request, seen.unit, "records/_cell.html", title="", cell=_cell(seen, key))
    headers = {"hx-refresh": "true"} if saved and _moves_more(seen, key) else {}
    detail = seen.unit.snapshot.site.detail_of(seen.bound.key)
    return show(
        request,
        seen.unit,
        "records/_value_saved.html" if saved else "records/_value.html",
        title="",
        headers=headers,
        value=value_of(seen, key, wide=seen.bound.fields[key].definition.type in LONG),
        record={"facts": facts_of(seen, detail.facts)},
    )


def _moves_more(seen: Seen, key: str) -> bool:
    """Tell whether more than the field and the facts changes with it: title, badges, others."""
    detail = seen.unit.snapshot.site.detail_of(seen.bound.key)
    if key == seen.bound.name.key or key in detail.badges:
        return True
    return any(
        key in fields_of(field.definition.visible_if) for field in seen.bound.fields.values()
    )


def _cell(seen: Seen, key: str) -> Mapping[str, Any]:
    definition = seen.unit.snapshot.site.list_of(seen.bound.key)
    column = definition.columns.get(key)
    slot = seen.found.slots[key]
    css = column_css(column, slot, first=False, pinned=False) if column else ""
    html = value_html(slot, seen.found.row, seen.unit.context.locale)
    return {"key": key, "css": css, "html": html}


def _editable(seen: Seen, key: str) -> BoundField:
    """Give a field that may be edited in place; another one is as if it were not there."""
    field = seen.bound.fields.get(key)
    if field is None or not seen.may_edit(field):
        raise RecordNotFound(object=seen.bound.key, id=seen.id)
    return field


def _kind(request: PageRequest) -> str:
    return "cell" if "/cell/" in request.url.path else "value"


ROUTES = [edit_value, save_value]
