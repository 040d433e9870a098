"""The three logs as the seals see them: which columns of a row are sealed, and how it is written.

The writing is the same on both databases, so seals still hold after a restore or a move. Columns
that come later get a new form; what was sealed in an older one is checked in that one.
"""

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, select, type_coerce
from sqlalchemy.types import NullType

from engine.storage.audit_tables import system_log
from engine.storage.kernel_tables import history
from engine.storage.people_tables import sign_in_log

FORM = 1
"""The form that new seals are made in."""
CHUNK = 1_000
_ROW = struct.Struct(">q32s")
WIDTH = _ROW.size

LOGS: Mapping[str, Table] = {table.name: table for table in (history, sign_in_log, system_log)}
"""Name -> table of each log that is sealed."""
FORMS: Mapping[int, Mapping[str, Sequence[str]]] = {
    1: {
        history.name: (
            "id", "object_id", "record_id", "at", "by", "by_name", "address", "action", "version",
            "request_id", "changes",
        ),
        sign_in_log.name: ("id", "at", "user_id", "account", "outcome", "address", "agent"),
        system_log.name: (
            "id", "at", "by", "by_name", "address", "request_id", "deed", "about", "details",
            "marked",
        ),
    }
}  # fmt: skip
"""Form -> log -> the columns that it seals, in their order; the id is the first."""

Hashed = tuple[int, bytes]
"""The id of a row and the hash of what it says."""


def hashed_rows(
    connection: Connection,
    log: str,
    form: int,
    *,
    after: int | None,
    last: int,
    most: int | None = None,
) -> Iterator[Hashed]:
    """Read rows of a log in the order of their ids, up to ``last``."""
    table = LOGS[log]
    columns: list[Any] = [type_coerce(table.c[name], NullType()) for name in FORMS[form][log]]
    query = select(*columns).where(table.c.id <= last).order_by(table.c.id)
    if after is not None:
        query = query.where(table.c.id > after)
    if most is not None:
        query = query.limit(most)
    for row in connection.execute(query.execution_options(yield_per=CHUNK)):
        yield int(row[0]), row_hash(row)


def row_hash(row: Sequence[Any]) -> bytes:
    """Give the hash of a row as the database's driver gives it."""
    values = [value if type(value) in _SAME else _plain(value) for value in row]
    line = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).digest()


def packed(rows: Sequence[Hashed]) -> bytes:
    """Write ids and hashes one after the other."""
    return b"".join(_ROW.pack(*row) for row in rows)


def unpacked(rows: bytes) -> list[Hashed]:
    """Read what `packed` wrote; a torn end is left out."""
    whole = len(rows) - len(rows) % WIDTH
    return list(_ROW.iter_unpack(rows[:whole]))


_SAME = frozenset({int, str, type(None)})


def _plain(value: Any) -> Any:
    """Give a value as it stands in SQLite, which keeps instants as text and truth as numbers."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]
    if isinstance(value, bool):
        return int(value)
    return value.hex() if isinstance(value, bytes) else repr(value)
