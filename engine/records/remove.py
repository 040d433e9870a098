"""Move a record to the recycle bin, with what falls with it, as one batch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Update, bindparam, update

from engine.access.roles import rights_of
from engine.access.scope import DEPARTMENT
from engine.audit.deeds import log_deed
from engine.errors import SaveConflict
from engine.events import RecordEvent
from engine.fields.base import Named
from engine.history.write import HistoryEntry, write_histories
from engine.records.changes import changes_between
from engine.records.company import refuse_root
from engine.records.derive import Touch, fill_changed, follow, went
from engine.records.inbound import Reached, reach_of, refuse_blocked
from engine.records.labels import labels_of, links_in
from engine.records.line_plans import refuse_alone
from engine.records.outbox import tell_all
from engine.records.reach import require_reach
from engine.records.search_entry import change_entry, remove_entries
from engine.records.shape import MOST_IDS, Shape, Stored, load_live, run, shape_of
from engine.records.side_rows import change_side_rows
from engine.storage.snapshot import Unit


@dataclass(frozen=True, slots=True)
class Removed:
    """What went to the bin: object -> ids, all under one batch."""

    batch: str
    records: Mapping[str, Sequence[int]]


def remove(
    unit: Unit,
    object_key: str,
    record_id: int,
    *,
    version: int | None = None,
    batch: str | None = None,
) -> Removed:
    """Move a record to the bin; links to it are emptied, followed or stand in the way.

    Args:
        unit: the transaction; on an error its caller rolls it back.
        object_key: of which object.
        record_id: which record.
        version: the version that the caller saw; None deletes whatever is there now.
        batch: what names the batch; None makes a name up.

    Returns:
        What fell; all of it carries one batch, and comes back together.

    Raises:
        RecordNotFound: no such record, or out of reach.
        Forbidden: it may be read but not deleted.
        SaveConflict: somebody changed it since ``version``.
        DeleteBlocked: records that refuse to lose it.
        RootStays: it is the department at the top.
    """
    rights_of(unit).require(object_key, "delete")
    refuse_alone(unit, object_key)
    shape = shape_of(unit, object_key)
    record = load_live(unit, shape, record_id)
    require_reach(unit, shape, record, "delete")
    if version is not None and version != record.version:
        raise SaveConflict(version=record.version, theirs={}, mine={})
    refuse_root(unit, shape, record.id)
    reached = reach_of(unit, shape, record)
    refuse_blocked(unit, reached)
    batch = batch or uuid4().hex
    touches = _clear_links(unit, reached)
    for key, records in reached.falling.items():
        inner = shape_of(unit, key)
        _bin(unit, inner, list(records.values()), batch)
        touches.append(went(inner, records))
    follow(unit, touches)
    if shape.key == DEPARTMENT:
        name = str(record.values.get("name") or "")
        log_deed(unit.connection, unit.context, "department.deleted", name, {"id": record.id})
    return Removed(batch, {key: list(records) for key, records in reached.falling.items()})


def drop(unit: Unit, shape: Shape, records: Sequence[Stored]) -> None:
    """Move lines to the bin that a save of their record left out; nobody brings them back."""
    _bin(unit, shape, records, uuid4().hex)
    follow(unit, [went(shape, {record.id: record for record in records})])


def _bin(unit: Unit, shape: Shape, records: Sequence[Stored], batch: str) -> None:
    statement = unit.snapshot.once(("bin", shape.key), lambda: _to_bin(shape))
    for first in range(0, len(records), MOST_IDS):
        run(
            unit,
            statement,
            {
                "at_ids": [record.id for record in records[first : first + MOST_IDS]],
                "at": unit.context.now,
                "actor": unit.context.actor.user_id,
                "batch": batch,
            },
        )
    remove_entries(unit, shape, [record.id for record in records])
    write_histories(
        unit,
        shape.bound,
        [HistoryEntry(record.id, "delete", record.version + 1) for record in records],
    )
    tell_all(
        unit,
        [
            RecordEvent("record.deleted", shape.bound.id, record.id, record.version + 1)
            for record in records
        ],
    )


def _clear_links(unit: Unit, reached: Reached) -> list[Touch]:
    gone = {(key, one) for key, records in reached.falling.items() for one in records}
    return [
        clear_links(unit, shape_of(unit, object_key), record, keys, gone)
        for object_key, held in reached.cleared.items()
        for record, keys in held.values()
    ]


def clear_links(
    unit: Unit, shape: Shape, record: Stored, keys: Sequence[str], gone: Collection[Named]
) -> Touch:
    """Take what is gone out of links of one record, with history, as a change of its own."""
    emptied = {
        key: field.type.without(record.values[key], field.definition, gone)
        for key in keys
        for field in (shape.fields[key],)
    }
    new = {**record.values, **emptied}
    derived = fill_changed(unit, shape, record, new, keys)
    row = shape.parameters({key: new[key] for key in (*keys, *derived)})
    row["version"] = record.version + 1
    row["updated_at"] = unit.context.now
    row["updated_by_id"] = unit.context.actor.user_id
    row["at_id"] = record.id
    row["at_version"] = record.version
    run(unit, shape.update, row)
    before = {key: record.values[key] for key in keys}
    labels = labels_of(unit, links_in(shape, [before]))
    changes = changes_between(unit, shape, before, emptied, keys, labels)
    change_side_rows(unit, shape, record.id, emptied)
    change_entry(unit, shape, record.id, new, [*keys, *derived])
    entry = HistoryEntry(record.id, "update", record.version + 1, changes)
    write_histories(unit, shape.bound, [entry])
    fields = [change.field_id for change in changes]
    event = RecordEvent("record.updated", shape.bound.id, record.id, record.version + 1, fields)
    tell_all(unit, [event])
    return Touch(shape.key, {record.id: (record.values, new)}, frozenset((*keys, *derived)))


def _to_bin(shape: Shape) -> Update:
    table = shape.table
    return (
        update(table)
        .where(table.c.id.in_(bindparam("at_ids", expanding=True)), table.c.deleted_at.is_(None))
        .values(
            version=table.c.version + 1,
            deleted_at=bindparam("at", type_=table.c.deleted_at.type),
            deleted_by_id=bindparam("actor"),
            deleted_batch=bindparam("batch"),
        )
    )
