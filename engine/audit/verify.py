"""Checking the chain: every seal, and under each of them exactly the rows that it names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.audit.logs import FORMS, LOGS, WIDTH, hashed_rows, unpacked
from engine.audit.sealing import Head, Unsealed, digest_of, seal_hash, unsealed
from engine.storage.audit_tables import seal
from engine.storage.database import Database

MOST = 100
"""Breaks that are told; one alone says that the logs were touched."""


@dataclass(frozen=True, slots=True)
class Break:
    """Something that is not as it was sealed.

    ``code``: seal_missing, seal_changed, seal_unlinked, row_changed, row_missing, row_added,
    head_missing, head_changed. ``id``: of the row; 0 where it is the seal itself.
    """

    code: str
    seal: int
    log: str = ""
    id: int = 0


@dataclass(slots=True)
class Report:
    """What the check found. ``complete`` is False when it stopped at too many breaks."""

    head: Head = field(default_factory=Head)
    seals: int = 0
    rows: int = 0
    breaks: list[Break] = field(default_factory=list)
    unsealed: list[Unsealed] = field(default_factory=list)
    complete: bool = True


def verify(database: Database, noted: Iterable[Head] = ()) -> Report:
    """Check the whole chain in one state of the data; nothing is changed.

    Args:
        database: the site's.
        noted: heads that were written down outside: each must still be in the chain.
    """
    with database.view() as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        walk = _Walk(connection, {head.number: head.hash for head in noted})
        for found in walk.breaks():
            walk.report.breaks.append(found)
            if len(walk.report.breaks) >= MOST:
                walk.report.complete = False
                break
        walk.report.unsealed = list(unsealed(connection))
    return walk.report


class _Walk:
    """One way along the chain."""

    def __init__(self, connection: Connection, noted: Mapping[int, str]) -> None:
        self.report = Report()
        self._connection = connection
        self._noted = dict(noted)
        self._ends: dict[str, int] = {}

    def breaks(self) -> Iterator[Break]:
        """Give what is broken, in the order of the chain."""
        for number in self._numbers():
            row = self._connection.execute(select(seal).where(seal.c.number == number)).one()
            values = dict(row._mapping)
            yield from self._chain(values)
            yield from self._rows(values)
            self.report.head = Head(values["number"], values["hash"])
            self.report.seals += 1
        for number in sorted(self._noted):
            yield Break("head_missing", number)

    def _numbers(self) -> list[int]:
        return list(self._connection.scalars(select(seal.c.number).order_by(seal.c.number)))

    def _chain(self, values: dict[str, Any]) -> Iterator[Break]:
        number, log, head = values["number"], values["log"], self.report.head
        for missing in range(head.number + 1, number):
            yield Break("seal_missing", missing)
        if not _is_itself(values):
            yield Break("seal_changed", number, log)
        elif number == head.number + 1 and values["previous"] != head.hash:
            yield Break("seal_unlinked", number, log)
        noted = self._noted.pop(number, values["hash"])
        if noted != values["hash"]:
            yield Break("head_changed", number, log)

    def _rows(self, values: dict[str, Any]) -> Iterator[Break]:
        number, log, last = values["number"], values["log"], values["last"]
        if log not in FORMS.get(values["form"], {}):
            return  # told as a changed seal
        after = self._ends.get(log)
        sealed = dict(unpacked(values["rows"]))
        self.report.rows += len(sealed)
        form = values["form"]
        for row_id, found in hashed_rows(self._connection, log, form, after=after, last=last):
            expected = sealed.pop(row_id, None)
            if expected is None:
                yield Break("row_added", number, log, row_id)
            elif expected != found:
                yield Break("row_changed", number, log, row_id)
        for row_id in sealed:
            yield Break("row_missing", number, log, row_id)
        self._ends[log] = max(last, after or 0)


def _is_itself(values: dict[str, Any]) -> bool:
    """Tell whether a seal still says what it was made of."""
    if values["log"] not in LOGS or values["log"] not in FORMS.get(values["form"], {}):
        return False
    if not isinstance(values["at"], datetime):
        return False
    rows: bytes = values["rows"]
    whole = len(rows) == values["count"] * WIDTH
    if not whole or digest_of(rows) != values["digest"]:
        return False
    return bool(seal_hash(values) == values["hash"])
