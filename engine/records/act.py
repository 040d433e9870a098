"""Do an action that an object's document declares: a change of its own right, guarded by `when`.

What it asks for and what it sets pass the very gateway of an edit: rules, uniqueness, links,
history and events are the same; only the right, the name in history and the read-only fields
that it may write are the action's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.errors import FieldError, InvalidInput, UnknownAction
from engine.records.change import change
from engine.records.circles import take_turn
from engine.records.company import STATE, administers_more, refuse_above
from engine.records.defaults import default_maker
from engine.records.evaluate import Check, Ground, compose_check, read_path
from engine.records.reach import require_reach
from engine.records.shape import Shape, Stored, load_live, shape_of
from engine.records.validate import editable
from engine.records.writing import Doing, Writing, Written
from engine.storage.snapshot import BoundField, BoundObject, Snapshot, Unit
from metadata.errors import PlatformError
from metadata.model import ActionDef, say

UNDO = "undo"
"""What history calls an action that was taken back."""

Maker = Callable[[Ground], Any]


class ActionNotPossible(PlatformError):
    """The record is not in the state that the action is for."""

    code = "action_not_possible"
    status = 409


@dataclass(frozen=True, slots=True)
class DeclaredAction:
    """An action of a document, ready to run: composed once per metadata version."""

    definition: ActionDef
    when: Check | None
    sets: Mapping[str, Maker]

    def holds(self, unit: Unit, values: Mapping[str, Any]) -> bool:
        """Tell whether a record of these stored values, its id among them, is one for it."""
        return self.when is None or self.when(Ground(unit, values))

    def made(self, unit: Unit, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give the stored values that it sets on a record."""
        ground = Ground(unit, values)
        return {key: make(ground) for key, make in self.sets.items()}


def declared_actions(unit: Unit, object_key: str) -> Mapping[str, DeclaredAction]:
    """Give the actions that the document of an object declares."""
    bound = unit.snapshot.object(object_key)
    return unit.snapshot.once(
        ("declared actions", object_key), lambda: _compose(unit.snapshot, bound)
    )


def declared_action(unit: Unit, object_key: str, key: str) -> DeclaredAction:
    """Give one of them.

    Raises:
        UnknownObject: there is no such object, or the actor may do nothing with it.
        Forbidden: the action is not granted.
        UnknownAction: the object declares none of this name.
    """
    rights_of(unit).require(object_key, key)
    found = declared_actions(unit, object_key).get(key)
    if found is None:
        raise UnknownAction(object=object_key, action=key)
    return found


def act(
    unit: Unit,
    object_key: str,
    record_id: int,
    action: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
) -> Written:
    """Do a declared action with one record.

    Args:
        unit: the transaction; on an error its caller rolls it back.
        object_key: of which object.
        record_id: which record.
        action: the key of the action.
        values: field key -> raw value of what its form asks for.
        version: the version that the caller saw, if he says so.

    Raises:
        UnknownObject, Forbidden, UnknownAction: see `declared_action`.
        RecordNotFound: no such record, or out of reach.
        ActionNotPossible: the record is not in a state for it.
        SaveConflict: somebody else changed the same fields since, or at the same moment.
        InvalidInput: every fault of the input.
    """
    found = declared_action(unit, object_key, action)
    if found.definition.platform:
        raise UnknownAction(object=object_key, action=action)
    shape = shape_of(unit, object_key)
    take_turn(unit, shape, {*values, *found.sets})
    record = load_live(unit, shape, record_id)
    require_reach(unit, shape, record, action)
    if not found.holds(unit, record.whole):
        label = say(found.definition.label, unit.context.locale.language)
        raise ActionNotPossible(action=label)
    asked = asked_fields(unit, shape, found.definition)
    unknown = [FieldError(key, "unknown_field") for key in values if key not in asked]
    if unknown:
        raise InvalidInput(unknown)
    sets = found.made(unit, record.whole)
    doing = Doing(
        right=action,
        told=action,
        asks=frozenset(asked),
        sets=sets,
        requires=found.definition.require,
    )
    return _write(unit, shape, record, values, version, doing)


def take_back(
    unit: Unit, object_key: str, record_id: int, action: str, old: Mapping[str, Any]
) -> Written:
    """Give the fields that an action wrote their old values, in API form, by the same right."""
    rights_of(unit).require(object_key, action)
    shape = shape_of(unit, object_key)
    take_turn(unit, shape, old)
    record = load_live(unit, shape, record_id)
    require_reach(unit, shape, record, action)
    files = {key: value for key, value in old.items() if shape.fields[key].type.files}
    sets = {key: _parsed(shape.fields[key], old[key]) for key in old.keys() - files.keys()}
    doing = Doing(right=action, told=UNDO, asks=frozenset(files), sets=sets)
    return _write(unit, shape, record, files, None, doing)


def asked_fields(unit: Unit, shape: Shape, definition: ActionDef) -> tuple[str, ...]:
    """Give the fields of an action's form that the actor's rights let him fill."""
    may = editable(unit, shape)
    return tuple(key for key in definition.form if key in may)


def _write(
    unit: Unit,
    shape: Shape,
    record: Stored,
    values: Mapping[str, Any],
    version: int | None,
    doing: Doing,
) -> Written:
    if shape.key == USER and STATE in doing.sets:
        refuse_above(unit, record.values)
    return change(
        unit,
        shape.key,
        record.id,
        values,
        version=version,
        writing=Writing(unversioned=True, doing=doing),
    )


def is_guarded(
    unit: Unit, object_key: str, action: DeclaredAction, values: Mapping[str, Any]
) -> bool:
    """Tell whether an action would open, close or take over an account that the actor may not.

    That is his own, and that of somebody who administers more than he does.
    """
    if object_key != USER or not (action.definition.platform or STATE in action.sets):
        return False
    own = values.get("id") == unit.context.actor.user_id
    return own or administers_more(unit, values.get("roles") or ())


def _parsed(field: BoundField, value: Any) -> Any:
    return None if value is None else field.type.parse(value, field.definition)


def _compose(snapshot: Snapshot, bound: BoundObject) -> dict[str, DeclaredAction]:
    return {
        key: DeclaredAction(
            definition=one,
            when=None if one.when is None else compose_check(snapshot, bound, one.when),
            sets={
                name: _maker(snapshot, bound, bound.fields[name], value)
                for name, value in one.set.items()
            },
        )
        for key, one in bound.definition.actions.items()
        if not one.standard
    }


def _maker(snapshot: Snapshot, bound: BoundObject, field: BoundField, value: Any) -> Maker:
    """Make a function that gives what an action sets a field to, in stored form."""
    if isinstance(value, Mapping) and "field" in value:
        return read_path(snapshot, bound, value["field"])
    if isinstance(value, Mapping) and value.get("empty") is True:
        return lambda ground: None
    make = default_maker(field, value)
    return lambda ground: make(ground.unit)
