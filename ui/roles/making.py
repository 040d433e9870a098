"""New roles, copies, and roles that go: with their members moved to another one first."""

import re
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from engine.context import Context
from engine.errors import DraftOutdated, InvalidInput
from engine.publish.live import LiveSite
from engine.publish.membership import member_counts
from engine.storage.snapshot import Unit
from metadata.errors import MetadataInvalid, PlatformError
from metadata.model import Site, say
from ui.designer.asked import form_data, one_of
from ui.designer.layouts import PREFIX
from ui.errors import fault_of, field_message
from ui.given import GivenContext, GivenSite
from ui.i18n import LANGUAGES, translate
from ui.pages.frame import go, show
from ui.request import PageRequest
from ui.roles.desk import Body, open_desk
from ui.roles.members import move_members
from ui.roles.pages import INVALID, RIGHT, Posted
from ui.roles.saving import new_role, publish_alone
from ui.roles.sentences import tell_problems
from ui.roles.switches import about_body, texts_of
from ui.roles.view import address, frame_of, grouped
from ui.shell import ROLES as HOME
from ui.widgets.base import Form

LONGEST = 40
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")


@get(HOME + "/_new", name="roles.new", sync_to_thread=True, right=RIGHT)
def show_new(
    request: PageRequest, site: GivenSite, context: GivenContext, copy: FromQuery[str] = ""
) -> Response[Any]:
    """Ask how a new role is called, and which one it begins as."""
    with site.read(context) as unit:
        return _show_new(request, unit, copy, {}, ())


@post(HOME + "/_new", sync_to_thread=True, status_code=200, right=RIGHT)
def post_new(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Posted
) -> Response[Any]:
    """Make a role, empty or as another one is."""
    form = form_data(data)
    copied = one_of(form, "copy")
    made: list[str] = []

    def make(unit: Unit) -> list[dict[str, Any]]:
        source = open_desk(site, unit, copied) if copied else None
        body: Body = source.body if source is not None and not source.role.sealed else {}
        body.pop("description", None)
        body = about_body(unit.snapshot.site, body, form, context.locale.language)
        body.setdefault("objects", {})
        made[:] = [new_key(unit.snapshot.site, texts_of(body["label"]).get("en", ""))]
        return [new_role(body, made[0])]

    typed = any(one_of(form, f"label.{code}").strip() for code in LANGUAGES)
    told: list[str] = [] if typed else [translate(context.locale.language, "roles.name_missing")]
    if typed:
        try:
            version = publish_alone(site, context, make)
            return go(request, f"{address(made[0])}?saved={version}", "saved")
        except MetadataInvalid as invalid:
            told, _ = tell_problems(invalid.problems, site.snapshot.site, context.locale.language)
        except DraftOutdated as error:
            told = [fault_of(error, context.locale.language).title]
    with site.read(context) as unit:
        return _show_new(request, unit, copied, form, told)


@post(HOME + "/{key:str}/delete", sync_to_thread=True, status_code=200, right=RIGHT)
def post_delete(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Delete a role that nobody has, or whose members get another one first."""
    to = one_of(form_data(data), "to")
    problems: list[str] = []
    try:
        with site.read(context) as unit:
            desk = open_desk(site, unit, key)
            members = member_counts(unit.connection, unit.snapshot).get(key, 0)
        if members and to:
            problems = move_members(site, context, key, to)
            with site.read(context) as unit:
                members = member_counts(unit.connection, unit.snapshot).get(key, 0)
        if not members and not problems:
            gone = {"op": "remove", "document": desk.document.id, "path": ""}
            publish_alone(site, context, lambda _unit: [gone])
            return go(request, HOME, "deleted")
    except PlatformError as error:
        problems = said(error, site.snapshot.site, context)
    return _show_delete(request, site, context, key, problems)


@get(HOME + "/{key:str}/delete", name="roles.delete", sync_to_thread=True, right=RIGHT)
def show_delete(
    request: PageRequest, site: GivenSite, context: GivenContext, key: FromPath[str]
) -> Response[Any]:
    """Ask what becomes of the members of a role that goes."""
    return _show_delete(request, site, context, key, ())


def said(error: PlatformError, site: Site, context: Context) -> list[str]:
    """Put an error into sentences."""
    language = context.locale.language
    if isinstance(error, MetadataInvalid):
        return tell_problems(error.problems, site, language)[0]
    if isinstance(error, InvalidInput):
        return [field_message(one, language) for one in error.errors]
    fault = fault_of(error, language)
    return [f"{fault.title} {fault.detail}".strip()]


def new_key(site: Site, label: str) -> str:
    """Give a free key: from words in English where there are any, else a number."""
    words = _NOT_IN_KEYS.sub("_", label.lower()).strip("_")[:LONGEST].strip("_")
    base = f"{PREFIX}{words}" if words and words[0].isalpha() else f"{PREFIX}role"
    key, number = base, 1
    while key in site.roles:
        number += 1
        key = f"{base}_{number}"
    return key


def _show_new(
    request: PageRequest, unit: Unit, copied: str, form: Form, told: Any
) -> Response[Any]:
    site, language = unit.snapshot.site, unit.context.locale.language
    group = site.roles[copied].group if copied in site.roles else None
    return show(
        request,
        unit,
        "roles/new.html",
        title=translate(language, "roles.new"),
        active=HOME,
        status=INVALID if told else 200,
        told=told,
        copied=copied,
        roles=[(k, say(one.label, language)) for k, one in site.roles.items() if not one.sealed],
        group=one_of(form, "group") or (say(group, language) if group is not None else ""),
        known=[one.label for one in grouped(site, {}, language)],
        texts=[(code, one_of(form, f"label.{code}")) for code in LANGUAGES],
    )


def _show_delete(
    request: PageRequest, site: LiveSite, context: Context, key: str, problems: Any
) -> Response[Any]:
    with site.read(context) as unit:
        desk = open_desk(site, unit, key)
        language = desk.language
        others = [(k, say(one.label, language)) for k, one in desk.site.roles.items()
                  if k != key and not one.sealed]  # fmt: skip
        return show(
            request,
            unit,
            "roles/delete.html",
            title=translate(language, "roles.delete_title", name=say(desk.role.label, language)),
            active=HOME,
            status=INVALID if problems else 200,
            problems=problems,
            others=others,
            **frame_of(desk, "about"),
        )


ROUTES = [show_new, post_new, show_delete, post_delete]
