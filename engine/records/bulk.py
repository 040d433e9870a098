"""The same verb on many chosen records, with an outcome for each."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from engine.records.change import change
from engine.records.outcome import NO_CONTENT, OK, Outcome, attempt
from engine.records.purge import purge
from engine.records.remove import remove
from engine.records.restore import restore
from engine.records.writing import Writing, Written
from engine.storage.snapshot import Unit

UNVERSIONED = Writing(unversioned=True)
"""Who changes a whole selection saw no single version."""


def change_each(
    unit: Unit, object_key: str, record_ids: Sequence[int], values: Mapping[str, Any]
) -> list[Outcome]:
    """Set the same values on each record that the actor may change."""

    def verb(record_id: int) -> Written:
        return change(unit, object_key, record_id, values, version=None, writing=UNVERSIONED)

    return _each(unit, record_ids, verb, OK)


def remove_each(unit: Unit, object_key: str, record_ids: Sequence[int]) -> list[Outcome]:
    """Move each record to the bin, each as a batch of its own.

    A record that fell with an earlier one of the same selection counts as removed.
    """
    fallen: set[int] = set()

    def verb(record_id: int) -> Written:
        if record_id not in fallen:
            fallen.update(remove(unit, object_key, record_id).records.get(object_key, ()))
        return Written(record_id, 0)

    return _each(unit, record_ids, verb, NO_CONTENT)


def restore_each(unit: Unit, object_key: str, record_ids: Sequence[int]) -> list[Outcome]:
    """Bring each record back from the bin; one that came with an earlier one is back already."""
    back: set[int] = set()

    def verb(record_id: int) -> Written:
        if record_id not in back:
            back.update(restore(unit, object_key, record_id).get(object_key, ()))
        return Written(record_id, 0)

    return _each(unit, record_ids, verb, NO_CONTENT)


def purge_each(unit: Unit, object_key: str, record_ids: Sequence[int]) -> list[Outcome]:
    """Delete each record in the bin for good."""
    gone: set[int] = set()

    def verb(record_id: int) -> Written:
        if record_id not in gone:
            gone.update(purge(unit, object_key, record_id).get(object_key, ()))
        return Written(record_id, 0)

    return _each(unit, record_ids, verb, NO_CONTENT)


def _each(
    unit: Unit, record_ids: Sequence[int], verb: Callable[[int], Written], status: int
) -> list[Outcome]:
    return [
        attempt(unit, partial(verb, record_id), status=status, record_id=record_id)
        for record_id in dict.fromkeys(record_ids)
    ]
