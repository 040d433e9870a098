"""Declared actions of a record: offered on its page, asked for in a dialog, done at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import FieldError, Forbidden, InvalidInput, SaveConflict
from engine.records.act import (
    ActionNotPossible,
    act,
    declared_action,
    declared_actions,
    is_guarded,
)
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.action_form import (
    ICON,
    ActionForm,
    Target,
    action_items,
    live_of,
    live_states,
    loose_errors,
)
from ui.pages.forms_read import Form, form_of
from ui.pages.frame import go, show_dialog
from ui.pages.list_state import number
from ui.pages.opened import Opened, check_id, open_record
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Form as Filled
from ui.widgets.base import last

INVALID, CONFLICT = 422, 409


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionView:
    """An action offered on a record's page; ``asks``: a dialog comes first."""

    label: str
    icon: str
    url: str
    asks: bool


def offered_actions(opened: Opened) -> Iterator[ActionView]:
    """Give the declared actions that fit the record and that the person may do with it."""
    if opened.binned:
        return
    language, values = opened.unit.context.locale.language, opened.values
    for key, action in declared_actions(opened.unit, opened.key).items():
        definition = action.definition
        if is_guarded(opened.unit, opened.key, action, values):
            continue
        if opened.may(key) and action.holds(opened.unit, values):
            by_platform = definition.platform
            yield ActionView(
                label=say(definition.label, language),
                icon=definition.icon or ICON,
                url=f"/people/{opened.id}/{key}" if by_platform else f"{opened.url}/do/{key}",
                asks=by_platform or bool(definition.form or definition.confirm),
            )


class ActingController(Controller):
    """Actions. One controller serves every object."""

    path = "/o/{object_key:str}/{record_id:int}/do/{action_key:str}"
    opt = {"right": BY_OBJECT}

    @get(name="record.ask_action", sync_to_thread=True)
    def ask(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        action_key: FromPath[str],
    ) -> Response[Any]:
        """Ask what the action needs to know, and whether it is meant."""
        with site.read(context) as unit:
            target = _target(unit, (object_key, record_id, action_key))
            return _ask(request, target)

    @post(name="record.do_action", sync_to_thread=True, status_code=303)
    def submit(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        action_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Do it, or ask again with everything that is wrong."""
        sent, place = form_of(data), (object_key, record_id, action_key)
        check_id(object_key, record_id)
        try:
            with site.write(context, brief=True) as unit:
                read = _target(unit, place).read(sent)
                version = number(last(sent, "version"))
                read.save(lambda: act(unit, *place, read.values, version=version))
        except (InvalidInput, ActionNotPossible, SaveConflict) as error:
            with site.read(context) as unit:
                return _ask(request, _target(unit, place, sent, _told(error)), refused=error)
        with site.read(context) as unit:
            onward = _following(unit, place)
        began = onward == f"/o/{object_key}/{record_id}" and _began(request, object_key)
        return go(request, began or onward, "acted")

    @post("/live", sync_to_thread=True, status_code=200)
    def tell_live(
        self,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        action_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Tell what the rules make of the form while somebody types."""
        with site.read(context) as unit:
            target = _target(unit, (object_key, record_id, action_key), form_of(data))
            body = {"fields": live_states(target), "sections": {}, "errors": {}}
            told = {**body, "clear": [], "fill": {}}
            return Response(told, headers={"cache-control": "no-store"})


def _following(unit: Unit, place: tuple[str, int, str]) -> str:
    """Give the page to go on to: the action that comes next, else the record."""
    object_key, record_id, action_key = place
    following = declared_action(unit, object_key, action_key).definition.then
    if not following:
        return f"/o/{object_key}/{record_id}"
    opened = open_record(unit, object_key, record_id)
    url = f"{opened.url}/do/{following}"
    if unit.snapshot.object(object_key).definition.actions[following].platform:
        url = f"/people/{record_id}/{following}"
    fits = {one.url for one in offered_actions(opened)}
    return url if url in fits else opened.url


def _target(
    unit: Unit,
    place: tuple[str, int, str],
    sent: Filled | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Target:
    """Open the record for an action that the person may do with it.

    Raises:
        UnknownObject, UnknownAction: there is none.
        RecordNotFound: no such record, or out of reach.
        Forbidden: it is not granted, or not for this record.
    """
    object_key, record_id, action_key = place
    rights_of(unit).require(object_key, "read")
    action = declared_action(unit, object_key, action_key)
    opened = open_record(unit, object_key, record_id)
    if not opened.may(action_key):
        raise Forbidden(object=object_key, action=action_key)
    return Target(
        unit=unit, bound=opened.bound, action=action, opened=opened, sent=sent, errors=errors
    )


def _began(request: PageRequest, object_key: str) -> str:
    """Give the address of the list that the action was begun on, with what lies over it."""
    shown = urlsplit(request.headers.get("hx-current-url", ""))
    if shown.path != f"/o/{object_key}":
        return ""
    return f"{shown.path}?{shown.query}" if shown.query else shown.path


def _told(error: InvalidInput | ActionNotPossible | SaveConflict) -> tuple[FieldError, ...]:
    if isinstance(error, InvalidInput):
        return error.errors
    code = "saved_meanwhile" if isinstance(error, SaveConflict) else "action_not_possible"
    return (FieldError("", code),)


def _ask(
    request: PageRequest, target: Target, *, refused: Exception | None = None
) -> Response[Any]:
    unit, opened = target.unit, target.opened
    if opened is None:
        raise ValueError("many records are asked about by the list")
    language, label = unit.context.locale.language, target.label()
    text = target.question()
    if not text and not target.keys:
        text = translate(language, "action.text", action=label, name=opened.name)
    url = f"{opened.url}/do/{target.definition.key}"
    view = ActionForm(
        url=url,
        back=opened.url,
        title=f"{label} · {opened.name}",
        text=text,
        button=label,
        fields=(("version", str(opened.version)),),
        items=action_items(target),
        errors=loose_errors(target),
        live=live_of(target),
        live_url=f"{url}/live",
    )
    status = 200
    if refused is not None:
        status = INVALID if isinstance(refused, InvalidInput) else CONFLICT
    return show_dialog(
        request,
        unit,
        "records/_action.html",
        title=view.title,
        active=opened.list_url,
        status=status,
        action=view,
    )


ROUTES = [ActingController]
