"""Who has a role: read as any list of people, changed by the action that sets roles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.context import Context
from engine.errors import InvalidInput
from engine.publish.live import LiveSite
from engine.query.listing import ListRequest, read_one, read_page
from engine.records.encode import covered
from engine.records.role_members import ROLES, SET_ROLES, change_roles
from engine.storage.snapshot import Unit
from metadata.conditions import parse_condition
from metadata.errors import PlatformError
from ui.designer.asked import form_data, one_of
from ui.errors import fault_of, field_message
from ui.given import GivenContext, GivenSite
from ui.pages.frame import go, show
from ui.request import PageRequest
from ui.roles.desk import Desk, open_desk
from ui.roles.pages import INVALID, RIGHT, Posted
from ui.roles.view import address, frame_of, name_of
from ui.shell import ROLES as HOME
from ui.widgets.base import Form

A_PAGE = 50
MOST_FOUND = 30
AT_ONCE = 200
DIGITS = 18
COLUMNS = ("name", "mobile", "department", "position", "state")


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the list: name and what tells namesakes apart."""

    id: int
    name: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Some people. ``more``: others follow."""

    rows: tuple[Member, ...] = ()
    more: bool = False


@get(HOME + "/{key:str}/members", name="roles.members", sync_to_thread=True, right=RIGHT)
def show_members(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    key: FromPath[str],
    q: FromQuery[str] = "",
    find: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """List the members of a role; ``find`` looks for people to add."""
    asked = {"q": q.strip(), "find": find.strip(), "page": str(max(1, min(page, 10_000)))}
    with site.read(context) as unit:
        return _show(request, open_desk(site, unit, key), asked, ())


@post(HOME + "/{key:str}/members", sync_to_thread=True, status_code=200, right=RIGHT)
def post_members(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Give the role to the chosen people, or take it from them."""
    form = form_data(data)
    adds = one_of(form, "do") == "add"
    with site.read(context) as unit:
        open_desk(site, unit, key)
    problems = set_members(site, context, key, _ids(form), adds=adds)
    if not problems:
        return go(request, address(key, "members"), "saved")
    with site.read(context) as unit:
        asked = {"q": "", "find": one_of(form, "find"), "page": "1"}
        return _show(request, open_desk(site, unit, key), asked, problems)


def set_members(
    live: LiveSite, context: Context, key: str, ids: Sequence[int], *, adds: bool
) -> list[str]:
    """Give a role to people or take it away; gives why not, per person whom it failed for."""

    def wanted(roles: Sequence[str]) -> list[str]:
        rest = [one for one in roles if one != key]
        return [*rest, key] if adds else rest

    problems: list[str] = []
    for start in range(0, len(ids), AT_ONCE):
        for person in ids[start : start + AT_ONCE]:
            try:
                with live.write(context) as unit:
                    change_roles(unit, person, wanted)
            except PlatformError as error:
                problems.append(_told(error, context, live, person))
    return problems


def move_members(live: LiveSite, context: Context, key: str, to: str) -> list[str]:
    """Give everybody who has a role another one instead; gives why not."""

    def wanted(roles: Sequence[str]) -> list[str]:
        return [*dict.fromkeys(to if one == key else one for one in roles)]

    while True:
        with live.read(context) as unit:
            ids = [one.id for one in people_of(unit, "in", key, limit=AT_ONCE).rows]
        if not ids:
            return []
        try:
            with live.write(context) as unit:
                for person in ids:
                    change_roles(unit, person, wanted)
        except PlatformError as error:
            return [_told(error, context, live, 0)]


def people_of(
    unit: Unit, operator: str, key: str, *, search: str = "", limit: int = A_PAGE, page: int = 1
) -> People:
    """Read people by a condition on their roles, as far as the actor may see them."""
    rights = rights_of(unit)
    if not rights.allows(USER, "read_list") or rights.field_level(USER, ROLES) == "hidden":
        return People()
    columns = tuple(one for one in COLUMNS if rights.field_level(USER, one) != "hidden")
    where = parse_condition({"field": ROLES, "op": operator, "value": [key]})
    found = read_page(
        unit,
        rights.predicate(USER, "read_list"),
        ListRequest(
            object=USER, columns=columns, where=where, sort=("name",), limit=limit, page=page,
            search=search,
        ),
    )  # fmt: skip
    rows = []
    for row in found.rows:
        texts = []
        for one in columns:
            slot = found.slots[one]
            kind, definition = slot.field.type, slot.field.definition
            text = kind.text(slot.value(row), definition, unit.context.locale)
            masked = text and rights.field_mask(USER, one)
            texts.append(covered(text, slot.field) if masked else text)
        named = dict(zip(columns, texts, strict=True))
        name = named.pop("name", "")
        number = row[found.id_index]
        rows.append(Member(number, name or f"#{number}", tuple(t for t in named.values() if t)))
    return People(tuple(rows), found.has_more)


def _told(error: PlatformError, context: Context, live: LiveSite, person: int) -> str:
    language = context.locale.language
    if isinstance(error, InvalidInput):
        text = " ".join(field_message(one, language) for one in error.errors)
    else:
        fault = fault_of(error, language)
        text = f"{fault.title} {fault.detail}".strip()
    with live.read(context) as unit:
        rights = rights_of(unit)
        if not person or not rights.allows(USER, "read"):
            return text
        seen = rights.field_level(USER, "name") != "hidden"
        one = read_one(unit, rights.predicate(USER), USER, person, ("name",)) if seen else None
    return f"{one.value('name')}: {text}" if one is not None else text


def _ids(form: Form) -> list[int]:
    kind: Iterable[str] = form.get("ids", ())
    found = [int(one) for one in kind if one.isascii() and one.isdigit() and len(one) <= DIGITS]
    return list(dict.fromkeys(found))


def _show(
    request: PageRequest, desk: Desk, asked: dict[str, str], problems: Sequence[str]
) -> Response[Any]:
    unit, key, page = desk.unit, desk.key, int(asked["page"])
    rights = rights_of(unit)
    rows = people_of(unit, "in", key, search=asked["q"], page=page)
    found = (
        people_of(unit, "not_in", key, search=asked["find"], limit=MOST_FOUND)
        if asked["find"]
        else People()
    )
    return show(
        request,
        unit,
        "roles/members.html",
        title=name_of(desk.role, desk.language),
        active=HOME,
        status=INVALID if problems else 200,
        problems=problems,
        people=rows,
        found=found,
        asked=asked,
        page=page,
        may_set=rights.allows(USER, SET_ROLES),
        may_see=rights.allows(USER, "read_list"),
        **frame_of(desk, "members"),
    )


ROUTES = [show_members, post_members]
