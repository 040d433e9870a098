"""Putting a record elsewhere on its kanban or calendar: one field changes, guarded as any save.

Dragging and the menu of a card are the same request. What is refused is told, and the list is
drawn as it stands, so that the card is where it was.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from engine.access.roles import rights_of
from engine.context import Context
from engine.errors import InvalidInput, InvalidValue, SaveConflict, UnknownField, VersionMissing
from engine.fields import moments
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.rules import state_of
from engine.records.shape import shape_of
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.errors import field_message
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.board import Column, read_card, read_heads_of_board, read_more
from ui.pages.field_edit import problem_of, require_settable
from ui.pages.forms_read import Form
from ui.pages.frame import go, redirect, show, show_dialog
from ui.pages.list_page import show_list_page
from ui.pages.list_read import attempt, open_list
from ui.pages.list_state import CALENDAR, KANBAN, ListState, number, read_state
from ui.pages.opened import Opened, check_id, open_record
from ui.pages.view_choice import view_fields
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.select import tag

INVALID, CONFLICT = 422, 409
CLOSED: dict[str, Any] = {"close-dialog": {}}
"""The menu of a card has done its work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What was asked for: the record as it was seen, and where it is to go."""

    state: ListState
    view: str
    by: str
    id: int
    version: int | None
    to: str
    start: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """An option that a card may go to."""

    key: str
    html: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveMenu:
    """What the menu of a card needs."""

    url: str
    back: str
    title: str
    fields: tuple[tuple[str, str], ...]
    places: tuple[Place, ...]


class MoveController(Controller):
    """Moving records. One controller serves every object."""

    path = "/o/{object_key:str}"
    opt = {"right": BY_OBJECT}

    @get("/board", name="records.board", sync_to_thread=True)
    def show_more(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Show the next cards of a column; asked for as a page, that is the board."""
        state, asked = read_state(object_key, request.query_params), request.query_params
        if not request.wants_partial:
            return redirect(state.url(view=KANBAN))
        with site.read(context) as unit:
            by = _by(unit, state, KANBAN)
            value = str(asked.get("column", "")) or None
            page = number(asked.get("at")) or 1
            opening = open_list(unit, state)
            column: Column = attempt(opening, lambda one: read_more(unit, one, by, value, page))
            return show(
                request, unit, "records/_more_cards.html", title="", column=column, by=by,
                object_key=object_key, ask=state.url(by=by).partition("?")[2],
            )  # fmt: skip

    @get("/move", name="records.move_menu", sync_to_thread=True)
    def show_menu(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Show where a card may go."""
        state, asked = read_state(object_key, request.query_params), request.query_params
        with site.read(context) as unit:
            by = _by(unit, state, KANBAN)
            record_id = number(asked.get("id")) or 0
            check_id(object_key, record_id)
            opened = open_record(unit, object_key, record_id)
            require_settable(opened, by)
            menu = _menu(opened, state, by)
            return show_dialog(
                request, unit, "records/_move_menu.html", title=menu.title, active=state.path,
                moving=menu,
            )  # fmt: skip

    @post("/move", name="records.move", sync_to_thread=True, status_code=200)
    def submit_move(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Change the field that places a record."""
        state = read_state(object_key, data)
        with site.read(context) as unit:
            rights_of(unit).require(object_key, "update")
            view = CALENDAR if state.view == CALENDAR else KANBAN
            move = Move(
                state=state,
                view=view,
                by=_by(unit, state, view),
                id=number(data.get("id")) or 0,
                version=number(data.get("version")),
                to=str(data.get("to", "")),
                start=str(data.get("from", "")),
            )
        try:
            _save(site, context, move)
        except (InvalidInput, SaveConflict) as error:
            return _refused(request, site, context, move, error)
        if not request.wants_partial:
            return go(request, state.url(), "saved")
        with site.read(context) as unit:
            if view == CALENDAR:
                return show_list_page(request, unit, state)
            return _moved(request, unit, move)


def _save(site: LiveSite, context: Context, move: Move) -> None:
    """Change the field, from the version that was seen.

    Raises:
        InvalidInput: the value, or what the record would be with it.
        SaveConflict: somebody else changed the field since it was seen.
        Forbidden: this field of this record may not be changed.
    """
    object_key = move.state.object
    check_id(object_key, move.id)
    if move.version is None:
        raise VersionMissing(object=object_key, id=move.id)
    with site.write(context) as unit:
        opened = open_record(unit, object_key, move.id)
        require_settable(opened, move.by)
        values = {move.by: _value(opened, move)}
        change(unit, object_key, move.id, values, version=move.version)


def _value(opened: Opened, move: Move) -> Any:
    """Give the raw value that puts a record where it is to go; the time of day stays."""
    if move.view != CALENDAR:
        return move.to or None
    try:
        to = date.fromisoformat(move.to)
    except ValueError:
        return move.to
    stored = opened.found.value(move.by)
    if isinstance(stored, datetime):
        zone = opened.unit.context.locale.zone
        local = stored.astimezone(zone)
        return datetime.combine(to, local.time(), zone).isoformat()
    if isinstance(stored, tuple):
        step = to - (_read_day(move.start) or stored[0])
        first, last = stored
        return {"from": (first + step).isoformat(), "to": (last + step).isoformat()}
    return to.isoformat()


def _read_day(text: str) -> date | None:
    try:
        return moments.read_date(text)
    except InvalidValue:
        return None


def _refused(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    move: Move,
    error: InvalidInput | SaveConflict,
) -> Response[Any]:
    """Say why, and draw the list as it stands."""
    status = CONFLICT if isinstance(error, SaveConflict) else INVALID
    with site.read(context) as unit:
        opened = open_record(unit, move.state.object, move.id)
        told = _reason(opened, move.by, error)
        answer = show_list_page(request, unit, move.state, status=status, problem=told)
        if request.wants_partial:
            answer.headers |= {
                "hx-retarget": "#records",
                "hx-reswap": "outerHTML",
                "hx-trigger": json.dumps(CLOSED | {"toast": {"text": told, "tone": "bad"}}),
            }
        return answer


def _reason(opened: Opened, by: str, error: InvalidInput | SaveConflict) -> str:
    language = opened.unit.context.locale.language
    own, problem = problem_of(opened, by, error)
    if own is not None:
        label = say(opened.bound.fields[by].definition.label, language)
        problem = " ".join(filter(None, (f"{label}: {field_message(own, language)}", problem)))
    return translate(language, "move.refused", name=opened.name, reason=problem)


def _moved(request: PageRequest, unit: Unit, move: Move) -> Response[Any]:
    """Show the card where it is now, with the heads of all columns."""
    opening = open_list(unit, move.state)
    board = attempt(opening, lambda one: read_heads_of_board(unit, one, move.by))
    card = attempt(opening, lambda one: read_card(unit, one, move.by, move.id))
    answer = show(
        request, unit, "records/_moved.html", title="", board=board, card=card,
        object_key=move.state.object, by=move.by, ask=board.ask,
    )  # fmt: skip
    answer.headers |= {
        "hx-retarget": f"#card-{move.id}",
        "hx-reswap": "outerHTML",
        "hx-trigger": json.dumps(CLOSED),
    }
    return answer


def _menu(opened: Opened, state: ListState, by: str) -> MoveMenu:
    unit, field = opened.unit, opened.bound.fields[by]
    language = unit.context.locale.language
    closed = state_of(unit, shape_of(unit, opened.key), by, opened.values).closed
    now = opened.found.value(by)
    places = [
        Place(key, Markup(tag(option, unit.context.locale)))  # noqa: S704 - escapes its label
        for key, option in field.definition.options.items()
        if not option.retired and key not in closed and key != now
    ]
    given = dict(state.fields()) | {"by": by, "view": KANBAN}
    return MoveMenu(
        url=f"{state.path}/move",
        back=state.url(),
        title=translate(language, "move.title", name=opened.name),
        fields=(*given.items(), ("id", str(opened.id)), ("version", str(opened.version))),
        places=tuple(places),
    )


def _by(unit: Unit, state: ListState, view: str) -> str:
    """Give the field that a view is drawn by.

    Raises:
        Forbidden: lists of the object are not granted.
        UnknownField: the list has no such view, or not by this field.
    """
    rights_of(unit).require(state.object, "read_list")
    known = view_fields(unit, unit.snapshot.site.list_of(state.object)).of(view)
    by = state.by or next(iter(known), "")
    if by not in known:
        raise UnknownField(object=state.object, field=by)
    return by


ROUTES = [MoveController]
