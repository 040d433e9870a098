"""A new record before it is written: what people gave, what it begins with, what is computed."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.access.roles import rights_of
from engine.records.company import place_new
from engine.records.copies import copied
from engine.records.derive import fill_new
from engine.records.granting import check_granting
from engine.records.line_plans import refuse_alone
from engine.records.numbering import check_manual, fill_numbers, numberings
from engine.records.overriding import Hand, take_over
from engine.records.ownership import assign_owner, check_owner
from engine.records.rules import check_states
from engine.records.shape import Shape
from engine.records.validate import (
    add_defaults,
    check_record,
    editable,
    first_values,
    parse_input,
    validator_of,
)
from engine.records.writing import Faults, Writing
from engine.storage.snapshot import Unit


def require_create(unit: Unit, object_key: str, writing: Writing) -> None:
    """Refuse to create what is not granted, or what is only made with its record.

    Raises:
        Forbidden: creating is not granted.
        EditedWithParent: the object holds lines.
    """
    if writing.within_parent:
        return
    rights_of(unit).require(object_key, "create")
    refuse_alone(unit, object_key)


def prepare(
    unit: Unit, shape: Shape, values: Mapping[str, Any], writing: Writing, faults: Faults
) -> dict[str, Any]:
    """Turn input into a new record; its links, its unique values and `complete` come after."""
    given = parse_input(unit, shape, values, writing, faults)
    check_manual(unit, shape, given, faults)
    check_owner(unit, shape, given, writing, faults)
    start = first_values(unit, shape)
    start |= copied(unit, shape, given)
    new = add_defaults(unit, shape, given, start, faults)
    check_granting(unit, validator_of(unit, shape).roles, new, None, faults)
    assign_owner(unit, shape, new, writing)
    place_new(unit, shape, new)
    if not writing.system_fields:
        check_states(unit, shape, new, start, faults)
    return new


def prepare_whole(
    unit: Unit, shape: Shape, values: Mapping[str, Any], writing: Writing, faults: Faults
) -> dict[str, Any]:
    """Prepare and complete a record whose links nobody holds yet."""
    new = prepare(unit, shape, values, writing, faults)
    complete(unit, shape, new, writing, faults)
    return new


def complete(
    unit: Unit, shape: Shape, new: dict[str, Any], writing: Writing, faults: Faults
) -> None:
    """Compute what the engine fills, then judge the whole record; its links are held by now."""
    if shape.following:
        made = {"created_at": writing.created_at or unit.context.now}
        take_over(unit, shape, Hand(new, None, made), faults, settable_by(unit, shape, writing))
    fill_new(unit, shape, new, writing.created_at)
    check_record(unit, shape, new, faults)


def settable_by(unit: Unit, shape: Shape, writing: Writing) -> frozenset[str] | None:
    """Give the fields that whoever writes may set; None: he is trusted with any."""
    return None if writing.system_fields else editable(unit, shape)


def fill_late(
    unit: Unit, shape: Shape, new: dict[str, Any], writing: Writing, numbered: Sequence[str]
) -> None:
    """Make the numbers of a record, and compute again what reads them."""
    fill_numbers(unit, shape, new, writing.created_at or unit.context.now)
    if numbered:
        fill_new(unit, shape, new, writing.created_at, numbered)


def row_of(unit: Unit, shape: Shape, new: Mapping[str, Any], writing: Writing) -> dict[str, Any]:
    """Give the columns of a new record."""
    context = unit.context
    actor = context.actor.user_id
    row = shape.parameters(new)
    row["version"] = 1
    row["created_at"] = writing.created_at or context.now
    row["created_by_id"] = actor
    row["updated_at"] = context.now
    row["updated_by_id"] = actor
    return row


def unnumbered(unit: Unit, shape: Shape, new: Mapping[str, Any]) -> list[str]:
    """Give the fields whose number is still to be made."""
    return [n.field.key for n in numberings(unit, shape) if new[n.field.key] is None]
