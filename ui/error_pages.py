"""Errors as people and programs see them: a page that says what to do, or problem+json."""

import logging
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.exceptions import HTTPException

from engine.access.accounts import NotSignedIn
from engine.access.second_factor import SecondFactorNeeded
from metadata.errors import PlatformError
from ui.errors import HTTP_CODES, SERVER_FAULT, Fault, fault_of
from ui.i18n import translate
from ui.page import page, see_other, services_of
from ui.pages.frame import show
from ui.request import PageRequest
from ui.security.gates import RENEWAL, PasswordMustChange
from ui.security.visitor import (
    NotSetUp,
    PageContext,
    anonymous,
    is_api,
    visitor_of,
)

PROBLEM = "application/problem+json"
SECOND_FACTOR = "/profile/second-factor"
LED_ON = (NotSignedIn, NotSetUp, SecondFactorNeeded)
"""Errors of which a page leads to where one can go on."""
TYPE = "urn:heddle:error:"

log = logging.getLogger("heddle.web")


def answer_platform_error(request: PageRequest, error: PlatformError) -> Response[Any]:
    """Answer an expected error."""
    visitor = _visitor(request)
    if isinstance(error, LED_ON) and not is_api(request.url.path):
        return _go_on(request, error)
    if isinstance(error, PasswordMustChange) and not request.wants_partial:
        return see_other(request, RENEWAL)
    return _answer(request, fault_of(error, visitor.language))


def answer_http_error(request: PageRequest, error: HTTPException) -> Response[Any]:
    """Answer what the web framework found wrong: unknown addresses, unreadable bodies."""
    status = error.status_code
    code = HTTP_CODES.get(status, "bad_request")
    if status >= SERVER_FAULT:
        return answer_bug(request, error)
    title = translate(_visitor(request).language, f"error.{code}")
    return _answer(request, Fault(status, code, title))


def answer_bug(request: PageRequest, error: Exception) -> Response[Any]:
    """Answer a bug of ours: logged with the request's id, told without any detail.

    The log line holds neither the address's query nor the body: both may hold secrets.
    """
    request_id = request.scope["state"].get("request_id", "")
    log.error(
        "request %s: %s %s failed",
        request_id,
        request.method,
        request.scope.get("path_template", ""),
        exc_info=error,
    )
    language = _visitor(request).language
    title = translate(language, "error.internal")
    detail = translate(language, "error.internal.id", id=request_id)
    try:
        return _answer(request, Fault(SERVER_FAULT, "internal", title, detail))
    except Exception:  # the page of the error may be what is broken
        log.exception("request %s: its error cannot be shown", request_id)
        return Response(f"{title}\n{detail}\n", status_code=SERVER_FAULT, media_type="text/plain")


def _answer(request: PageRequest, fault: Fault) -> Response[Any]:
    if is_api(request.url.path):
        body = {
            "type": TYPE + fault.code,
            "title": fault.title,
            "status": fault.status,
            "detail": fault.detail,
            "code": fault.code,
            **({"errors": list(fault.errors)} if fault.errors else {}),
            **fault.more,
        }
        headers = {"vary": "Accept-Language", **fault.headers}
        return Response(body, status_code=fault.status, media_type=PROBLEM, headers=headers)
    if request.wants_partial:
        return page(
            request,
            "errors/_message.html",
            status=fault.status,
            headers=fault.headers,
            fault=fault,
        )
    return _whole_page(request, fault)


def _whole_page(request: PageRequest, fault: Fault) -> Response[Any]:
    """Answer with a page: whoever is signed in keeps the menu, unless the fault is ours."""
    visitor = visitor_of(request)
    if visitor is None or not visitor.signed_in or fault.status >= SERVER_FAULT:
        template = "errors/page.html"
        return page(request, template, status=fault.status, headers=fault.headers, fault=fault)
    with services_of(request).site.read(visitor.context) as unit:
        return show(
            request,
            unit,
            "errors/framed.html",
            title=fault.title,
            status=fault.status,
            headers=fault.headers,
            fault=fault,
        )


def _go_on(request: PageRequest, error: PlatformError) -> Response[Any]:
    """Send to where one can go on; the page asked for comes back after sign-in."""
    if isinstance(error, NotSetUp):
        return see_other(request, "/set-up")
    if request.wants_partial:
        return _answer(request, fault_of(error, _visitor(request).language))
    if isinstance(error, SecondFactorNeeded):
        return see_other(request, SECOND_FACTOR)
    target = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        target += f"?{request.url.query}"
    return see_other(request, "/sign-in" if target == "/" else f"/sign-in?next={quote(target)}")


def _visitor(request: PageRequest) -> PageContext:
    return visitor_of(request) or anonymous(request.scope, services_of(request))


HANDLERS: dict[Any, Any] = {
    PlatformError: answer_platform_error,
    HTTPException: answer_http_error,
    Exception: answer_bug,
}
