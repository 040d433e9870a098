"""From input to stored values: what an object's documents demand, composed once per version.

`parse_input` reads each value by its type; `check_record` then judges the whole record: what
must be filled, and the rules across fields. Everything wrong is gathered before any is told.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.roles import rights_of
from engine.errors import FieldError, InvalidValue
from engine.records.defaults import default_maker
from engine.records.evaluate import Check, Ground, compose_check, fields_of, seen_through
from engine.records.files import resolve_files
from engine.records.granting import check_granting, role_fields
from engine.records.labels import label_in, labels_of, links_in
from engine.records.rules import Rulebook, rulebook_of, settle
from engine.records.shape import Shape
from engine.records.writing import Faults, Writing
from engine.storage.snapshot import BoundField, Unit
from metadata.conditions import Test, tests
from metadata.model import RuleDef, say

UNSEEN = "…"
"""What stands in a rule's message for a value that its reader may not see."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A cross-field rule, ready to run."""

    definition: RuleDef
    when: Check | None
    check: Check
    reads: frozenset[str]
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Validator:
    """Everything that is checked of an object's records."""

    readonly: frozenset[str]
    roles: frozenset[str]
    defaults: tuple[tuple[str, Callable[[Unit], Any]], ...]
    required: frozenset[str]
    rules: tuple[_Rule, ...]


def validator_of(unit: Unit, shape: Shape) -> Validator:
    """Give the validator of an object."""
    return unit.snapshot.once(("validator", shape.key), lambda: _compose(unit, shape))


def editable(unit: Unit, shape: Shape) -> frozenset[str]:
    """Give the keys of the fields that the actor's rights let him set."""
    actor = unit.context.actor
    return unit.snapshot.once(
        ("editable", shape.key, actor.roles, actor.superadmin),
        lambda: frozenset(
            key for key in shape.fields if rights_of(unit).field_level(shape.key, key) == "edit"
        ),
    )


def parse_input(
    unit: Unit,
    shape: Shape,
    values: Mapping[str, Any],
    writing: Writing,
    faults: Faults,
    old: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Read input into stored values; what is wrong goes to ``faults``, and is left out.

    ``old``: the stored values of the record that is changed; what it holds stays allowed.
    """
    if writing.prepared:
        return dict(values)
    readonly = _readonly(unit, shape, writing)
    may_edit = editable(unit, shape)
    given: dict[str, Any] = {}
    for key, raw in values.items():
        field = shape.fields.get(key)
        if field is None or key not in may_edit:
            _refuse(unit, shape, key, faults)
        elif key in shape.computed:
            faults.add(key, "computed")
        elif key in readonly:
            faults.add(key, "readonly")
        elif writing.parsed and not field.type.lines:
            given[key] = raw
        else:
            try:
                given[key] = _parse(field, raw, old)
            except InvalidValue as error:
                faults.add_value(key, error)
    if shape.files and not writing.parsed:
        resolve_files(unit, shape, given, old, faults)
    check_granting(unit, validator_of(unit, shape).roles, given, old, faults)
    return given


def _readonly(unit: Unit, shape: Shape, writing: Writing) -> frozenset[str]:
    """Give the fields that no input may set."""
    if writing.system_fields:
        return frozenset()
    asked = writing.doing.asks if writing.doing is not None else frozenset()
    return validator_of(unit, shape).readonly - asked


def _parse(field: BoundField, raw: Any, old: Mapping[str, Any] | None) -> Any:
    if old is None:
        return field.type.parse(raw, field.definition)
    return field.type.parse_change(raw, old.get(field.key), field.definition)


def add_defaults(
    unit: Unit,
    shape: Shape,
    given: Mapping[str, Any],
    start: Mapping[str, Any],
    faults: Faults,
) -> dict[str, Any]:
    """Make a whole new record of what was given; a value given as empty stays empty.

    ``start``: the values that it begins with, see `first_values`.
    """
    new = {**start, **given}
    settle(unit, shape, new, start)
    for error in faults.found:  # a default must not hide that the value given was wrong
        if error.field in new:
            new[error.field] = None
    return new


def first_values(unit: Unit, shape: Shape) -> dict[str, Any]:
    """Give the values that a new record begins with."""
    new: dict[str, Any] = dict.fromkeys(shape.fields)
    for key, make in validator_of(unit, shape).defaults:
        new[key] = make(unit)
    return new


def check_record(
    unit: Unit,
    shape: Shape,
    values: Mapping[str, Any],
    faults: Faults,
    touched: Iterable[str] | None = None,
) -> None:
    """Check what must be filled and the rules across fields.

    Args:
        unit: the transaction.
        shape: the object.
        values: the whole record as it would be stored.
        faults: gets what is wrong.
        touched: the fields that change; None for a new record. What stood there before and is
            not touched is not held against the person who changes something else.
    """
    validator, book = validator_of(unit, shape), rulebook_of(unit, shape)
    changed = None if touched is None else frozenset(touched)
    ground = Ground(unit, values)
    for key in validator.required:
        if changed is None or key in changed:
            _require(book, ground, shape, key, faults)
    for key, when in book.needed.items():
        concerned = changed is None or key in changed or when.reads & changed
        if concerned and when.check(ground):
            _require(book, ground, shape, key, faults)
    for rule in validator.rules:
        if changed is None or rule.reads & changed:
            _judge(shape, rule, ground, faults)


def require_filled(
    unit: Unit, shape: Shape, values: Mapping[str, Any], keys: Iterable[str], faults: Faults
) -> None:
    """Demand fields of a record beyond what its documents do; what is hidden is not demanded."""
    book, ground = rulebook_of(unit, shape), Ground(unit, values)
    for key in keys:
        _require(book, ground, shape, key, faults)


def broken_rules(unit: Unit, shape: Shape, values: Mapping[str, Any]) -> list[FieldError]:
    """Give the rules across fields that a record, still being entered, breaks."""
    faults, ground = Faults(), Ground(unit, values)
    for rule in validator_of(unit, shape).rules:
        _judge(shape, rule, ground, faults)
    return faults.found


def _require(book: Rulebook, ground: Ground, shape: Shape, key: str, faults: Faults) -> None:
    if ground.values.get(key) is not None or faults.has(key):
        return
    shown = book.shown.get(key)
    if shown is not None and not shown.check(ground):
        return
    if rights_of(ground.unit).field_level(shape.key, key) == "hidden":
        faults.add("", "required_unseen")
    else:
        faults.add(key, "required")


def _judge(shape: Shape, rule: _Rule, ground: Ground, faults: Faults) -> None:
    if rule.when is not None and not rule.when(ground):
        return
    if rule.check(ground) or any(faults.has(key) for key in rule.reads):
        return
    message = say(rule.definition.message, ground.unit.context.locale.language)
    told = _filled(message, shape, ground)
    place = _beside(shape, rule, ground.unit)
    faults.add(place, "rule_broken", rule=rule.definition.key, message=told)


def _beside(shape: Shape, rule: _Rule, unit: Unit) -> str:
    """Give the field that a rule is told beside: the first it checks that the actor may set."""
    may_edit = editable(unit, shape)
    return next((key for key in rule.places if key in may_edit), "")


def _filled(message: str, shape: Shape, ground: Ground) -> str:
    """Put shown values in the place of ``{field}``; nothing else in the text means anything.

    What the actor may not see whole is left out: a rule must not tell it.
    """
    for key, field in shape.fields.items():
        place = f"{{{key}}}"
        if place in message:
            message = message.replace(place, _shown(ground, shape, key, field))
    return message


def _shown(ground: Ground, shape: Shape, key: str, field: BoundField) -> str:
    unit, stored = ground.unit, ground.values.get(key)
    rights = rights_of(unit)
    if rights.field_level(shape.key, key) == "hidden" or rights.field_mask(shape.key, key):
        return UNSEEN
    value = stored
    if field.type.labelled:
        labels = labels_of(unit, links_in(shape, [{key: stored}]))
        value = label_in(shape, labels, key, stored)
    return field.type.text(value, field.definition, unit.context.locale)


def _refuse(unit: Unit, shape: Shape, key: str, faults: Faults) -> None:
    """Tell a field that may be read but not set; any other is as if it were not there."""
    field = shape.bound.fields.get(key)
    if field is not None and rights_of(unit).field_level(shape.key, key) != "hidden":
        faults.add(key, "readonly" if field.definition.computed is None else "computed")
    else:
        faults.add(key, "unknown_field")


def _compose(unit: Unit, shape: Shape) -> Validator:
    fields = shape.fields.values()
    return Validator(
        readonly=frozenset(field.key for field in fields if field.definition.readonly),
        roles=role_fields(shape),
        defaults=tuple(
            (field.key, default_maker(field, field.definition.default))
            for field in fields
            if field.definition.default is not None
        ),
        required=frozenset(
            field.key for field in fields if field.definition.required and field.type.fillable
        ),
        rules=tuple(_rule(unit, shape, rule) for rule in shape.bound.definition.rules.values()),
    )


def _rule(unit: Unit, shape: Shape, rule: RuleDef) -> _Rule:
    return _Rule(
        definition=rule,
        when=None if rule.when is None else compose_check(unit.snapshot, shape.bound, rule.when),
        check=compose_check(unit.snapshot, shape.bound, rule.check),
        reads=seen_through(
            unit.snapshot, shape.bound, fields_of(rule.when) | fields_of(rule.check)
        ),
        places=tuple(
            dict.fromkeys(
                test.field.partition(".")[0]
                for test in tests(rule.check)
                if isinstance(test, Test)
            )
        ),
    )
