"""Read what happened to a record, newest first, as much of it as the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, desc, null, select

from engine.access.roles import rights_of
from engine.errors import RecordNotFound
from engine.history.write import TEAM, FieldChange
from engine.query.members import admits
from engine.query.predicate import AccessPredicate
from engine.storage.kernel_tables import history
from engine.storage.snapshot import BoundObject, Unit

_ENTRIES = (
    select(history)
    .where(
        history.c.object_id == bindparam("object_id"),
        history.c.record_id == bindparam("record_id"),
        history.c.id < bindparam("before"),
    )
    .order_by(desc(history.c.id))
    .limit(bindparam("most"))
)
_SINCE = (
    select(history.c.changes)
    .where(
        history.c.object_id == bindparam("object_id"),
        history.c.record_id == bindparam("record_id"),
        history.c.version > bindparam("version"),
    )
    .order_by(history.c.id)
)
LAST = 2**62
MOST = 200


@dataclass(frozen=True, slots=True)
class SeenChange:
    """A change of a field that the reader may see; ``key`` is the field's key of today."""

    key: str
    change: FieldChange


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry as its reader sees it.

    ``hidden``: how many of its changes he may not see. ``team``: changes of places in its team.
    """

    id: int
    at: datetime
    by: int | None
    by_name: str
    address: str
    action: str
    version: int
    request_id: str
    changes: Sequence[SeenChange]
    hidden: int
    team: Sequence[FieldChange] = ()


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Entries, newest first; ``before`` asks for the next ones, None at the end."""

    entries: Sequence[Seen]
    before: int | None


def read_history(
    unit: Unit,
    predicate: AccessPredicate,
    object_key: str,
    record_id: int,
    before: int | None = None,
    limit: int = 50,
) -> HistoryPage:
    """Read a page of a record's history; the record may be in the bin.

    Args:
        unit: the call.
        predicate: which records of the object the reader may read.
        object_key: the object.
        record_id: the record.
        before: the id of an entry: give older ones.
        limit: the most entries, at most `MOST`.

    Raises:
        RecordNotFound: there is no such record, or it is out of reach.
    """
    bound = unit.snapshot.object(object_key)
    _check_reach(unit, bound, predicate, record_id)
    most = max(1, min(limit, MOST))
    rows = unit.connection.execute(
        _ENTRIES,
        {
            "object_id": bound.id,
            "record_id": record_id,
            "before": before or LAST,
            "most": most + 1,
        },
    ).all()
    keys = _visible_keys(unit, bound)
    entries = [_seen(row, keys) for row in rows[:most]]
    return HistoryPage(entries, entries[-1].id if len(rows) > most else None)


def fields_changed_since(
    unit: Unit, bound: BoundObject, record_id: int, version: int
) -> dict[int, Any]:
    """Give the fields that changed after ``version`` of a record: id -> value at that version."""
    rows = unit.connection.scalars(
        _SINCE, {"object_id": bound.id, "record_id": record_id, "version": version}
    )
    found: dict[int, Any] = {}
    for changes in rows:
        for change in changes:
            found.setdefault(change[0], change[1])
    return found


def _check_reach(
    unit: Unit, bound: BoundObject, predicate: AccessPredicate, record_id: int
) -> None:
    if predicate.object != bound.key:
        raise ValueError(f"a predicate of {predicate.object} says nothing about {bound.key}")
    statement = unit.snapshot.once(("history owner", bound.key), lambda: _owner_of(bound))
    row = unit.connection.execute(statement, {"record_id": record_id}).first()
    if row is None or not admits(unit, predicate, record_id, row[1]):
        raise RecordNotFound(object=bound.key, id=record_id)


def _owner_of(bound: BoundObject) -> Select[Any]:
    table = bound.table
    owner = bound.fields["owner"].column if "owner" in bound.fields else null()
    return select(table.c.id, owner).where(table.c.id == bindparam("record_id"))


def _visible_keys(unit: Unit, bound: BoundObject) -> dict[int, str]:
    rights = rights_of(unit)
    return {
        field.id: field.key
        for field in bound.fields.values()
        if rights.field_level(bound.key, field.key) != "hidden"
    }


def _seen(row: Any, keys: dict[int, str]) -> Seen:
    shown = [
        SeenChange(keys[change[0]], FieldChange(*change))
        for change in row.changes
        if change[0] in keys
    ]
    team = [FieldChange(*change) for change in row.changes if change[0] == TEAM]
    return Seen(
        id=row.id,
        at=row.at,
        by=row.by,
        by_name=row.by_name,
        address=row.address,
        action=row.action,
        version=row.version,
        request_id=row.request_id,
        changes=shown,
        hidden=len(row.changes) - len(shown) - len(team),
        team=team,
    )
