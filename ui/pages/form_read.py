"""From a form that was sent to values for the write gateway."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.access.scope import USER
from engine.errors import FieldError, InvalidInput, InvalidValue
from engine.records.ownership import OWNER
from engine.records.rules import settle, states_of
from engine.records.shape import shape_of
from engine.records.validate import validator_of
from engine.records.writing import Written
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.model import FormDef
from ui.pages.changed_since import changed_since
from ui.pages.forms_read import raw_values
from ui.pages.layout import every_part, settable
from ui.pages.opened import Opened, plain
from ui.pages.sentences import names_of
from ui.widgets.base import Form, last

CHOOSE = "choose."
THEIRS = "theirs"
TAKE = "_take"
"""Of all fields at once: mine or theirs."""


@dataclass(slots=True)
class Sent:
    """What a form sent: raw values, and what of it names no record."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: list[FieldError] = field(default_factory=list)

    def without(self, keys: Collection[str]) -> "Sent":
        """Leave out fields."""
        values = {key: raw for key, raw in self.values.items() if key not in keys}
        return Sent(values, [fault for fault in self.faults if fault.field not in keys])

    def save(self, verb: Callable[[], Written]) -> Written:
        """Run the verb that takes the values; what names no record is told with its faults.

        Raises:
            InvalidInput: every fault; the caller's transaction rolls back.
        """
        known = {fault.field for fault in self.faults}
        try:
            written = verb()
        except InvalidInput as error:
            more = [one for one in error.errors if one.field not in known]
            raise InvalidInput([*self.faults, *more]) from error
        if self.faults:
            raise InvalidInput(self.faults)
        return written


def read_sent(
    unit: Unit, layout: FormDef, form: Form, stored: Mapping[str, Any], *, new: bool
) -> Sent:
    """Read the fields of a form that the person may set and that his input shows.

    Args:
        unit: the call.
        layout: the form's document; other names that were sent mean nothing.
        form: what was sent.
        stored: the record's values, or those that a new one begins with.
        new: a record is being created.
    """
    bound = unit.snapshot.object(layout.object)
    keys = settable(unit, layout.object, new=new)
    parts = list(every_part(unit, layout))
    read = read_fields(unit, bound, form, [k for part in parts for k in part.fields if k in keys])
    ground = typed_values(bound, read, stored)
    hidden: set[str] = set()
    for part in parts:
        if not part.is_shown(unit, bound, ground):
            hidden.update(part.fields)
    states = states_of(unit, shape_of(unit, layout.object), ground)
    hidden |= {key for key, state in states.items() if state.fixed or not state.shown}
    return read.without(hidden)


def typed_record(
    unit: Unit, bound: BoundObject, sent: Form, keys: Collection[str], stored: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the record that a form would make of what stands in it now, rules applied."""
    shape = shape_of(unit, bound.key)
    old = {key: plain(value) for key, value in stored.items()}
    new = typed_values(bound, read_fields(unit, bound, sent, sorted(keys)), stored)
    settle(unit, shape, new, old)
    return new


def read_fields(unit: Unit, bound: BoundObject, form: Form, keys: Collection[str]) -> Sent:
    """Read the controls of some fields; a name typed for a link is looked up."""
    values, faults = raw_values(unit, bound, keys, form)
    return Sent(values, faults)


def typed_values(bound: BoundObject, read: Sent, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Give a record's values as its form would make them; what means nothing stays as it was."""
    values = {key: plain(value) for key, value in stored.items()}
    for key, raw in read.values.items():
        one = bound.fields[key]
        try:
            values[key] = one.type.parse_change(raw, values.get(key), one.definition)
        except InvalidValue:
            continue
    return values


def untouched(opened: Opened, version: int, read: Sent) -> frozenset[str]:
    """Tell which fields the person left as he saw them, though somebody changed them since.

    A form sends every field; only what its person changed may meet another's change.
    """
    since = changed_since(opened, version)
    before = {key: seen.change.old for key, seen in since.changes.items()}
    return frozenset(
        key
        for key, raw in read.values.items()
        if key in before
        and not opened.bound.fields[key].type.lines  # their number says nothing about them
        and _same(opened, opened.bound.fields[key], raw, before[key])
    )


def given_up(form: Form) -> frozenset[str]:
    """Tell for which fields the person chose what somebody else saved; one button is for all."""
    every = last(form, TAKE)
    return frozenset(
        name.removeprefix(CHOOSE)
        for name in form
        if name.startswith(CHOOSE) and (every or last(form, name)) == THEIRS
    )


def first_values(unit: Unit, object_key: str, asked: Form) -> dict[str, Any]:
    """Give what a new record's form begins with: defaults, then what its address asks for."""
    bound = unit.snapshot.object(object_key)
    shape = shape_of(unit, object_key)
    found = {key: make(unit) for key, make in validator_of(unit, shape).defaults}
    free = settable(unit, object_key, new=True)
    if OWNER in free:
        found[OWNER] = unit.context.actor.user_id
    for key in free:
        if key in asked and key in bound.fields:
            one = bound.fields[key]
            raw = list(asked[key]) if one.many else last(asked, key)
            try:
                found[key] = one.type.parse(raw, one.definition)
            except InvalidValue:
                continue
    return {key: labelled(unit, bound.fields[key], value) for key, value in found.items()}


def labelled(unit: Unit, one: BoundField, value: Any) -> Any:
    """Name what a link begins with; what the person may not read is left out."""
    if value is None or not one.type.labelled:
        return value
    actor, kind, definition = unit.context.actor, one.type, one.definition
    names: dict[tuple[str, int], str] = {}
    for place in kind.named(value, definition):
        if place == (USER, actor.user_id):
            names[place] = actor.name
        elif name := names_of(unit, place[0], [place[1]]).get(place[1]):
            names[place] = name
    unknown = [place for place in kind.named(value, definition) if place not in names]
    rest = kind.without(value, definition, unknown)
    return kind.with_names(rest, definition, names)


def _same(opened: Opened, one: BoundField, raw: Any, old: Any) -> bool:
    if raw == old or (old is None and raw in ("", [])):
        return True
    stored = plain(opened.found.value(one.key))
    try:
        value = one.type.parse_change(raw, stored, one.definition)
    except InvalidValue:
        return False
    if value is not None:
        value = one.type.kept(value, one.definition)
    return bool(value == old)
