"""Answering inside the frame: whole pages, fragments, and going on after a form."""

from collections.abc import Mapping
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from engine.storage.snapshot import Unit
from ui.i18n import translate
from ui.page import page, services_of
from ui.request import VARY, PageRequest
from ui.security.visitor import PageContext, visitor_of
from ui.shell import Note, Shell, shell_of

NOTE = "heddle_note"
"""A cookie that carries the key of a notice over one redirect."""
NOTES = {
    "created": "good",
    "saved": "good",
    "draft_saved": "good",
    "deleted": "good",
    "restored": "good",
    "acted": "good",
    "team": "good",
    "left": "good",
    "purged": "good",
    "scene_saved": "good",
    "scene_removed": "good",
    "scenes_pinned": "good",
    "columns_saved": "good",
    "bulk_done": "good",
    "index_ordered": "good",
    "index_dropped": "good",
    "nothing_chosen": "bad",
    "password_changed": "good",
    "session_closed": "good",
    "sessions_closed": "good",
    "token_revoked": "good",
    "second_factor_off": "good",
    "second_factor_reset": "good",
    "view_ended": "good",
}
"""Notices that may be shown: key -> tone. ``key:number`` leads to that job."""
FULL_PAGE = "frame.html"


def show(  # noqa: PLR0913 - what a page is made of
    request: PageRequest,
    unit: Unit,
    template: str,
    /,
    *,
    title: str,
    active: str = "",
    query: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """Render a page in its frame, or a fragment that knows the frame's values."""
    visitor = person_of(request)
    notes, gone = ((), []) if request.wants_partial else _notes(request, visitor)
    shell = shell_of(unit, visitor, active=active, query=query, notes=notes)
    return page(
        request,
        template,
        status=status,
        headers=headers,
        cookies=gone,
        shell=shell,
        menu="" if request.wants_partial else _menu(request, unit, shell),
        title=title,
        **context,
    )


def show_dialog(
    request: PageRequest,
    unit: Unit,
    fragment: str,
    /,
    *,
    title: str,
    active: str = "",
    status: int = 200,
    **context: Any,
) -> Response[str]:
    """Render what opens in a dialog; asked for as a page, it is a page."""
    template = fragment if request.wants_partial else FULL_PAGE
    return show(
        request,
        unit,
        template,
        title=title,
        active=active,
        status=status,
        fragment=fragment,
        **context,
    )


def go(request: PageRequest, to: str, note: str = "") -> Response[None]:
    """Go on to another page after a form; ``note`` is the key of a notice shown there."""
    cookies = []
    if note:
        cookies.append(
            Cookie(key=NOTE, value=note, path="/", max_age=60, httponly=True, samesite="lax")
        )
    if request.is_htmx:
        headers = {"hx-location": to, "vary": VARY}
        return Response(None, status_code=204, headers=headers, cookies=cookies)
    return Response(None, status_code=303, headers={"location": to, "vary": VARY}, cookies=cookies)


def redirect(to: str) -> Response[None]:
    """Lead a GET to the address that says the same; htmx follows it like a browser."""
    return Response(None, status_code=303, headers={"location": to, "vary": VARY})


def person_of(request: PageRequest) -> PageContext:
    """Give the signed-in visitor of a request."""
    visitor = visitor_of(request)
    if visitor is None:
        raise RuntimeError("a page inside the frame is for people who are signed in")
    return visitor


def _menu(request: PageRequest, unit: Unit, shell: Shell) -> Markup:
    """Draw the menu, once for everybody who has the same one with the same entry open."""
    actor, views = unit.context.actor, services_of(request).views
    known = any(shell.active == item.url for item in shell.navigation.entries)
    place = (actor.roles, actor.superadmin, shell.language, shell.active if known else "")
    return unit.snapshot.once(
        ("menu", *place),
        lambda: Markup(  # noqa: S704 - a template of ours escapes what it shows
            views.render("shell/_side.html", shell.language, {"shell": shell})
        ),
    )


def _notes(request: PageRequest, visitor: PageContext) -> tuple[tuple[Note, ...], list[Cookie]]:
    key, _, job = request.cookies.get(NOTE, "").partition(":")
    if key not in NOTES:
        return (), []
    gone = Cookie(key=NOTE, value="", path="/", max_age=0, httponly=True, samesite="lax")
    text = translate(visitor.language, f"note.{key}")
    if not (job.isascii() and job.isdigit()):
        return (Note(text, NOTES[key]),), [gone]
    more = translate(visitor.language, "note.bulk_result")
    return (Note(text, NOTES[key], f"/jobs/{job}", more),), [gone]
