"""Reading a page of a log, newest first, at the same speed however long the log has become.

A page begins at a cursor and follows one index: that of the period, or of the period within one
person, object, address or action. What no index tells is looked for among the next `EXAMINED`
lines; a page that has found less says where to go on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select, tuple_
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.errors import FieldError, InvalidInput
from engine.logs.lines import LogLine, data_lines, sign_in_lines, system_lines
from engine.logs.wanted import DATA, SHAPES, SIGN_INS, SYSTEM, LogFilter, LogShape
from engine.query.cursors import Cursor, read_cursor, write_cursor
from engine.storage.audit_tables import system_log
from engine.storage.kernel_tables import history
from engine.storage.snapshot import Unit
from engine.storage.types import Instant

EXAMINED = 20_000
MOST = 500
MOST_PEOPLE = 100
"""People that part of a name may mean."""

_LINES: Mapping[str, Callable[[Unit, Sequence[Any]], list[LogLine]]] = {
    SIGN_INS: sign_in_lines,
    DATA: data_lines,
    SYSTEM: system_lines,
}


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines, newest first. ``reached``: how far back was looked, when lines may be missing."""

    lines: Sequence[LogLine]
    next_cursor: str | None = None
    reached: datetime | None = None


def require_log(unit: Unit, log: str) -> LogShape:
    """Give the shape of a log to somebody who may read it.

    Raises:
        Forbidden: not granted.
        InvalidInput: there is no such log.
    """
    if log not in SHAPES:
        raise InvalidInput([FieldError("log", "unknown_log", {"value": log})])
    rights_of(unit).require_admin(SHAPES[log].right)
    return SHAPES[log]


def read_log(
    unit: Unit, log: str, wanted: LogFilter, *, cursor: str | None = None, limit: int = 50
) -> LogPage:
    """Read a page of a log.

    Raises:
        Forbidden: not granted.
        UnknownObject: the filter names an object that is not there.
        InvalidInput: there is no such log, or the cursor is none of it.
    """
    shape, most = require_log(unit, log), max(1, min(limit, MOST))
    table = shape.table
    search = _Search(unit, shape, wanted)
    led = search.led(table.c)
    if cursor:
        found = read_cursor(cursor, log, ("instant",))
        led.append(_before(table, found.values[0], found.id))
    one_record = wanted.object and wanted.record is not None
    by_time = (table.c.at.desc(), table.c.id.desc())
    # By id a record's own index is followed; its lines are few, and put in order after that.
    query = select(table).where(*led).order_by(*(by_time[1:] if one_record else by_time))
    if not one_record and not search.others(table.c):
        rows = unit.connection.execute(query.limit(most + 1)).all()
        return _page(unit, log, rows, most)
    near = query.limit(EXAMINED).subquery()
    kept = select(near).where(*search.others(near.c))
    kept = kept.order_by(near.c.at.desc(), near.c.id.desc()).limit(most + 1)
    rows = unit.connection.execute(kept).all()
    if len(rows) > most:
        return _page(unit, log, rows, most)
    last = query.with_only_columns(table.c.at, table.c.id).offset(EXAMINED - 1).limit(1)
    end = unit.connection.execute(last).first()
    page = _page(unit, log, rows, most)
    if end is None:
        return page
    return LogPage(page.lines, write_cursor(Cursor((end.at,), end.id), log), end.at)


def _page(unit: Unit, log: str, rows: Sequence[Any], most: int) -> LogPage:
    shown = rows[:most]
    after = None
    if len(rows) > most:
        after = write_cursor(Cursor((shown[-1].at,), shown[-1].id), log)
    return LogPage(_LINES[log](unit, shown), after)


Condition = ColumnElement[bool]
Columns = ReadOnlyColumnCollection[str, Any]


class _Search:
    """A filter as conditions: on the log itself, or on the part of it that is looked through."""

    def __init__(self, unit: Unit, shape: LogShape, wanted: LogFilter) -> None:
        self._shape, self._wanted = shape, wanted
        in_data = shape.table is history and wanted.object
        self._object = unit.snapshot.object(wanted.object).id if in_data else None
        ids = _people(unit, wanted.who) if wanted.who else None
        self._people = [wanted.by] if wanted.by is not None else ids

    def led(self, c: Columns) -> list[Condition]:
        """Give what an index follows: the period, and the first condition that has one."""
        wanted = self._wanted
        found: list[Condition] = []
        if wanted.since is not None:
            found.append(c.at >= wanted.since)
        if wanted.until is not None:
            found.append(c.at < wanted.until)
        leading = [condition for has_index, condition in self._choices(c) if has_index]
        return [*found, *leading[:1]]

    def others(self, c: Columns) -> list[Condition]:
        """Give the rest."""
        choices = self._choices(c)
        first = next((at for at, one in enumerate(choices) if one[0]), None)
        return [one[1] for at, one in enumerate(choices) if at != first]

    def _choices(self, c: Columns) -> list[tuple[bool, Condition]]:
        wanted, shape = self._wanted, self._shape
        found: list[tuple[bool, Condition]] = []
        if self._object is not None and wanted.record is not None:
            here = and_(c.object_id == self._object, c.record_id == wanted.record)
            found.append((True, here))
        if self._people is not None:
            found.append((len(self._people) == 1, c[shape.by].in_(self._people)))
        if self._object is not None and wanted.record is None:
            found.append((True, c.object_id == self._object))
        if wanted.action:
            found.append((shape.actions, c[shape.action] == wanted.action))
        if wanted.address:
            found.append((False, c.address.startswith(wanted.address, autoescape=True)))
        if wanted.about and shape.about:
            found.append((False, c[shape.about].contains(wanted.about, autoescape=True)))
        if wanted.marked and shape.table is system_log:
            found.append((False, c.marked.is_(True)))
        return found


def _people(unit: Unit, who: str) -> list[int]:
    """Find people by part of the name, or the end of the mobile number."""
    if USER not in unit.snapshot.objects:
        return []
    user = unit.snapshot.object(USER)
    name, mobile = user.field("name").column, user.field("mobile").column
    alike = or_(name.contains(who, autoescape=True), mobile.endswith(who, autoescape=True))
    query = select(user.table.c.id).where(alike).order_by(user.table.c.id).limit(MOST_PEOPLE)
    return list(unit.connection.scalars(query))


def _before(table: Any, at: datetime, last: int) -> Condition:
    return tuple_(table.c.at, table.c.id) < tuple_(literal(at, Instant()), literal(last))
