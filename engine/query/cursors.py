"""Cursors: where a page begins or ends, as opaque text that is checked when it comes back."""

import base64
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from engine.errors import FieldError, InvalidInput
from engine.fields.base import ColumnKind

LONGEST = 8_000
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """A row's place in an order: its sort values, then its id. ``backward``: what precedes it."""

    values: tuple[Any, ...]
    id: int
    backward: bool = False


def write_cursor(cursor: Cursor, order: str) -> str:
    """Give a cursor as text. ``order`` names the order it belongs to."""
    values = [_plain(value) for value in cursor.values]
    body = [_mark(order), int(cursor.backward), cursor.id, *values]
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_cursor(text: str, order: str, kinds: Sequence[ColumnKind]) -> Cursor:
    """Read a cursor back.

    Args:
        text: what `write_cursor` gave, or anything a client sends.
        order: the order that is asked for; a cursor of another one is refused.
        kinds: the kind of each sort value.

    Raises:
        InvalidInput: it is no cursor of this order.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        mark, backward, record, *values = json.loads(base64.b64decode(padded, b"-_", True))
        if mark != _mark(order) or backward not in (0, 1) or record is None:
            raise ValueError
        stored = tuple(_stored(value, kind) for value, kind in zip(values, kinds, strict=True))
        return Cursor(stored, _stored(record, "integer"), bool(backward))
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise InvalidInput([FieldError("cursor", "cursor_invalid")]) from None


def _mark(order: str) -> int:
    return zlib.crc32(order.encode())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _stored(value: Any, kind: ColumnKind) -> Any:
    if value is None:
        return None
    read = _READ[kind]
    if type(value) is not read.type:
        raise ValueError
    return read.stored(value)


def _integer(value: int) -> int:
    if abs(value) > LARGEST:
        raise ValueError
    return value


def _text(value: str) -> str:
    if "\0" in value:  # no text of ours, and PostgreSQL takes none
        raise ValueError
    value.encode()  # a lone surrogate is no text either
    return value


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Read:
    type: type
    stored: Callable[[Any], Any]


_READ: dict[ColumnKind, _Read] = {
    "text": _Read(str, _text),
    "integer": _Read(int, _integer),
    "boolean": _Read(bool, bool),
    "date": _Read(str, date.fromisoformat),
    "instant": _Read(str, _instant),
}
