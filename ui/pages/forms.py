"""Creating and changing records by form; what was typed is never lost."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.context import Context
from engine.errors import FieldError, Forbidden, InvalidInput, SaveConflict, VersionMissing
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.create import create
from engine.records.ownership import OWNER
from engine.records.reach import reaches
from engine.records.writing import Writing
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.auth import safe_target
from ui.pages.conflicts import ConflictView, conflict_view
from ui.pages.filling import COPY, STAY, Filling, copy_of
from ui.pages.follow_form import let_follow
from ui.pages.form_read import first_values, given_up, read_sent, untouched
from ui.pages.form_view import FormView, error_views, form_tabs
from ui.pages.forms_read import Form, form_of
from ui.pages.frame import go, show
from ui.pages.line_marks import edited
from ui.pages.list_state import number
from ui.pages.live import live_names
from ui.pages.opened import Opened, check_id, open_record
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Form as Filled
from ui.widgets.base import last

BACK, NEXT, AGAIN = "_back", "_next", "_again"
"""Where a form leads back to, what follows a save, and how the next new form begins."""
INVALID, CONFLICT = 422, 409


class FormController(Controller):
    """Forms. One controller serves every object."""

    path = "/o/{object_key:str}"
    opt = {"right": BY_OBJECT}

    @get("/new", name="records.new", sync_to_thread=True)
    def show_new(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[str]:
        """Show an empty form; its address may say what it begins with, or what it copies."""
        asked = form_of(request.query_params)
        with site.read(context) as unit:
            rights_of(unit).require(object_key, "create")
            source = number(last(asked, COPY))
            copied = open_record(unit, object_key, source) if source is not None else None
            stored = first_values(unit, object_key, asked) | (copy_of(copied) if copied else {})
            filling = Filling(stored=stored, copied=copied)
            view = _new_view(unit, object_key, filling, asked)
            return _show(request, unit, view)

    @post(name="records.create", sync_to_thread=True, status_code=303)
    def submit_new(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Create a record, or show the form again with everything that is wrong."""
        sent = form_of(data)
        again = edited(sent) or let_follow(sent)
        if again is not None:
            with site.read(context) as unit:
                rights_of(unit).require(object_key, "create")
                filling = Filling(stored=first_values(unit, object_key, {}), sent=again)
                return _show(request, unit, _new_view(unit, object_key, filling, again))
        try:
            with site.write(context, brief=True) as unit:
                rights_of(unit).require(object_key, "create")
                first = first_values(unit, object_key, {})
                layout = unit.snapshot.site.form_of(object_key)
                read = read_sent(unit, layout, sent, first, new=True)
                writing = Writing(keeps="write" if last(sent, STAY) else None)
                written = read.save(lambda: create(unit, object_key, read.values, writing=writing))
                lost = OWNER in read.values and not reaches(unit, object_key, written.id)
        except InvalidInput as error:
            with site.read(context) as unit:
                first = first_values(unit, object_key, {})
                filling = Filling(stored=first, sent=sent, errors=error.errors)
                view = _new_view(unit, object_key, filling, sent)
                return _show(request, unit, view, status=INVALID)
        if last(sent, NEXT) == "new":
            return go(request, _again(object_key, sent), "created")
        if lost:
            return go(request, _back(sent) or f"/o/{object_key}", "created_for_other")
        return go(request, _back(sent) or f"/o/{object_key}/{written.id}", "created")

    @get("/{record_id:int}/edit", name="record.edit", sync_to_thread=True)
    def show_edit(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
    ) -> Response[str]:
        """Show the form of a record."""
        with site.read(context) as unit:
            opened = _editable(unit, object_key, record_id)
            filling = Filling(stored=_stored(opened), opened=opened)
            view = _edit_view(opened, filling, form_of(request.query_params), opened.version)
            return _show(request, unit, view)

    @post("/{record_id:int}", name="record.save", sync_to_thread=True, status_code=303)
    def submit_edit(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        data: Form,
    ) -> Response[Any]:
        """Change a record; what somebody else saved meanwhile is set beside what was typed."""
        sent = form_of(data)
        version = number(last(sent, "version"))
        again = edited(sent) or let_follow(sent)
        if again is not None:
            with site.read(context) as unit:
                opened = _editable(unit, object_key, record_id)
                filling = Filling(stored=_stored(opened), opened=opened, sent=again)
                return _show(request, unit, _edit_view(opened, filling, again, version))
        try:
            _save(site, context, object_key, record_id, sent, version)
        except InvalidInput as error:
            with site.read(context) as unit:
                opened = _editable(unit, object_key, record_id)
                filling = _refilled(opened, sent, version, error.errors)
                view = _edit_view(opened, filling, sent, version)
                return _show(request, unit, view, status=INVALID)
        except SaveConflict as error:
            with site.read(context) as unit:
                opened = _editable(unit, object_key, record_id)
                errors = () if error.mine else (FieldError("", "saved_meanwhile"),)
                filling = _refilled(opened, sent, version, errors)
                view = _edit_view(opened, filling, sent, error.version)
                conflict = conflict_view(opened, error, version) if error.mine else None
                return _show(request, unit, view, status=CONFLICT, conflict=conflict)
        return go(request, _back(sent) or f"/o/{object_key}/{record_id}", "saved")


def _save(
    site: LiveSite,
    context: Context,
    object_key: str,
    record_id: int,
    sent: Filled,
    version: int | None,
) -> None:
    check_id(object_key, record_id)
    if version is None:
        raise VersionMissing(object=object_key, id=record_id)
    with site.write(context, brief=True) as unit:
        opened = _editable(unit, object_key, record_id)
        read = read_sent(unit, opened.form, sent, opened.values, new=False)
        kept = read.without(given_up(sent))
        if opened.version != version:
            kept = kept.without(untouched(opened, version, kept))
        kept.save(lambda: change(unit, object_key, record_id, kept.values, version=version))


def _editable(unit: Unit, object_key: str, record_id: int) -> Opened:
    """Open a record that the person may change.

    Raises:
        RecordNotFound: no such record, or out of reach.
        Forbidden: he may read it, but not change it.
    """
    opened = open_record(unit, object_key, record_id)
    if not opened.may("update"):
        raise Forbidden(object=object_key, action="update")
    return opened


def _stored(opened: Opened) -> dict[str, Any]:
    return {key: opened.found.value(key) for key in opened.shown if "." not in key}


def _refilled(
    opened: Opened, sent: Filled, version: int | None, errors: tuple[FieldError, ...]
) -> Filling:
    """Fill a form with what was typed, but for what the person left to others."""
    fresh = given_up(sent)
    if version is not None and version != opened.version:
        read = read_sent(opened.unit, opened.form, sent, opened.values, new=False)
        fresh |= untouched(opened, version, read)
    return Filling(stored=_stored(opened), opened=opened, sent=sent, fresh=fresh, errors=errors)


def _new_view(unit: Unit, object_key: str, filling: Filling, asked: Filled) -> FormView:
    language = unit.context.locale.language
    layout = unit.snapshot.site.form_of(object_key)
    definition = unit.snapshot.object(object_key).definition
    again = _again(object_key, asked)
    if filling.sent is None:
        kept = [(name, value) for name, values in asked.items() for value in values]
        again = f"/o/{object_key}/new?{urlencode(kept)}" if kept else again
    return FormView(
        url=f"/o/{object_key}",
        live_url=f"/o/{object_key}/live",
        live=live_names(unit, layout),
        list_url=f"/o/{object_key}",
        plural=say(definition.plural, language),
        title=translate(language, "form.new", object=say(definition.label, language)),
        tabs=form_tabs(unit, layout, filling),
        cancel_url=_back(asked) or f"/o/{object_key}",
        is_new=True,
        back=_back(asked),
        again=again,
        typed=filling.sent is not None,
        errors=error_views(unit, layout, filling),
    )


def _edit_view(
    opened: Opened,
    filling: Filling,
    asked: Filled,
    version: int | None,
) -> FormView:
    language = opened.unit.context.locale.language
    return FormView(
        url=opened.url,
        live_url=f"{opened.url}/live",
        live=live_names(opened.unit, opened.form),
        list_url=opened.list_url,
        plural=opened.plural,
        title=translate(language, "form.edit", name=opened.name),
        tabs=form_tabs(opened.unit, opened.form, filling),
        cancel_url=_back(asked) or opened.url,
        version=version,
        back=_back(asked),
        typed=filling.sent is not None,
        errors=error_views(opened.unit, opened.form, filling),
    )


def _back(form: Filled) -> str:
    """Give the address to lead back to; "" for none, or one that is not ours."""
    target = safe_target(str(last(form, BACK)))
    return "" if target == "/" else target


def _again(object_key: str, form: Filled) -> str:
    plain = f"/o/{object_key}/new"
    target = safe_target(str(last(form, AGAIN)))
    return target if target.startswith(f"{plain}?") else plain


def _show(
    request: PageRequest,
    unit: Unit,
    view: FormView,
    *,
    status: int = 200,
    conflict: ConflictView | None = None,
) -> Response[str]:
    return show(
        request,
        unit,
        "records/form.html",
        title=view.title,
        active=view.list_url,
        status=status,
        form=view,
        conflict=conflict,
    )


ROUTES = [FormController]
