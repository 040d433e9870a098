"""What can be done with many records at once, and how each of it is undone.

A verb deals with one record, in the transaction of its chunk, by the very gateway that single
saves pass: rights, rules and history are the same. A new verb is a new entry of `VERBS`.
"""

from collections.abc import Mapping

from engine.bulk import members
from engine.bulk.hand_over import HAND_OVER, hand_over, take_back_hand_over
from engine.bulk.verb import (
    UNVERSIONED,
    ChangedSince,
    Done,
    Task,
    Unchanged,
    Verb,
    before,
)
from engine.errors import RecordNotFound
from engine.records.act import act, take_back
from engine.records.change import change
from engine.records.overriding import to_undo
from engine.records.purge import purge
from engine.records.remove import remove
from engine.records.restore import restore
from engine.records.shape import load, load_all, shape_of
from engine.storage.snapshot import Unit


def _edit(unit: Unit, task: Task, record_id: int) -> Done:
    written = change(unit, task.object, record_id, task.values, version=None, writing=UNVERSIONED)
    before = to_undo(shape_of(unit, task.object), task.values, written.changes)
    if not before:
        raise Unchanged
    return Done(written.version, before)


def _act(unit: Unit, task: Task, record_id: int) -> Done:
    written = act(unit, task.object, record_id, task.verb, task.values)
    if not written.changes:
        raise Unchanged
    return Done(written.version, {str(one.field_id): one.old for one in written.changes})


def _undo_edit(unit: Unit, task: Task, record_id: int, done: Done) -> Done:
    """Bring the old values back; a record that anybody changed since stays as it is."""
    old = before(unit, task, record_id, done)
    written = change(unit, task.object, record_id, old, version=None, writing=UNVERSIONED)
    return Done(written.version)


def _undo_act(unit: Unit, task: Task, record_id: int, done: Done) -> Done:
    old = before(unit, task, record_id, done)
    return Done(take_back(unit, task.object, record_id, task.verb, old).version)


def _delete(unit: Unit, task: Task, record_id: int) -> Done:
    try:
        remove(unit, task.object, record_id, batch=f"{task.batch}-{record_id}")
    except RecordNotFound:
        fell = _batch_of(unit, task, record_id)
        if not fell.startswith(f"{task.batch}-"):
            raise
        return Done(None, {"batch": fell})  # it fell with another one of the same job
    return Done(None, {"batch": f"{task.batch}-{record_id}"})


def _undo_delete(unit: Unit, task: Task, record_id: int, done: Done) -> Done:
    """Bring a record back with what fell with it, unless it left the bin by another way."""
    batch = str((done.before or {}).get("batch"))
    record = load(unit, shape_of(unit, task.object), record_id)
    if not record.deleted and batch != f"{task.batch}-{record_id}":
        return Done()  # it came back with the one that it fell with
    if record.deleted_batch != batch:
        raise ChangedSince
    restore(unit, task.object, record_id)
    return Done()


def _restore(unit: Unit, task: Task, record_id: int) -> Done:
    shape = shape_of(unit, task.object)
    if not load(unit, shape, record_id).deleted:
        raise Unchanged
    restore(unit, task.object, record_id)
    return Done(load(unit, shape, record_id).version, {})


def _undo_restore(unit: Unit, task: Task, record_id: int, done: Done) -> Done:
    record = load(unit, shape_of(unit, task.object), record_id)
    if record.deleted or record.version != done.version:
        raise ChangedSince
    remove(unit, task.object, record_id, batch=f"{task.batch}-{record_id}")
    return Done()


def _purge(unit: Unit, task: Task, record_id: int) -> Done:
    """Delete for good; what an earlier one of the same job took with it is gone already."""
    if not load_all(unit, shape_of(unit, task.object), [record_id]):
        raise Unchanged
    purge(unit, task.object, record_id)
    return Done()


def _add_member(unit: Unit, task: Task, record_id: int) -> Done:
    kept = members.add(unit, task.object, record_id, task.values)
    if kept is None:
        raise Unchanged
    return Done(None, kept)


def _remove_member(unit: Unit, task: Task, record_id: int) -> Done:
    kept = members.take(unit, task.object, record_id, task.values)
    if kept is None:
        raise Unchanged
    return Done(None, kept)


def _undo_members(unit: Unit, task: Task, record_id: int, done: Done) -> Done:
    if not done.before or not members.bring_back(unit, done.before):
        raise ChangedSince
    return Done()


def _batch_of(unit: Unit, task: Task, record_id: int) -> str:
    return load(unit, shape_of(unit, task.object), record_id).deleted_batch or ""


VERBS: Mapping[str, Verb] = {
    "edit": Verb("update", _edit, _undo_edit, takes_values=True),
    "delete": Verb("delete", _delete, _undo_delete),
    "restore": Verb("restore", _restore, _undo_restore, on_bin=True),
    "purge": Verb("purge", _purge, on_bin=True),
    "add_member": Verb("manage_team", _add_member, _undo_members, check=members.check_members),
    "remove_member": Verb(
        "manage_team", _remove_member, _undo_members, check=members.check_members
    ),
}
"""What can be done with the records of any object, by the name that screens and the API use."""

DECLARED = Verb("", _act, _undo_act, takes_values=True)
"""An action that the document of the object declares: its name is that of the verb."""


WITHIN: Mapping[str, Verb] = {
    HAND_OVER: Verb(HAND_OVER, hand_over, take_back_hand_over, takes_values=True)
}
"""What the platform orders by itself, of records of several objects in one job."""


def verb_of(key: str) -> Verb:
    """Give what a name stands for; whether the object declares it is told when it is done."""
    return VERBS.get(key) or WITHIN.get(key, DECLARED)


def right_of(key: str) -> str:
    """Give the action that must be granted."""
    return verb_of(key).right or key
