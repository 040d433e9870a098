"""What a verb is: how one record is dealt with, what brings it back, why it is left alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import RecordNotFound
from engine.records.shape import load, shape_of
from engine.records.writing import Writing
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError

UNVERSIONED = Writing(unversioned=True)
"""Who changes a whole selection saw no single version."""


class Unchanged(PlatformError):
    """The record is already as it was to become."""

    code = "unchanged"
    status = 409


class ChangedSince(PlatformError):
    """Somebody changed the record after the action that is to be undone: it stays as it is."""

    code = "changed_since"
    status = 409


SKIPS = (Unchanged, ChangedSince)
"""Reasons to leave a record alone; everything else is a failure."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one job does: the object, the verb, the values it sets, the name of what it bins."""

    object: str
    verb: str
    values: Mapping[str, Any]
    batch: str


@dataclass(frozen=True, slots=True)
class Done:
    """A record that was dealt with: its version now, and what brings it back.

    ``version`` None: the verb has another way to see whether somebody was there since.
    """

    version: int | None = None
    before: Mapping[str, Any] | None = None


Do = Callable[[Unit, Task, int], Done]
Undo = Callable[[Unit, Task, int, Done], Done]


@dataclass(frozen=True, slots=True)
class Verb:
    """A bulk action.

    Attributes:
        right: the action that must be granted; "" for the one of the verb's own name.
        do: deals with one record.
        undo: takes it back, from what `do` gave; None: it is for good.
        takes_values: it sets fields.
        on_bin: its records lie in the bin.
        check: judges the values that are no fields, before any record is looked at.
    """

    right: str
    do: Do
    undo: Undo | None = None
    takes_values: bool = False
    on_bin: bool = False
    check: Callable[[Unit, str, Mapping[str, Any]], None] | None = None


def before(unit: Unit, task: Task, record_id: int, done: Done) -> dict[str, Any]:
    """Give the old values of a record that nobody changed since.

    Raises:
        RecordNotFound: it is gone.
        ChangedSince: somebody was there.
    """
    shape = shape_of(unit, task.object)
    record = load(unit, shape, record_id)
    if record.deleted:
        raise RecordNotFound(object=task.object, id=record_id)
    if record.version != done.version:
        raise ChangedSince
    keys = {str(field.id): key for key, field in shape.fields.items()}
    return {keys[number]: value for number, value in (done.before or {}).items() if number in keys}
