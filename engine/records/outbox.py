"""Events leave with the change: rows of the outbox, written in the same transaction."""

from collections.abc import Sequence
from typing import Any

from engine.events import EventKind, RecordEvent
from engine.history.write import FieldChange
from engine.query.organisation import DECISIVE, DEPARTMENT, USER, changed
from engine.records.shape import Shape
from engine.storage.fixed_insert import FixedInsert
from engine.storage.kernel_tables import event
from engine.storage.snapshot import Snapshot, Unit

QUIET = frozenset({"record.updated", "team.added", "team.changed", "team.removed"})
"""Kinds that change the organisation only if they name a field that decides it."""
_INSERT = FixedInsert(event, ("at", "kind", "object_id", "record_id", "by", "data"))


def tell(
    unit: Unit,
    shape: Shape,
    kind: EventKind,
    record_id: int,
    version: int,
    changes: Sequence[FieldChange] = (),
) -> None:
    """Write one event."""
    fields = [change.field_id for change in changes]
    made = RecordEvent(kind, shape.bound.id, record_id, version, fields)
    _INSERT.one(unit.connection, _row(unit, made))
    _note_organisation(unit, (made,))


def tell_all(unit: Unit, events: Sequence[RecordEvent]) -> None:
    """Write many events, in their order."""
    _INSERT.many(unit.connection, [_row(unit, made) for made in events])
    _note_organisation(unit, events)


def _note_organisation(unit: Unit, events: Sequence[RecordEvent]) -> None:
    """Note a change of who stands below whom: every verb tells what it did, so none is missed."""
    decisive = unit.snapshot.once("decisive fields", lambda: _decisive(unit.snapshot))
    for made in events:
        fields = decisive.get(made.object_id)
        if fields is None:
            continue
        if made.kind not in QUIET or not fields.isdisjoint(made.fields):
            changed(unit)
            return


def _decisive(snapshot: Snapshot) -> dict[int, frozenset[int]]:
    """Give, by the ids of objects, the fields that decide who stands below whom."""
    objects = (snapshot.objects.get(key) for key in (USER, DEPARTMENT))
    return {
        one.id: frozenset(one.fields[key].id for key in DECISIVE & one.fields.keys())
        for one in objects
        if one is not None
    }


def _row(unit: Unit, made: RecordEvent) -> dict[str, Any]:
    return {
        "at": unit.context.now,
        "kind": made.kind,
        "object_id": made.object_id,
        "record_id": made.record_id,
        "by": unit.context.actor.user_id,
        "data": {
            "version": made.version,
            "fields": list(made.fields),
            **({"user": made.user} if made.user is not None else {}),
        },
    }
