"""Names of records by id, for history and conflicts: what people saw at the moment of a change."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, select

from engine.access.scope import USER
from engine.fields.base import Label
from engine.records.shape import MOST_IDS, Shape, Stored, run
from engine.storage.snapshot import BoundObject, Unit

Labels = Mapping[tuple[str, int], str]
"""(object, id) -> name."""


def labels_of(
    unit: Unit,
    wanted: Iterable[tuple[str, int]],
    read: Mapping[tuple[str, int], Stored] | None = None,
) -> dict[tuple[str, int], str]:
    """Give the names of records, those in the bin included; unknown ids are left out.

    ``read``: records that were read before and need not be asked for again.
    """
    found = _known(unit, read or {})
    by_object: dict[str, set[int]] = {}
    for object_key, record_id in wanted:
        if (object_key, record_id) not in found:
            by_object.setdefault(object_key, set()).add(record_id)
    for object_key, ids in by_object.items():
        if object_key in unit.snapshot.objects:
            names = _names(unit, unit.snapshot.object(object_key), ids)
            found.update({(object_key, number): name for number, name in names.items()})
    return found


def links_in(shape: Shape, records: Iterable[Mapping[str, Any]]) -> set[tuple[str, int]]:
    """Give every (object, id) that the stored values of records link to."""
    found = set()
    for values in records:
        for key in values.keys() & shape.links.keys():
            if values[key] is not None:
                found.add((shape.links[key], values[key]))
    return found


def label_in(shape: Shape, labels: Labels, key: str, stored: Any) -> Label | None:
    """Give the label of a link's stored value; None for other fields and empty links."""
    target = shape.links.get(key)
    if target is None or stored is None:
        return None
    return Label(stored, labels.get((target, stored), f"#{stored}"))


def _known(unit: Unit, read: Mapping[tuple[str, int], Stored]) -> dict[tuple[str, int], str]:
    actor = unit.context.actor
    found = {} if actor.user_id is None else {(USER, actor.user_id): actor.name}
    for (object_key, record_id), record in read.items():
        name = unit.snapshot.object(object_key).name
        if not name.type.labelled:
            stored = record.values.get(name.key)
            text = name.type.text(stored, name.definition, unit.context.locale)
            found[(object_key, record_id)] = text
    return found


def _names(unit: Unit, bound: BoundObject, ids: Collection[int]) -> dict[int, str]:
    name = bound.name
    statement = unit.snapshot.once(
        ("names", bound.key),
        lambda: select(bound.table.c.id, name.column).where(
            bound.table.c.id.in_(bindparam("ids", expanding=True))
        ),
    )
    held = list(ids)
    rows: list[Any] = []
    for first in range(0, len(held), MOST_IDS):
        rows += run(unit, statement, {"ids": held[first : first + MOST_IDS]})
    if name.type.labelled:
        target = name.type.target(name.definition)
        inner = labels_of(unit, {(target, row[1]) for row in rows if row[1] is not None})
        return {row[0]: inner.get((target, row[1]), f"#{row[0]}") for row in rows}
    locale = unit.context.locale
    return {row[0]: name.type.text(row[1], name.definition, locale) for row in rows}
