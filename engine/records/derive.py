"""Computed fields of a record that is being saved, and those of others that read it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from engine.derived.affected import Touch
from engine.derived.fill import fill
from engine.derived.follow import follow, together
from engine.records.shape import Shape, Stored
from engine.storage.snapshot import Unit

__all__ = ["Touch", "came_back", "fill_changed", "fill_new", "follow", "made", "together", "went"]


def fill_new(
    unit: Unit,
    shape: Shape,
    new: dict[str, Any],
    created_at: datetime | None,
    changed: Collection[str] | None = None,
) -> None:
    """Compute the fields of a record that is not written yet; ``changed``: what came late."""
    if shape.computed or shape.following:
        at = created_at or unit.context.now
        facts = {"created_at": at, "created_by": unit.context.actor.user_id}
        whole = {**facts, **new}
        fill(unit, shape.bound, whole, changed)
        new.update({key: whole[key] for key in (*shape.computed, *shape.following)})


def fill_changed(
    unit: Unit, shape: Shape, record: Stored, new: dict[str, Any], changed: Collection[str]
) -> list[str]:
    """Compute what depends on changed fields of a record; gives those that differ by it.

    Sums over lines that are saved with it stand in ``new`` already.
    """
    if not shape.computed and not shape.following:
        return []
    summed = [key for key in shape.computed if new[key] != record.values[key]]
    whole = {**record.facts, **new}
    found = fill(unit, shape.bound, whole, [*changed, *summed])
    new.update({key: whole[key] for key in found})
    return [*summed, *(key for key in found if key not in summed)]


def made(shape: Shape, records: Mapping[int, Mapping[str, Any]]) -> Touch:
    """Tell of new records: id -> values."""
    return Touch(shape.key, {number: (None, new) for number, new in records.items()}, None)


def went(shape: Shape, records: Mapping[int, Stored]) -> Touch:
    """Tell of records that go to the bin."""
    rows = {number: (record.values, None) for number, record in records.items()}
    return Touch(shape.key, rows, None)


def came_back(shape: Shape, records: Mapping[int, Stored]) -> Touch:
    """Tell of records that come back from the bin: what they compute may be old by now."""
    rows = {number: (None, record.values) for number, record in records.items()}
    return Touch(shape.key, rows, None, itself=True)
