"""Errors as people and programs see them: a page that says what to do, or problem+json."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.exceptions import HTTPException

from engine.access.accounts import NotSignedIn
from engine.errors import DeleteBlocked, FieldError, InvalidInput, InvalidValue, SaveConflict
from metadata.errors import MetadataInvalid, PlatformError, Problem
from ui.i18n import has_text, translate
from ui.page import page, see_other, services_of
from ui.request import PageRequest
from ui.security.visitor import NotSetUp, PageContext, anonymous, is_api, visitor_of

PROBLEM = "application/problem+json"
TYPE = "urn:heddle:error:"
SERVER_FAULT = 500
HTTP_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "bad_request",
}

log = logging.getLogger("heddle.web")


@dataclass(frozen=True, slots=True)
class Fault:
    """An error in the words of its reader. ``more`` joins the JSON of the API."""

    status: int
    code: str
    title: str
    detail: str = ""
    errors: tuple[Mapping[str, Any], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_platform_error(request: PageRequest, error: PlatformError) -> Response[Any]:
    """Answer an expected error."""
    visitor = _visitor(request)
    if isinstance(error, NotSignedIn | NotSetUp) and not is_api(request.url.path):
        return _go_on(request, error)
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


def fault_of(error: PlatformError, language: str) -> Fault:
    """Put an expected error into words."""
    params = {name: _plain(value) for name, value in error.params.items()}
    key = f"error.{error.code}"
    return Fault(
        status=error.status,
        code=error.code,
        title=translate(language, key, **params),
        detail=_detail(error, key, language, params),
        errors=tuple(_errors(error, language)),
        more=_more(error),
        headers=_headers(error),
    )


def field_message(error: FieldError, language: str) -> str:
    """Say what is wrong with a field."""
    params = {name: _plain(value) for name, value in error.params.items()}
    return translate(language, f"invalid.{error.code}", **params)


def problem_message(problem: Problem, language: str) -> str:
    """Say what is wrong with a document."""
    return translate(language, f"problem.{problem.code}", **problem.params)


def _detail(error: PlatformError, key: str, language: str, params: Mapping[str, Any]) -> str:
    if isinstance(error, InvalidValue):
        return translate(language, f"invalid.{error.reason}", **params)
    reason = f"{key}.{params.get('reason')}"
    for more in (reason, f"{key}.hint"):
        if has_text(language, more):
            return translate(language, more, **params)
    return ""


def _errors(error: PlatformError, language: str) -> Iterable[Mapping[str, Any]]:
    if isinstance(error, InvalidInput):
        for one in error.errors:
            message = field_message(one, language)
            yield {"field": one.field, "code": one.code, "message": message}
    if isinstance(error, MetadataInvalid):
        for problem in error.problems:
            hint = f"problem.{problem.code}.hint"
            yield {
                "field": problem.path,
                "document": problem.document,
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "code": problem.code,
                "message": problem_message(problem, language),
                "hint": translate(language, hint, **problem.params)
                if has_text(language, hint)
                else "",
            }


def _more(error: PlatformError) -> Mapping[str, Any]:
    if isinstance(error, SaveConflict):
        return {
            "version": error.version,
            "theirs": dict(error.theirs),
            "mine": dict(error.mine),
        }
    if isinstance(error, DeleteBlocked):
        return dict(error.params)
    return {}


def _headers(error: PlatformError) -> Mapping[str, str]:
    wait = getattr(error, "retry_after", None)
    headers = {"retry-after": str(wait)} if wait else {}
    if isinstance(error, NotSignedIn):
        headers["www-authenticate"] = "Bearer"
    return headers


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
    template = "errors/_message.html" if request.wants_partial else "errors/page.html"
    return page(request, template, status=fault.status, headers=fault.headers, fault=fault)


def _go_on(request: PageRequest, error: PlatformError) -> Response[Any]:
    """Send to where one can go on; the page asked for comes back after sign-in."""
    if isinstance(error, NotSetUp):
        return see_other(request, "/set-up")
    if request.wants_partial:
        title = translate(_visitor(request).language, "error.not_signed_in")
        return _answer(request, Fault(401, error.code, title))
    target = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        target += f"?{request.url.query}"
    return see_other(request, "/sign-in" if target == "/" else f"/sign-in?next={quote(target)}")


def _visitor(request: PageRequest) -> PageContext:
    return visitor_of(request) or anonymous(request.scope, services_of(request))


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else value


HANDLERS: dict[Any, Any] = {
    PlatformError: answer_platform_error,
    HTTPException: answer_http_error,
    Exception: answer_bug,
}
