"""Conditional requests: tags of what was answered, and the version that a change is based on.

A tag is the record's version and a piece of a hash of the answer: sums, formulas and the labels
of links change without a new version, and a tag must not stay the same then. As a precondition
only the version counts: a change from an older version conflicts field by field.
"""

import hashlib
from typing import Any

from litestar import Response

from engine.access.idempotency import Answer
from engine.errors import FieldError, InvalidInput
from ui.api.answers import respond
from ui.request import PageRequest

DIGITS = 12
LONGEST = 18
"""Digits of a number that fits 63 bits for sure."""


def tag_of(version: int, body: bytes) -> str:
    """Give the tag of an answer."""
    digest = hashlib.sha256(body).hexdigest()[:DIGITS]
    return f'"{version}-{digest}"'


def respond_unless_known(request: PageRequest, given: Answer, version: int) -> Response[bytes]:
    """Send an answer with its tag, or 304 to somebody who has it already."""
    tag = tag_of(version, given.body)
    headers = {**given.headers, "etag": tag}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return respond(Answer(status=304, body=b"", headers=headers))
    return respond(Answer(given.status, given.body, headers))


def is_known(header: str, tag: str) -> bool:
    """Tell whether ``If-None-Match`` names a tag; a weak one counts, reading needs no more."""
    named = {part.strip().removeprefix("W/") for part in header.split(",")}
    return "*" in named or tag in named


def version_asked(request: PageRequest, given: Any = None) -> int | None:
    """Give the version that a change is based on: of ``If-Match``, or of the body.

    Returns:
        None when none is named; ``If-Match: *`` names none.

    Raises:
        InvalidInput: what is named is no version, or the two are not the same.
    """
    header = request.headers.get("if-match", "").strip()
    named = None if header in {"", "*"} else _version("if-match", header)
    if given is None:
        return named
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise InvalidInput([FieldError("version", "not_a_number")])
    version = _version("version", str(given))
    if named not in {None, version}:
        raise InvalidInput([FieldError("version", "not_the_version_of_if_match")])
    return version


def _version(name: str, text: str) -> int:
    plain = text.removeprefix("W/").strip('"').partition("-")[0]
    if not plain.isascii() or not plain.isdigit() or len(plain) > LONGEST:
        raise InvalidInput([FieldError(name, "not_a_number")])
    return int(plain)
