"""The page of a record: its tabs, and its fields edited in their place."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

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
from engine.records.restore import restore
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
from ui.pages.values import (
    decides,
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


class RecordController(Controller):
    """Records. One controller serves every object."""

    path = "/o/{object_key:str}/{record_id:int}"
    opt = {"right": BY_OBJECT}

    @get(name="record", sync_to_thread=True)
    def show_record(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
    ) -> Response[str]:
        """Show a record with one tab open (``?tab=``), or that tab alone."""
        tab = str(request.query_params.get("tab", ""))
        before = number(request.query_params.get("before"))
        with site.read(context) as unit:
            opened = open_record(unit, object_key, record_id, binned_too=True)
            view = record_view(opened, tab, before)
            template = "records/_tabs.html" if request.wants_partial else "records/record.html"
            return show(
                request, unit, template, title=view.name, active=view.list_url, record=view
            )

    @get("/field/{field_key:str}", name="record.field", sync_to_thread=True)
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
        with site.read(context) as unit:
            opened = open_record(unit, object_key, record_id)
            require_settable(opened, field_key)
            if not request.wants_partial:
                return redirect(f"{opened.url}/edit#field-{field_key}")
            if request.query_params.get("show"):
                view = value_view(opened, field_key, wide=is_wide(opened, field_key))
                return show(request, unit, "records/_value.html", title="", value=view)
            editor = value_editor(opened, field_key)
            return show(request, unit, "records/_value_form.html", title="", editor=editor)

    @post("/field/{field_key:str}", name="record.field_save", sync_to_thread=True, status_code=200)
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
        sent = form_of(data)
        try:
            save_field(site, context, (object_key, record_id, field_key), sent)
        except (InvalidInput, SaveConflict) as error:
            with site.read(context) as unit:
                opened = open_record(unit, object_key, record_id)
                return _refused(request, opened, field_key, sent, error)
        if not request.wants_partial:
            return go(request, f"/o/{object_key}/{record_id}", "saved")
        with site.read(context) as unit:
            return _saved(request, open_record(unit, object_key, record_id), field_key)

    @post("/restore", name="record.restore", sync_to_thread=True, status_code=303)
    def submit_restore(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
    ) -> Response[Any]:
        """Bring a record back from the bin."""
        check_id(object_key, record_id)
        with site.write(context) as unit:
            restore(unit, object_key, record_id)
        return go(request, f"/o/{object_key}/{record_id}", "restored")


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
    with site.write(context) as unit:
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
    if not opened.may("update"):
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
    field_key: str,
    sent: Filled,
    error: InvalidInput | SaveConflict,
) -> Response[Any]:
    status = CONFLICT if isinstance(error, SaveConflict) else INVALID
    own, problem = problem_of(opened, field_key, error)
    editor = value_editor(opened, field_key, typed=sent, error=own, problem=problem)
    context: Mapping[str, Any] = {"editor": editor, "fragment": "records/_value_form.html"}
    template = "records/_value_form.html" if request.wants_partial else "frame.html"
    return show(
        request,
        opened.unit,
        template,
        title=opened.name,
        active=opened.list_url,
        status=status,
        **context,
    )


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


ROUTES = [RecordController]
