"""Bring a record back from the bin, with what fell with it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Update, bindparam, null, update
from sqlalchemy.exc import IntegrityError

from engine.access.roles import rights_of
from engine.errors import RecordNotFound
from engine.events import RecordEvent
from engine.fields.base import Named
from engine.history.write import HistoryEntry, write_histories
from engine.records.derive import Touch, came_back, follow
from engine.records.inbound import Falling, inbound_links, linked
from engine.records.line_plans import refuse_alone
from engine.records.links import find_targets
from engine.records.outbox import tell_all
from engine.records.reach import require_reach
from engine.records.remove import clear_links
from engine.records.search_entry import add_entries
from engine.records.shape import MOST_IDS, Shape, Stored, load, load_all, run, shape_of
from engine.records.uniqueness import add_conflicts, is_unique_violation
from engine.records.writing import Faults
from engine.storage.snapshot import Unit

_Lost = dict[str, set[Named]]
"""Link -> the records it names that are gone."""


def restore(unit: Unit, object_key: str, record_id: int) -> dict[str, list[int]]:
    """Bring a record back, and what fell with it by cascade.

    Returns:
        Object -> ids of all that came back.

    Raises:
        RecordNotFound: it is not in the bin, or out of reach.
        Forbidden: restoring is not granted.
        InvalidInput: ``not_unique``: a live record has its value now; ``link_in_bin``: it needs
            a record that is itself in the bin, or gone.
    """
    rights_of(unit).require(object_key, "restore")
    refuse_alone(unit, object_key)
    shape = shape_of(unit, object_key)
    record = load_binned(unit, shape, record_id, "restore")
    rising = fallen_with(unit, shape, record)
    faults = Faults()
    loose: list[tuple[str, int, _Lost]] = []
    for key, records in rising.items():
        inner = shape_of(unit, key)
        for held in records.values():
            add_conflicts(unit, inner, held.values, faults)
            lost = _lost_links(unit, inner, held, rising, faults)
            if lost:
                loose.append((key, held.id, lost))
    faults.raise_any()
    touches = []
    for key, records in rising.items():
        inner = shape_of(unit, key)
        _raise_up(unit, inner, list(records.values()))
        touches.append(came_back(inner, records))
    touches += _clear_lost(unit, loose)
    follow(unit, touches)
    return {key: list(records) for key, records in rising.items()}


def load_binned(unit: Unit, shape: Shape, record_id: int, action: str) -> Stored:
    """Read a record that is in the bin and within reach of ``action``.

    Raises:
        RecordNotFound: it is not there, not in the bin, or out of reach.
        Forbidden: it may be read, but not this.
    """
    record = load(unit, shape, record_id)
    require_reach(unit, shape, record, action)
    if not record.deleted:
        raise RecordNotFound(object=shape.key, id=record_id)
    return record


def fallen_with(unit: Unit, shape: Shape, record: Stored) -> Falling:
    """Give a binned record and all of its batch that hang on it by cascade."""
    found: Falling = {shape.key: {record.id: record}}
    waiting = [(shape.key, [record.id])]
    while waiting and record.deleted_batch is not None:
        object_key, ids = waiting.pop()
        for link in inbound_links(unit, object_key):
            if link.on_delete != "cascade":
                continue
            known = found.setdefault(link.object, {})
            children = linked(unit, link, ids, batch=record.deleted_batch)
            fresh = {child.id: child for child in children if child.id not in known}
            known.update(fresh)
            if fresh:
                waiting.append((link.object, list(fresh)))
    return {key: records for key, records in found.items() if records}


def _lost_links(
    unit: Unit, shape: Shape, record: Stored, rising: Falling, faults: Faults
) -> _Lost:
    """Give, by link, what must be taken out of it, because it is gone meanwhile."""
    wanted: _Lost = {}
    for key in shape.links:
        if shape.fields[key].definition.system:
            continue
        places = {
            (target, one)
            for target, one in shape.named(key, record.values[key])
            if one not in rising.get(target, {}) and target in unit.snapshot.objects
        }
        if places:
            wanted[key] = places
    by_object: dict[tuple[str, bool], set[int]] = {}
    for target, one in set().union(*wanted.values()):
        by_object.setdefault((target, False), set()).add(one)
    live = find_targets(unit, by_object)
    lost = {key: places - live.keys() for key, places in wanted.items() if places - live.keys()}
    for key, gone in list(lost.items()):
        field = shape.fields[key]
        rest = field.type.without(record.values[key], field.definition, gone)
        if not _may_clear(shape, key, empties=rest is None):
            faults.add(key, "link_in_bin", object=min(gone)[0])
            del lost[key]
    return lost


def _may_clear(shape: Shape, key: str, *, empties: bool) -> bool:
    definition = shape.fields[key].definition
    needed = definition.required and empties
    return definition.props.get("on_delete", "clear") == "clear" and not needed


def _raise_up(unit: Unit, shape: Shape, records: Sequence[Stored]) -> None:
    statement = unit.snapshot.once(("unbin", shape.key), lambda: _from_bin(shape))
    ids = [record.id for record in records]
    try:
        with unit.connection.begin_nested():
            for first in range(0, len(ids), MOST_IDS):
                run(unit, statement, {"at_ids": ids[first : first + MOST_IDS]})
    except IntegrityError as error:
        if error.orig is None or not is_unique_violation(error.orig):
            raise
        faults = Faults()
        for record in records:
            add_conflicts(unit, shape, record.values, faults)
        if not faults.found:
            faults.add("", "not_unique")
        faults.raise_any()
    add_entries(unit, shape, [(record.id, record.values) for record in records])
    entries = [HistoryEntry(record.id, "restore", record.version + 1) for record in records]
    write_histories(unit, shape.bound, entries)
    tell_all(
        unit,
        [
            RecordEvent("record.restored", shape.bound.id, record.id, record.version + 1)
            for record in records
        ],
    )


def _clear_lost(unit: Unit, loose: Sequence[tuple[str, int, _Lost]]) -> list[Touch]:
    touches = []
    for object_key, record_id, lost in loose:
        shape = shape_of(unit, object_key)
        for record in load_all(unit, shape, [record_id]):
            gone = set().union(*lost.values())
            touches.append(clear_links(unit, shape, record, list(lost), gone))
    return touches


def _from_bin(shape: Shape) -> Update:
    table = shape.table
    values: dict[str, Any] = {
        "version": table.c.version + 1,
        "deleted_at": null(),
        "deleted_by_id": null(),
        "deleted_batch": null(),
    }
    return (
        update(table).where(table.c.id.in_(bindparam("at_ids", expanding=True))).values(**values)
    )
