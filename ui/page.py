"""Answering with a page."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from litestar import MediaType, Response
from litestar.datastructures import Cookie

from ui.request import VARY, PageRequest
from ui.security.cookies import VISITOR, private_cookie
from ui.security.visitor import CSRF, PageContext, anonymous, visitor_of
from ui.services import Services


def services_of(request: PageRequest) -> Services:
    """Give the shared parts of the application."""
    found: Services = request.app.state.services
    return found


def page(
    request: PageRequest,
    template: str,
    /,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    cookies: list[Cookie] | None = None,
    has_form: bool = False,
    **context: Any,
) -> Response[str]:
    """Render a page or a fragment, in the language of who asks.

    ``has_form``: it holds a form for people who are not signed in, so it needs a cookie that the
    form is bound to.

    Call it in the handler, so that rendering happens on the handler's thread and inside its unit
    of work. Beside ``context``, templates get ``visitor`` (`PageContext`), its ``theme`` and
    ``csrf``, ``path`` (of the request) and ``partial`` (a fragment is asked for).
    """
    services = services_of(request)
    visitor = visitor_of(request) or anonymous(request.scope, services)
    visitor, visiting = _bound(visitor, services) if has_form else (visitor, [])
    everything = {
        "visitor": visitor,
        "theme": visitor.theme,
        "csrf": visitor.csrf,
        "path": request.url.path,
        "partial": request.wants_partial,
        **context,
    }
    return Response(
        services.views.render(template, visitor.language, everything),
        status_code=status,
        media_type=MediaType.HTML,
        headers={"vary": VARY, **(headers or {})},
        cookies=[*visiting, *(cookies or [])],
    )


def see_other(
    request: PageRequest, to: str, *, cookies: list[Cookie] | None = None
) -> Response[str]:
    """Lead to another page after a form: htmx loads it as a whole page."""
    status, header = (204, "hx-redirect") if request.is_htmx else (303, "location")
    return Response(
        "",
        status_code=status,
        media_type=MediaType.TEXT,
        headers={header: to, "vary": VARY},
        cookies=cookies,
    )


def _bound(visitor: PageContext, services: Services) -> tuple[PageContext, list[Cookie]]:
    """Give somebody unknown a name of his own, for his forms to be bound to."""
    if visitor.signed_in or visitor.visitor_id:
        return visitor, []
    visitor_id = secrets.token_urlsafe(32)
    csrf = services.keys.sign(CSRF, visitor_id)
    cookie = private_cookie(VISITOR, visitor_id, visitor.reached)
    return replace(visitor, visitor_id=visitor_id, csrf=csrf), [cookie]
