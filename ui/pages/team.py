"""The team of a record on its page: who is in it, adding, changing, removing, leaving."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.errors import FieldError, InvalidInput
from engine.query.members import ABILITY, Member
from engine.query.names import names_of
from engine.records.ownership import OWNER
from engine.records.team import MANAGE, put_member, remove_member, team_of
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.action_form import ActionForm
from ui.pages.forms_read import Form, form_of
from ui.pages.frame import go, show_dialog
from ui.pages.history_view import when
from ui.pages.member_form import (
    ALSO,
    asked_fields,
    chosen_lists,
    first_values,
    loose_errors,
    member_items,
    place_of,
)
from ui.pages.opened import Opened, check_id, open_record
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Form as Filled

INVALID = 422


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member: what he may, until when, and where that is changed."""

    name: str
    initial: str
    level: str
    until: str
    change_url: str
    remove_url: str
    leaves: bool


@dataclass(frozen=True, slots=True)
class TeamView:
    """The card of a team; ``add_url`` is "" where the person may not change it."""

    owner: str
    members: tuple[MemberView, ...]
    add_url: str


def team_view(opened: Opened) -> TeamView | None:
    """Give the card of a record's team; None where its page shows none."""
    side = opened.detail.side.values()
    wanted = not side or any(panel.get("type") == ABILITY for panel in side)
    if opened.binned or not wanted or not opened.bound.definition.has(ABILITY):
        return None
    unit = opened.unit
    members = team_of(unit, opened.key, opened.id)
    names = names_of(unit, {("user", one.user) for one in members})
    may = opened.may(MANAGE)
    return TeamView(
        opened.text(OWNER) if OWNER in opened.shown else "",
        tuple(_member(opened, one, names.get(("user", one.user), ""), may=may) for one in members),
        f"{opened.url}/team/add" if may else "",
    )


def _member(opened: Opened, member: Member, name: str, *, may: bool) -> MemberView:
    context = opened.unit.context
    language, url = context.locale.language, f"{opened.url}/team"
    mine = member.user == context.actor.user_id
    until = ""
    if member.expires_at is not None:
        until = translate(language, "team.until", when=when(member.expires_at, context))
    return MemberView(
        name=name or f"#{member.user}",
        initial=name[:1],
        level=translate(language, f"team.level.{member.level}"),
        until=until,
        change_url=f"{url}/add?user={member.user}" if may else "",
        remove_url=f"{url}/{member.user}/remove" if may or mine else "",
        leaves=mine,
    )


class TeamController(Controller):
    """Teams. One controller serves every object."""

    path = "/o/{object_key:str}/{record_id:int}/team"
    opt = {"right": BY_OBJECT}

    @get("/add", name="record.add_member", sync_to_thread=True)
    def ask_member(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
    ) -> Response[Any]:
        """Ask who joins, or how somebody's place changes (``?user=``)."""
        asked = str(request.query_params.get("user", ""))
        with site.read(context) as unit:
            opened = open_record(unit, object_key, record_id)
            held = [one for one in team_of(unit, object_key, record_id) if str(one.user) == asked]
            return _ask(request, opened, held[0] if held else None)

    @post("/add", name="record.put_member", sync_to_thread=True, status_code=303)
    def submit_member(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        data: Form,
    ) -> Response[Any]:
        """Add him, or ask again with everything that is wrong."""
        sent = form_of(data)
        check_id(object_key, record_id)
        try:
            with site.write(context) as unit:
                put_member(unit, object_key, record_id, place_of(unit, object_key, sent))
        except InvalidInput as error:
            with site.read(context) as unit:
                opened = open_record(unit, object_key, record_id)
                return _ask(request, opened, None, sent, error.errors)
        return go(request, f"/o/{object_key}/{record_id}", "team")

    @get("/{user_id:int}/remove", name="record.ask_remove_member", sync_to_thread=True)
    def ask_removal(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        user_id: FromPath[int],
    ) -> Response[Any]:
        """Ask whether it is meant, and where else."""
        with site.read(context) as unit:
            opened = open_record(unit, object_key, record_id)
            return _ask_removal(request, opened, user_id)

    @post("/{user_id:int}/remove", name="record.remove_member", sync_to_thread=True,
          status_code=303)  # fmt: skip
    def submit_removal(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        user_id: FromPath[int],
        data: Form,
    ) -> Response[Any]:
        """Take him out; who left may no longer see the record."""
        check_id(object_key, record_id)
        also = chosen_lists(form_of(data))
        leaving = user_id == context.actor.user_id
        with site.write(context) as unit:
            remove_member(unit, object_key, record_id, user_id, also)
        if leaving:
            return go(request, f"/o/{object_key}", "left")
        return go(request, f"/o/{object_key}/{record_id}", "team")


def _ask(
    request: PageRequest,
    opened: Opened,
    member: Member | None,
    sent: Filled | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Response[Any]:
    unit = opened.unit
    language = unit.context.locale.language
    title = translate(language, "team.change" if member else "team.add")
    fields = asked_fields(unit, opened.key)
    view = ActionForm(
        url=f"{opened.url}/team/add",
        back=opened.url,
        title=f"{title} · {opened.name}",
        text="",
        button=translate(language, "team.save"),
        fields=(),
        items=member_items(unit, opened.key, fields, first_values(unit, member), (sent, errors)),
        errors=loose_errors(fields, errors, language),
    )
    return show_dialog(
        request,
        unit,
        "records/_action.html",
        title=view.title,
        active=opened.list_url,
        status=INVALID if errors else 200,
        action=view,
    )


def _ask_removal(request: PageRequest, opened: Opened, user: int) -> Response[Any]:
    unit = opened.unit
    language = unit.context.locale.language
    leaving = user == unit.context.actor.user_id
    word = "leave" if leaving else "remove"
    who = names_of(unit, {("user", user)}).get(("user", user), f"#{user}")
    button = translate(language, f"team.{word}")
    also = [one for one in asked_fields(unit, opened.key) if one.key == ALSO]
    view = ActionForm(
        url=f"{opened.url}/team/{user}/remove",
        back=opened.url,
        title=f"{button} · {opened.name}",
        text=translate(language, f"team.{word}_text", who=who, name=opened.name),
        button=button,
        fields=(),
        items=member_items(unit, opened.key, also, {}),
    )
    return show_dialog(
        request,
        unit,
        "records/_action.html",
        title=view.title,
        active=opened.list_url,
        action=view,
    )


ROUTES = [TeamController]
