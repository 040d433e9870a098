"""Rows as plain values of both databases, and digests of them that do not know an order."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from engine.carry.tables import NOT_EQUAL, Kind, TableShape

CHUNK = 1_000
MODULUS = 2**256
Row = Sequence[Any]

_WRITE: Mapping[Kind, Callable[[Any], Any]] = {
    "instant": lambda value: value.isoformat(),
    "date": lambda value: value.isoformat(),
    "bytes": lambda value: base64.b64encode(value).decode(),
    "tokens": list,
    "boolean": bool,
}
_READ: Mapping[Kind, Callable[[Any], Any]] = {
    "instant": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": base64.b64decode,
    "tokens": tuple,
}


@dataclass(slots=True)
class Digest:
    """What the rows of a table add up to: how many, and the sum of their hashes."""

    rows: int = 0
    sum: int = 0

    def add(self, line: str) -> None:
        """Count one row, as `to_line` writes it."""
        self.rows += 1
        self.sum = (self.sum + int.from_bytes(hashlib.sha256(line.encode()).digest())) % MODULUS

    @property
    def text(self) -> str:
        """Give it in writing."""
        return f"{self.rows}:{self.sum:064x}"


def read_rows(connection: Connection, shape: TableShape) -> Iterator[Row]:
    """Read a table; what means nothing elsewhere comes as None."""
    table = shape.table()
    blank = shape.names.index(NOT_EQUAL[shape.name]) if shape.name in NOT_EQUAL else None
    query = select(*(table.c[name] for name in shape.names))
    for row in connection.execute(query.execution_options(yield_per=CHUNK)):
        if blank is None:
            yield row
        else:
            yield [None if at == blank else value for at, value in enumerate(row)]


def to_line(shape: TableShape, row: Row) -> str:
    """Write a row as one line of JSON."""
    values = [
        None if value is None else _WRITE[one.kind](value) if one.kind in _WRITE else value
        for one, value in zip(shape.columns, row, strict=True)
    ]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def from_line(shape: TableShape, line: str) -> Row:
    """Read a row that `to_line` wrote.

    Raises:
        ValueError: it is no such line.
    """
    values = json.loads(line)
    if not isinstance(values, list) or len(values) != len(shape.columns):
        raise ValueError("not a row")
    return [
        None if value is None else _READ[one.kind](value) if one.kind in _READ else value
        for one, value in zip(shape.columns, values, strict=True)
    ]


def digest_of(shape: TableShape, rows: Iterable[Row]) -> str:
    """Give the digest of rows."""
    digest = Digest()
    for row in rows:
        digest.add(to_line(shape, row))
    return digest.text


def row_count(connection: Connection, shape: TableShape) -> int:
    """Count the rows of a table, for a progress bar."""
    return int(connection.execute(select(func.count()).select_from(shape.table())).scalar_one())
