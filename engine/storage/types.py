"""Column types that mean the same on both databases."""

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.fields.base import ColumnKind
from engine.fields.file import FileRef, Files

_ENCODER = msgspec.json.Encoder()
_TUPLES = msgspec.json.Decoder(tuple[Any, ...])
TEXT_LENGTH = len("2026-11-23 09:42:00.000000")
"""An instant in SQLite, without its zone, which is UTC."""

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 63-bit id; SQLite numbers rows by itself only for INTEGER."""


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(UTC)


@lru_cache(maxsize=512)  # all rows of one call carry its instant, several times each
def _to_text(value: datetime | None) -> str | None:
    """Write as SQLAlchemy's own type does: what was stored sorts and compares with it."""
    return None if value is None else _utc(value).isoformat(" ", "microseconds")[:TEXT_LENGTH]


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


class Instant(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database (SQLite keeps it as text)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """Write text for SQLite in one step: instants are most of what a list or import moves."""
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """Read SQLite's text in one step."""
        return (
            _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC; a naive one is a bug."""
        return None if value is None else _utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


def _to_tuple(value: str | None) -> tuple[Any, ...] | None:
    return _TUPLES.decode(value) if value else None


class JsonTuple(TypeDecorator[tuple[Any, ...]]):
    """Several values of one field: a tuple in Python, a JSON array in the row."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write a JSON array; nothing chosen is NULL."""
        return write_json(value) if value else None

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """Read a JSON array in one step."""
        return _to_tuple


class FileList(TypeDecorator[Files]):
    """The files of one field: `FileRef` in Python, a JSON array of arrays in the row."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write a JSON array; no file is NULL."""
        if not value:
            return None
        return json.dumps([list(one) for one in value], ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Files | None:
        """Read a JSON array."""
        return tuple(FileRef(*one) for one in json.loads(value)) if value else None


def write_json(value: Any) -> str:
    """Write compact JSON, ten times as fast as the standard library where that can be."""
    try:
        return _ENCODER.encode(value).decode()
    except (TypeError, OverflowError):  # whatever only the standard library knows: large numbers
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Json(TypeDecorator[Any]):
    """JSON data of kernel tables, as text on both databases: read whole, never searched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write compact JSON; mappings keep their order."""
        return None if value is None else write_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read JSON."""
        return None if value is None else json.loads(value)


class CurrentTransaction(ColumnElement[int]):
    """PostgreSQL's number of the running transaction; NULL on SQLite, which has one writer."""

    inherit_cache = True


@compiles(CurrentTransaction)
def _current_transaction(_element: Any, compiler: Any, **_options: Any) -> str:
    if compiler.dialect.name == "postgresql":
        return "(pg_current_xact_id()::text::bigint)"
    return "NULL"


BinaryText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that compares and sorts byte by byte on both databases; ``lower`` knows ASCII alone."""


def column_type(kind: ColumnKind, *, many: bool = False) -> TypeEngine[Any]:
    """Give the SQL type of a logical column."""
    if many:
        return JsonTuple()
    return _TYPES[kind]


_TYPES: dict[ColumnKind, TypeEngine[Any]] = {
    "text": BinaryText,
    "integer": BigInteger(),
    "boolean": Boolean(),
    "date": Date(),
    "instant": Instant(),
    "files": FileList(),
}
