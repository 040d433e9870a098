"""What a deletion reaches: every link of every object that points to what goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, bindparam, select

from engine.errors import DeleteBlocked
from engine.query.pointing import pointed_ids, points_to_ids
from engine.records.labels import labels_of
from engine.records.reach import readable_ids
from engine.records.shape import MOST_IDS, Shape, Stored, run, shape_of
from engine.storage.snapshot import Unit

SAMPLES = 5
"""How many of the blocking records are named."""

Falling = dict[str, dict[int, Stored]]
"""Object -> id -> record that goes to the bin."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A link of ``object`` that may name records of ``target``."""

    object: str
    key: str
    target: str
    on_delete: str  # restrict | clear | cascade


@dataclass(slots=True)
class Reached:
    """What one deletion does, found before anything is written.

    ``cleared``: object -> id -> (record, keys of its links to empty).
    """

    falling: Falling = field(default_factory=dict)
    cleared: dict[str, dict[int, tuple[Stored, list[str]]]] = field(default_factory=dict)
    blocking: dict[tuple[str, str], dict[int, Stored]] = field(default_factory=dict)


def inbound_links(unit: Unit, object_key: str) -> Sequence[Inbound]:
    """Give the links of all objects that point to an object."""
    found = unit.snapshot.once("inbound links", lambda: _compose(unit))
    return found.get(object_key, ())


def reach_of(unit: Unit, shape: Shape, record: Stored) -> Reached:
    """Find all that falls, is cleared or stands in the way when a record goes to the bin."""
    reached = Reached()
    reached.falling[shape.key] = {record.id: record}
    waiting = [(shape.key, [record.id])]
    while waiting:
        object_key, ids = waiting.pop()
        for link in inbound_links(unit, object_key):
            fresh = _follow(unit, reached, link, ids)
            if fresh:
                waiting.append((link.object, fresh))
    _forget_falling(reached)
    return reached


def refuse_blocked(unit: Unit, reached: Reached) -> None:
    """Stop where records refuse to lose the one they name.

    Raises:
        DeleteBlocked: ``blockers`` holds, per object and field, how many and some of them; only
            those that the actor may read are named.
    """
    if not reached.blocking:
        return
    blockers = [
        {
            "object": object_key,
            "field": key,
            "count": len(records),
            "samples": _samples(unit, object_key, records),
        }
        for (object_key, key), records in reached.blocking.items()
    ]
    raise DeleteBlocked(blockers=blockers)


def linked(
    unit: Unit, link: Inbound, ids: Sequence[int], *, batch: str | None = None
) -> list[Stored]:
    """Give the records whose link names one of ``ids``: live ones, or those of a batch."""
    shape = shape_of(unit, link.object)
    name = ("linked", link.object, link.key, link.target, batch is None)
    statement = unit.snapshot.once(name, lambda: _linked(shape, link, live=batch is None))
    pointed = pointed_ids(shape.fields[link.key], link.target, ids)
    found = []
    for first in range(0, len(pointed), MOST_IDS):
        parameters: dict[str, Any] = {"at_ids": pointed[first : first + MOST_IDS]}
        if batch is not None:
            parameters["batch"] = batch
        found += [shape.stored(row) for row in run(unit, statement, parameters)]
    return found


def _compose(unit: Unit) -> Mapping[str, Sequence[Inbound]]:
    found: dict[str, list[Inbound]] = {}
    for object_key in unit.snapshot.objects:
        shape = shape_of(unit, object_key)
        for key in shape.links:
            kind, definition = shape.fields[key].type, shape.fields[key].definition
            # Who made or owned a record stays written on it, whatever became of that person.
            rule = definition.props.get("on_delete", "" if definition.system else "clear")
            if rule:
                for target in kind.objects(definition):
                    link = Inbound(object_key, key, target, rule)
                    found.setdefault(target, []).append(link)
    return found


def _follow(unit: Unit, reached: Reached, link: Inbound, ids: Sequence[int]) -> list[int]:
    """Note what one link brings; gives the ids that fall anew."""
    records = linked(unit, link, ids)
    if link.on_delete == "restrict":
        for record in records:
            reached.blocking.setdefault((link.object, link.key), {})[record.id] = record
        return []
    if link.on_delete == "clear":
        for record in records:
            held = reached.cleared.setdefault(link.object, {})
            keys = held.setdefault(record.id, (record, []))[1]
            if link.key not in keys:
                keys.append(link.key)
        return []
    falling = reached.falling.setdefault(link.object, {})
    fresh = [record for record in records if record.id not in falling]
    falling.update({record.id: record for record in fresh})
    return [record.id for record in fresh]


def _forget_falling(reached: Reached) -> None:
    """What falls itself neither stands in the way nor needs its links emptied."""
    for (object_key, key), records in list(reached.blocking.items()):
        for record_id in records.keys() & reached.falling.get(object_key, {}).keys():
            del records[record_id]
        if not records:
            del reached.blocking[(object_key, key)]
    for object_key, held in reached.cleared.items():
        for record_id in held.keys() & reached.falling.get(object_key, {}).keys():
            del held[record_id]


def _samples(unit: Unit, object_key: str, records: Mapping[int, Stored]) -> list[dict[str, Any]]:
    mine = readable_ids(unit, object_key, {one.id: one.owner for one in records.values()})
    shown = [record.id for record in records.values() if record.id in mine][:SAMPLES]
    labels = labels_of(unit, {(object_key, record_id) for record_id in shown})
    return [{"id": number, "label": labels.get((object_key, number), "")} for number in shown]


def _linked(shape: Shape, link: Inbound, *, live: bool) -> Select[Any]:
    table = shape.table
    rows = (
        select(*shape.columns)
        .where(points_to_ids(shape.fields[link.key], link.target))
        .order_by(table.c.id)
        .with_for_update()
    )
    if live:
        return rows.where(table.c.deleted_at.is_(None))
    return rows.where(table.c.deleted_batch == bindparam("batch"))
