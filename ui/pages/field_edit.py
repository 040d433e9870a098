"""A field of a record edited where it stands: on the record's page, or in a cell of a list.

Both are one way: ask for the editor, leave it, save; only what is drawn before and after differs.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup, escape

from engine.access.roles import rights_of
from engine.context import Context
from engine.errors import (
    FieldError,
    Forbidden,
    InvalidInput,
    SaveConflict,
    UnknownField,
    VersionMissing,
)
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.encode import covered
from metadata.model import ColumnDef
from ui.errors import field_message
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.form_read import read_fields
from ui.pages.form_view import api_text
from ui.pages.forms_read import Form, form_of
from ui.pages.frame import go, redirect, show
from ui.pages.layout import settable
from ui.pages.list_state import number
from ui.pages.opened import Opened, check_id, open_record
from ui.pages.record_view import record_view
from ui.pages.rows import column_css
from ui.pages.values import (
    decides,
    is_closed,
    is_wide,
    moving_values,
    value_editor,
    value_view,
)
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Form as Filled
from ui.widgets.base import last

INVALID, CONFLICT = 422, 409
CELL, FIELD = "cell", "field"


class Draw(Protocol):
    """Answers with a field as it stands now."""

    def __call__(self, request: PageRequest, opened: Opened, field_key: str) -> Response[Any]:
        """Draw the field of a record."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field is edited: the template of its editor, how it is shown left and saved."""

    key: str
    editor: str
    left: Draw
    saved: Draw


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell as the template needs it."""

    key: str
    css: str
    html: Markup


class FieldController(Controller):
    """Fields in their place. One controller serves every object."""

    path = "/o/{object_key:str}/{record_id:int}"
    opt = {"right": BY_OBJECT}

    @get(
        "/field/{field_key:str}",
        name="record.field",
        sync_to_thread=True,
    )
    def show_field(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        field_key: FromPath[str],
    ) -> Response[Any]:
        """Show a field as an editor in its place, or with ``?show=1`` as it was."""
        place = place_of(request)
        with site.read(context) as unit:
            opened = open_record(unit, object_key, record_id)
            require_settable(opened, field_key)
            if not request.wants_partial:
                return redirect(f"{opened.url}/edit#field-{field_key}")
            if request.query_params.get("show"):
                return place.left(request, opened, field_key)
            editor = value_editor(opened, field_key, cell=place.key == CELL)
            return show(request, unit, place.editor, title="", editor=editor)

    @post(
        "/field/{field_key:str}",
        name="record.field_save",
        sync_to_thread=True,
        status_code=200,
    )
    def submit_field(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        field_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Save one field; what is wrong, or changed meanwhile, is told at the editor."""
        sent, place = form_of(data), place_of(request)
        try:
            save_field(site, context, (object_key, record_id, field_key), sent)
        except (InvalidInput, SaveConflict) as error:
            with site.read(context) as unit:
                opened = open_record(unit, object_key, record_id)
                return _refused(request, opened, place, (field_key, sent), error)
        if not request.wants_partial:
            return go(request, f"/o/{object_key}/{record_id}", "saved")
        with site.read(context) as unit:
            return place.saved(request, open_record(unit, object_key, record_id), field_key)


def place_of(request: PageRequest) -> Place:
    """Tell by its address where a field is edited: ``?in=cell`` for a cell of a list."""
    return PLACES[CELL if request.query_params.get("in") == CELL else FIELD]


def save_field(
    site: LiveSite, context: Context, place: tuple[str, int, str], sent: Filled
) -> None:
    """Change one field of a record; ``place`` is object, record and field.

    Raises:
        InvalidInput: the value, or what the record would be with it.
        SaveConflict: somebody else changed this field since it was shown.
    """
    object_key, record_id, field_key = place
    version = number(last(sent, "version"))
    check_id(object_key, record_id)
    if version is None:
        raise VersionMissing(object=object_key, id=record_id)
    with site.write(context, brief=True) as unit:
        opened = open_record(unit, object_key, record_id)
        require_settable(opened, field_key)
        read = read_fields(unit, opened.bound, sent, (field_key,))
        read.save(lambda: change(unit, object_key, record_id, read.values, version=version))


def require_settable(opened: Opened, field_key: str) -> None:
    """Refuse a field that the person may not change here.

    Raises:
        UnknownField: there is none, or he may not read it.
        Forbidden: he may not change it, or not this record.
    """
    if field_key not in opened.bound.fields or field_key not in opened.shown:
        raise UnknownField(object=opened.key, field=field_key)
    if field_key not in settable(opened.unit, opened.key, new=False):
        raise Forbidden(object=opened.key, action="update")
    if opened.bound.fields[field_key].type.lines:  # the form alone has room for the table
        raise Forbidden(object=opened.key, action="update")
    if not opened.may("update") or is_closed(opened, field_key):
        raise Forbidden(object=opened.key, action="update")


def problem_of(
    opened: Opened, field_key: str, error: InvalidInput | SaveConflict
) -> tuple[FieldError | None, str]:
    """Tell what is wrong with the field itself, and what with the record beyond it."""
    language = opened.unit.context.locale.language
    if isinstance(error, SaveConflict):
        one = opened.bound.fields[field_key]
        theirs = api_text(one, error.theirs.get(field_key), opened.unit.context.locale)
        shown = theirs or translate(language, "conflict.nothing")
        return None, translate(language, "conflict.field_changed", theirs=shown)
    own = next((one for one in error.errors if one.field == field_key), None)
    others = [
        _named_message(opened, one, language) for one in error.errors if one.field != field_key
    ]
    return own, " ".join(others)


def _named_message(opened: Opened, error: FieldError, language: str) -> str:
    one = opened.bound.fields.get(error.field)
    message = field_message(error, language)
    if one is None:
        return message
    label = value_view(opened, one.key).label if one.key in opened.shown else ""
    return f"{label}: {message}" if label else message


def _refused(
    request: PageRequest,
    opened: Opened,
    place: Place,
    given: tuple[str, Filled],
    error: InvalidInput | SaveConflict,
) -> Response[Any]:
    field_key, sent = given
    own, problem = problem_of(opened, field_key, error)
    editor = value_editor(
        opened, field_key, cell=place.key == CELL, typed=sent, error=own, problem=problem
    )
    return show(
        request,
        opened.unit,
        place.editor if request.wants_partial else "frame.html",
        title=opened.name,
        active=opened.list_url,
        status=CONFLICT if isinstance(error, SaveConflict) else INVALID,
        editor=editor,
        fragment=PLACES[FIELD].editor,
    )


def _left(request: PageRequest, opened: Opened, field_key: str) -> Response[Any]:
    """Show a value of the record's page as it stands."""
    view = value_view(opened, field_key, wide=is_wide(opened, field_key))
    return show(request, opened.unit, "records/_value.html", title="", value=view)


def _cell(request: PageRequest, opened: Opened, field_key: str) -> Response[Any]:
    """Show a cell of the list as it stands."""
    definition = opened.unit.snapshot.site.list_of(opened.key)
    column = definition.columns.get(field_key) or ColumnDef(path=field_key)
    css = column_css(column, opened.found.slots[field_key], first=False, pinned=False)
    masked = bool(rights_of(opened.unit).field_mask(opened.key, field_key))
    html = (
        escape(covered(opened.text(field_key), opened.bound.fields[field_key]))
        if masked
        else opened.html(field_key)
    )
    cell = CellView(field_key, css, html)
    return show(request, opened.unit, "records/_cell.html", title="", cell=cell)


def _saved(request: PageRequest, opened: Opened, field_key: str) -> Response[Any]:
    """Show what was saved, and what the save changed elsewhere on the page."""
    view = record_view(opened, _form_tab(opened, field_key))
    whole = decides(opened.unit, opened.form, field_key)
    answer = show(
        request,
        opened.unit,
        "records/_saved.html",
        title="",
        record=view,
        value=None if whole else value_view(opened, field_key, wide=is_wide(opened, field_key)),
        moved=() if whole else tuple(moving_values(opened, field_key)),
    )
    if whole:
        answer.headers |= {"hx-retarget": "#tabs", "hx-reswap": "innerHTML"}
    return answer


def _form_tab(opened: Opened, field_key: str) -> str:
    """Give the tab on which a field stands: others may be open, but this one was edited."""
    forms = opened.unit.snapshot.site.forms
    for key, tab in opened.detail.tabs.items():
        form = forms.get(tab.form) if tab.type == "form" else None
        sections = [one for t in form.tabs.values() for one in t.sections.values()] if form else []
        if any(field_key in section.items for section in sections):
            return key
    return ""


PLACES = {
    FIELD: Place(FIELD, "records/_value_form.html", _left, _saved),
    CELL: Place(CELL, "records/_cell_form.html", _cell, _cell),
}

ROUTES = [FieldController]
