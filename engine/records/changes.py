"""The differences of one save, as history keeps them."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.history.write import FieldChange, json_value, shown_text
from engine.records.labels import Labels, label_in
from engine.records.shape import Shape
from engine.storage.snapshot import Unit


def new_changes(
    unit: Unit, shape: Shape, values: Mapping[str, Any], labels: Labels
) -> list[FieldChange]:
    """Give the filled fields of a new record as changes from nothing."""
    made = []
    for key, stored in values.items():
        if stored is None:
            continue
        field = shape.fields[key]
        text = shown_text(unit, field, stored, label_in(shape, labels, key, stored))
        made.append(FieldChange(field.id, None, json_value(field, stored), "", text))
    return made


def changes_between(
    unit: Unit,
    shape: Shape,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    keys: Iterable[str],
    labels: Labels,
) -> list[FieldChange]:
    """Give the changes of the fields ``keys``."""
    made = []
    for key in keys:
        field = shape.fields[key]
        before, after = old.get(key), new.get(key)
        made.append(
            FieldChange(
                field.id,
                json_value(field, before),
                json_value(field, after),
                shown_text(unit, field, before, label_in(shape, labels, key, before)),
                shown_text(unit, field, after, label_in(shape, labels, key, after)),
            )
        )
    return made
