"""Errors in words: what went wrong, where, and what to do, in the language of the reader."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.access.accounts import NotSignedIn
from engine.access.tokens import TokenExpired
from engine.errors import DeleteBlocked, FieldError, InvalidInput, InvalidValue, SaveConflict
from metadata.errors import MetadataInvalid, PlatformError, Problem
from ui.i18n import has_text, translate

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
    key = f"invalid.{error.code}"
    named = f"{key}.named"
    if params.get("name") and has_text(language, named):
        key = named
    return translate(language, key, **params)


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
            "base": dict(error.base),
        }
    if isinstance(error, DeleteBlocked):
        return dict(error.params)
    return {}


def _headers(error: PlatformError) -> Mapping[str, str]:
    wait = getattr(error, "retry_after", None)
    headers = {"retry-after": str(wait)} if wait else {}
    if isinstance(error, NotSignedIn | TokenExpired):
        headers["www-authenticate"] = "Bearer"
    return headers


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else value
