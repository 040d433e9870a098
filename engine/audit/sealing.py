"""Sealing: settled rows of the logs go under a seal, each seal holds the hash of the one before.

A seal says: under these ids of this log there are exactly these rows. It is one row, written in
one transaction: a process that dies before leaves nothing of it, and two that seal at the same
time cannot both write the next number.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from engine.audit.logs import FORM, LOGS, Hashed, hashed_rows, packed
from engine.audit.settled import PATIENCE, settled_until
from engine.context import Clock
from engine.storage.audit_tables import seal
from engine.storage.database import Database

ROWS = 5_000
"""Rows under one seal."""
NOBODY = ""
"""What stands before the first seal."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal. Noted outside, ``number:hash`` proves later that nothing was cut off."""

    number: int = 0
    hash: str = NOBODY

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Rows of a log that no seal covers yet. ``since``: the instant of the oldest."""

    log: str
    rows: int
    since: datetime | None


def seal_logs(
    database: Database, clock: Clock, *, most: int = 1_000_000, patience: float = PATIENCE
) -> int:
    """Seal what is settled, up to ``most`` seals; gives how many were made."""
    made = 0
    for log in LOGS:
        if made >= most or not _is_behind(database, log):
            continue
        until = settled_until(database, LOGS[log], patience=patience)
        while until is not None and made < most and _seal_next(database, clock, log, until):
            made += 1
    return made


def read_head(connection: Connection) -> Head:
    """Give the last seal; number 0 before the first."""
    last = select(seal.c.number, seal.c.hash).order_by(seal.c.number.desc()).limit(1)
    row = connection.execute(last).first()
    return Head(*row) if row is not None else Head()


def unsealed(connection: Connection) -> Iterator[Unsealed]:
    """Tell of each log what is not under a seal."""
    for name, table in LOGS.items():
        found = select(func.count(), func.min(table.c.at))
        row = connection.execute(found.where(table.c.id > sealed_until(connection, name))).one()
        yield Unsealed(name, int(row[0]), row[1])


def sealed_until(connection: Connection, log: str) -> int:
    """Give the last id of a log that is under a seal; 0 when none is."""
    return int(
        connection.execute(select(func.max(seal.c.last)).where(seal.c.log == log)).scalar() or 0
    )


def seal_hash(values: dict[str, Any]) -> str:
    """Give the hash of a seal: of all that it says, the rows by their digest."""
    told = [
        values["number"],
        values["at"].astimezone(UTC).isoformat(" ", "microseconds")[:26],
        values["log"],
        values["form"],
        values["first"],
        values["last"],
        values["count"],
        values["digest"],
        values["previous"],
    ]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()


def digest_of(rows: bytes) -> str:
    """Give the digest of packed rows."""
    return hashlib.sha256(rows).hexdigest()


def _is_behind(database: Database, log: str) -> bool:
    table = LOGS[log]
    with database.read() as connection:
        newest = connection.execute(select(func.max(table.c.id))).scalar() or 0
        return int(newest) > sealed_until(connection, log)


def _seal_next(database: Database, clock: Clock, log: str, until: int) -> bool:
    """Seal the next rows; False when none are left, or another process was faster."""
    with database.view() as connection:
        head = read_head(connection)
        after = sealed_until(connection, log)
        read = hashed_rows(connection, log, FORM, after=after, last=until, most=ROWS)
        rows = list(read)
    if not rows:
        return False
    values = _values(head, log, after + 1, rows, until)
    values["at"] = clock()
    values["hash"] = seal_hash(values)
    try:
        with database.write() as connection:
            connection.execute(insert(seal).values(**values))
    except IntegrityError:  # the number is taken
        return False
    return True


def _values(head: Head, log: str, first: int, rows: list[Hashed], until: int) -> dict[str, Any]:
    body = packed(rows)
    return {
        "number": head.number + 1,
        "log": log,
        "form": FORM,
        "first": first,
        "last": rows[-1][0] if len(rows) == ROWS else until,
        "count": len(rows),
        "rows": body,
        "digest": digest_of(body),
        "previous": head.hash,
    }
