"""What a deletion would do, told before it is done: what falls, what is emptied, what refuses.

Nothing is locked here; the deletion itself looks again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, null, select

from engine.query.pointing import pointed_ids, points_to_ids
from engine.records.inbound import SAMPLES, Inbound, inbound_links
from engine.records.labels import labels_of
from engine.records.reach import readable_ids
from engine.records.shape import MOST_IDS, Shape, run, shape_of
from engine.storage.snapshot import Unit

Owners = dict[int, int | None]
"""Record id -> owner id."""


@dataclass(frozen=True, slots=True)
class Fallout:
    """Records of one object that a deletion reaches.

    Attributes:
        object: their object.
        on_delete: cascade (they fall too), clear (their link is emptied) or restrict.
        seen: how many the actor may read.
        unseen: how many he may not.
        samples: id and name of some that he may read; only of those that refuse.
    """

    object: str
    on_delete: str
    seen: int
    unseen: int
    samples: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class _Found:
    falling: dict[str, Owners] = field(default_factory=dict)
    others: dict[tuple[str, str], Owners] = field(default_factory=dict)


def fallout_of(unit: Unit, object_key: str, record_id: int) -> tuple[Fallout, ...]:
    """Tell what deleting a record would reach, counted by the actor's right to read."""
    found = _Found({object_key: {record_id: None}})
    waiting: list[tuple[str, Sequence[int]]] = [(object_key, [record_id])]
    while waiting:
        target, ids = waiting.pop()
        for link in inbound_links(unit, target):
            owners = _pointing(unit, link, ids)
            if link.on_delete != "cascade":
                found.others.setdefault((link.object, link.on_delete), {}).update(owners)
                continue
            falling = found.falling.setdefault(link.object, {})
            fresh = {one: owner for one, owner in owners.items() if one not in falling}
            falling.update(fresh)
            if fresh:
                waiting.append((link.object, list(fresh)))
    return tuple(_told(unit, found, object_key, record_id))


def _told(unit: Unit, found: _Found, object_key: str, record_id: int) -> list[Fallout]:
    told = []
    for key, owners in found.falling.items():
        rest = {
            one: owner for one, owner in owners.items() if (key, one) != (object_key, record_id)
        }
        told.append(_fallout(unit, key, "cascade", rest))
    for (key, rule), owners in found.others.items():
        falling = found.falling.get(key, {})
        rest = {one: owner for one, owner in owners.items() if one not in falling}
        told.append(_fallout(unit, key, rule, rest))
    return [one for one in told if one.seen or one.unseen]


def _fallout(unit: Unit, object_key: str, rule: str, owners: Mapping[int, int | None]) -> Fallout:
    mine = readable_ids(unit, object_key, owners)
    seen = [one for one in owners if one in mine]
    samples: tuple[tuple[int, str], ...] = ()
    if rule == "restrict":
        first = seen[:SAMPLES]
        labels = labels_of(unit, {(object_key, one) for one in first})
        samples = tuple((one, labels.get((object_key, one), "")) for one in first)
    return Fallout(object_key, rule, len(seen), len(owners) - len(seen), samples)


def _pointing(unit: Unit, link: Inbound, ids: Sequence[int]) -> Owners:
    shape = shape_of(unit, link.object)
    name = ("pointing", link.object, link.key, link.target)
    statement = unit.snapshot.once(name, lambda: _compose(shape, link))
    pointed = pointed_ids(shape.fields[link.key], link.target, ids)
    owners: Owners = {}
    for first in range(0, len(pointed), MOST_IDS):
        rows: Any = run(unit, statement, {"at_ids": pointed[first : first + MOST_IDS]})
        owners.update({row[0]: row[1] for row in rows})
    return owners


def _compose(shape: Shape, link: Inbound) -> Select[Any]:
    owner = shape.fields.get("owner")
    return (
        select(shape.table.c.id, owner.column if owner else null())
        .where(
            points_to_ids(shape.fields[link.key], link.target),
            shape.table.c.deleted_at.is_(None),
        )
        .order_by(shape.table.c.id)
    )
