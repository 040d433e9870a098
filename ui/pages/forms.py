"""Creating and changing records by a form; what was typed is never lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import FieldError, Forbidden, InvalidInput, SaveConflict
from engine.records.change import change
from engine.records.create import create
from engine.storage.snapshot import BoundObject, Unit
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.auth import safe_target
from ui.pages.form_view import (
    Filling,
    FormView,
    conflict_rows,
    error_lines,
    form_tabs,
    keys_on,
)
from ui.pages.forms_read import Form, form_of, raw_values
from ui.pages.frame import go, show
from ui.pages.list_state import number
from ui.pages.record_read import Seen, read_record
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Form as Filled

INVALID = 422
CONFLICT = 409
CHOSEN = "choose."
THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class _Faults(Exception):
    """What is wrong with a form."""

    errors: tuple[FieldError, ...]


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
    ) -> Response[Any]:
        """Show the form of a new record; the address may give values to begin with."""
        given = {name: str(value) for name, value in request.query_params.items()}
        with site.read(context) as unit:
            rights_of(unit).require(object_key, "create")
            return _form(request, unit, object_key, Filling(given=given), given.get("back", ""))

    @post("/new", name="records.create", sync_to_thread=True, status_code=303)
    def submit_new(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Create the record, or show the form again with what was typed."""
        form, back = form_of(data), safe_target(str(data.get("back", "")))
        try:
            with site.write(context) as unit:
                rights_of(unit).require(object_key, "create")
                values = _values(unit, unit.snapshot.object(object_key), form)
                made = create(unit, object_key, values)
        except (InvalidInput, _Faults) as refused:
            filling = Filling(form=form, errors=refused.errors)
            with site.read(context) as unit:
                return _form(request, unit, object_key, filling, back, status=INVALID)
        if data.get("then") == "new":
            again = f"?{urlencode({'back': back})}" if back != "/" else ""
            return go(request, f"/o/{object_key}/new{again}", "created")
        here = f"/o/{object_key}/{made.id}"
        return go(request, here if back == "/" else back, "created")

    @get("/{record_id:int}/edit", name="records.edit", sync_to_thread=True)
    def show_edit(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
    ) -> Response[Any]:
        """Show the form of a record."""
        back = str(request.query_params.get("back", ""))
        with site.read(context) as unit:
            seen = _changeable(unit, object_key, record_id)
            return _form(request, unit, object_key, Filling(seen=seen), back)

    @post("/{record_id:int}/edit", name="records.change", sync_to_thread=True, status_code=303)
    def submit_edit(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        data: Form,
    ) -> Response[Any]:
        """Change the record; where somebody else was faster, show both versions."""
        form, back = form_of(data), safe_target(str(data.get("back", "")))
        errors: tuple[FieldError, ...] = ()
        conflict: SaveConflict | None = None
        try:
            with site.write(context) as unit:
                _changeable(unit, object_key, record_id)
                values = _values(unit, unit.snapshot.object(object_key), form)
                version = number(data.get("version"))
                change(unit, object_key, record_id, values, version=version)
        except (InvalidInput, _Faults) as refused:
            errors = tuple(refused.errors)
        except SaveConflict as found:
            conflict = found
        if not errors and conflict is None:
            here = f"/o/{object_key}/{record_id}"
            return go(request, here if back == "/" else back, "saved")
        with site.read(context) as unit:
            seen = _changeable(unit, object_key, record_id)
            filling = Filling(seen=seen, form=form, errors=errors)
            if conflict is not None:
                return _form(request, unit, object_key, filling, back, conflict=conflict)
            version = number(data.get("version")) or seen.found.version
            return _form(request, unit, object_key, filling, back, status=INVALID, version=version)


def _changeable(unit: Unit, object_key: str, record_id: int) -> Seen:
    rights_of(unit).require(object_key, "update")
    seen = read_record(unit, object_key, record_id)
    if not seen.may("update"):
        raise Forbidden(object=object_key, action="update")
    return seen


def _values(unit: Unit, bound: BoundObject, form: Filled) -> Mapping[str, Any]:
    """Give what the form sets; of a conflict, the other's value is left as it stands.

    Raises:
        _Faults: a record was named by text that names none.
    """
    keys = [key for key in keys_on(unit, bound) if form.get(CHOSEN + key, [""])[-1] != THEIRS]
    values, errors = raw_values(unit, bound, keys, form)
    if errors:
        raise _Faults(tuple(errors))
    return values


def _form(  # noqa: PLR0913 - what a form is made of
    request: PageRequest,
    unit: Unit,
    object_key: str,
    filling: Filling,
    back: str,
    *,
    status: int = 200,
    version: int = 0,
    conflict: SaveConflict | None = None,
) -> Response[Any]:
    bound, seen = unit.snapshot.object(object_key), filling.seen
    language = unit.context.locale.language
    list_url = f"/o/{object_key}"
    back = safe_target(back) if back else ""
    home = seen.path if seen else list_url
    singular = say(bound.definition.label, language)
    title = (
        translate(language, "form.edit_title", name=seen.name)
        if seen
        else translate(language, "list.create", object=singular)
    )
    view = FormView(
        url=f"{home}/edit" if seen else f"{home}/new",
        title=title,
        plural=say(bound.definition.plural, language),
        list_url=list_url,
        cancel_url=back if back not in {"", "/"} else home,
        is_new=seen is None,
        typed=filling.form is not None,
        tabs=form_tabs(unit, bound, filling),
        version=version or (seen.found.version if seen else 0),
        back=back if back != "/" else "",
        errors=error_lines(unit, bound, filling),
    )
    if conflict is not None:
        rows = conflict_rows(unit, bound, conflict)
        view = replace(view, conflict=rows, version=conflict.version)
        status = CONFLICT
    return show(
        request, unit, "records/form.html", title=title, active=list_url, status=status, form=view
    )


ROUTES = [FormController]
