"""Looking at a role and saving what it grants."""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from engine.context import Context
from engine.publish.live import LiveSite
from engine.publish.store import list_versions
from ui.designer.asked import form_data, one_of
from ui.given import GivenContext, GivenSite
from ui.pages.frame import go, redirect
from ui.request import PageRequest
from ui.roles.desk import Body, Desk, open_desk
from ui.roles.fields import fields_body
from ui.roles.matrix import matrix_body
from ui.roles.saving import Saved, save
from ui.roles.sentences import name_of, tell_plan, tell_problems
from ui.roles.switches import about_body, admin_body, menus_body
from ui.roles.view import TABS, Shown, address, grouped, show_role
from ui.security.rights import ADMIN
from ui.shell import ROLES as HOME
from ui.widgets.base import Form

RIGHT = f"{ADMIN}roles"
CONFLICT, INVALID = 409, 422
WRITTEN = frozenset(TABS) - {"members"}

Posted = URLEncodedBody[dict[str, Any]]


@get(HOME, name="roles", sync_to_thread=True, right=RIGHT)
def show_roles(site: GivenSite, context: GivenContext) -> Response[Any]:
    """Lead to the first role."""
    with site.read(context) as unit:
        found = grouped(unit.snapshot.site, {}, context.locale.language)
    return redirect(found[0].roles[0].url)


@get(HOME + "/{key:str}", name="roles.role", sync_to_thread=True, right=RIGHT)
def show_actions(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    key: FromPath[str],
    saved: FromQuery[int] = 0,
) -> Response[Any]:
    """Show what a role may do with records."""
    return _show(request, site, context, key, TABS[0], Shown(saved=saved))


@get(HOME + "/{key:str}/{tab:str}", name="roles.tab", sync_to_thread=True, right=RIGHT)
def show_tab(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    key: FromPath[str],
    tab: FromPath[str],
    object: FromQuery[str] = "",
    saved: FromQuery[int] = 0,
) -> Response[Any]:
    """Show another tab of a role."""
    if tab not in WRITTEN:
        raise NotFoundException
    return _show(request, site, context, key, tab, Shown(object=object, saved=saved))


@post(HOME + "/{key:str}/{tab:str}", sync_to_thread=True, status_code=200, right=RIGHT)
def post_tab(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    key: FromPath[str],
    tab: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Take a tab as it stands on the page: plan it, and publish it unless it is only looked at."""
    if tab not in WRITTEN:
        raise NotFoundException
    form = form_data(data)
    looks = one_of(form, "do") == "look"
    with site.read(context) as unit:
        desk = open_desk(site, unit, key)
        body = read_tab(desk, tab, form)
        seen = one_of(form, "seen")
    found = save(site, context, key, body, seen=seen, looks=looks)
    shown = Shown(body=body, object=one_of(form, "object"))
    if found.version or (found.plan is None and not found.moved):
        return go(request, _after(key, tab, shown.object, found.version), "saved")
    return _told(request, site, context, key, tab, shown, found)


def read_tab(desk: Desk, tab: str, form: Form) -> Body:
    """Give what the document would say with a tab as it stands in a form."""
    site, body = desk.site, desk.body
    if tab == "fields":
        definition = site.objects.get(one_of(form, "object"))
        return body if definition is None else fields_body(definition, body, form)
    if tab == "menus":
        return menus_body(site, body, form)
    if tab == "admin":
        return admin_body(body, form)
    if tab == "about":
        return about_body(site, body, form, desk.language)
    return matrix_body(site, body, form)


def _told(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    key: str,
    tab: str,
    shown: Shown,
    found: Saved,
) -> Response[Any]:
    """Show the tab again with what was entered and why it is not saved, or what it would do."""
    with site.read(context) as unit:
        desk = open_desk(site, unit, key)
        if found.moved:
            shown.moved = _since(desk)
            shown.status = CONFLICT
        if found.plan is not None:
            shown.told = tell_plan(found.plan, desk.site, desk.document.id, desk.language)
        shown.problems, shown.places = tell_problems(found.problems, desk.site, desk.language)
        if shown.problems:
            shown.status = INVALID
        return show_role(request, desk, tab, shown)


def _show(
    request: PageRequest, site: LiveSite, context: Context, key: str, tab: str, shown: Shown
) -> Response[Any]:
    with site.read(context) as unit:
        desk = open_desk(site, unit, key)
        if shown.saved:
            shown.told = _since(desk, shown.saved)
        return show_role(request, desk, tab, shown)


def _since(desk: Desk, number: int = 0) -> list[str]:
    """Name what a version, or the newest one that spoke of the role, changed in it."""
    before = number + 1 if number else None
    for one in list_versions(desk.unit.connection, before=before, limit=1 if number else 20):
        paths = [c["path"] for c in one.changes if c["document"] == desk.document.id]
        if paths:
            return [name_of(desk.site, path, desk.language) for path in paths]
    return []


def _after(key: str, tab: str, object_key: str, version: int) -> str:
    asked = [f"object={object_key}"] if object_key else []
    asked += [f"saved={version}"] if version else []
    return address(key, tab) + (f"?{'&'.join(asked)}" if asked else "")


ROUTES = [show_roles, show_actions, show_tab, post_tab]
