"""Column types that mean the same on both databases."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.fields.base import ColumnKind

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 63-bit id; SQLite numbers rows by itself only for INTEGER."""


class Instant(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database (SQLite keeps it as text)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC; a naive one is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


class JsonTuple(TypeDecorator[tuple[Any, ...]]):
    """Several values of one field: a tuple in Python, a JSON array in the row."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write a JSON array; nothing chosen is NULL."""
        return json.dumps(list(value), ensure_ascii=False) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Any, ...] | None:
        """Read a JSON array."""
        return tuple(json.loads(value)) if value else None


class Json(TypeDecorator[Any]):
    """JSON data of kernel tables, as text on both databases: read whole, never searched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write compact JSON; mappings keep their order."""
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read JSON."""
        return None if value is None else json.loads(value)


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
}
