"""Names of records by id, for history and conflicts: what people saw at the moment of a change."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.access.scope import USER
from engine.query.names import names_of
from engine.records.shape import Shape, Stored
from engine.storage.snapshot import Unit

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
    found.update(names_of(unit, (place for place in wanted if place not in found)))
    return found


def links_in(shape: Shape, records: Iterable[Mapping[str, Any]]) -> set[tuple[str, int]]:
    """Give every (object, id) that the stored values of records link to."""
    found: set[tuple[str, int]] = set()
    for values in records:
        for key in shape.links:
            if values.get(key) is not None:
                found.update(shape.named(key, values[key]))
    return found


def label_in(shape: Shape, labels: Labels, key: str, stored: Any) -> Any:
    """Give a link's stored value with the names of records; None for other fields."""
    field = shape.fields[key]
    if stored is None or not field.type.labelled:
        return None
    return field.type.with_names(stored, field.definition, labels)


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
