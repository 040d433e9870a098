"""Create a record: authorise, validate, insert, then history, search entry and event."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.access.roles import rights_of
from engine.history.write import write_history
from engine.records.changes import new_changes
from engine.records.copies import copied
from engine.records.derive import fill_new, follow, made
from engine.records.files import settle_new_files
from engine.records.labels import labels_of, links_in
from engine.records.line_plans import refuse_alone
from engine.records.lines import JUDGED, read_tables, summed, told
from engine.records.links import Linking, check_links
from engine.records.numbering import check_manual, fill_numbers, numberings
from engine.records.outbox import tell
from engine.records.ownership import assign_owner, check_owner
from engine.records.rules import check_states
from engine.records.search_entry import add_entry
from engine.records.shape import Shape, shape_of
from engine.records.side_rows import add_side_rows
from engine.records.uniqueness import add_conflicts
from engine.records.validate import add_defaults, check_record, first_values, parse_input
from engine.records.writing import USUAL, Faults, Writing, Written
from engine.storage.pipeline import sent_together
from engine.storage.snapshot import Unit

MOST_TRIES = 20
"""How often a made number may meet one that somebody types at the same moment."""


def create(
    unit: Unit, object_key: str, values: Mapping[str, Any], *, writing: Writing = USUAL
) -> Written:
    """Create a record.

    Args:
        unit: the transaction; on an error its caller rolls it back.
        object_key: of which object.
        values: field key -> raw value; fields that are left out get their defaults.
        writing: what a trusted caller may do more.

    Returns:
        The new record's id and version, with every filled field as a change.

    Raises:
        Forbidden: creating is not granted.
        InvalidInput: every fault of the input, an unknown key and a taken unique value too.
    """
    require_create(unit, object_key, writing)
    shape = shape_of(unit, object_key)
    faults = Faults()
    new = prepare(unit, shape, values, writing, faults)
    tables = read_tables(unit, shape, values, faults, prepare_whole)
    new.update(summed(unit, tables))
    targets = check_links(unit, shape, Linking(new, shape.links), writing, faults)
    complete(unit, shape, new, writing, faults)
    faults.raise_any()
    record_id = _insert(unit, shape, new, writing)
    changes = new_changes(unit, shape, new, labels_of(unit, links_in(shape, [new]), targets))
    changes = told(unit, shape, changes, tables)
    settle_new_files(unit, shape, [(record_id, new)])
    add_side_rows(unit, shape, [(record_id, new)])
    with sent_together(unit.connection):
        add_entry(unit, shape, record_id, new)
        write_history(unit, shape.bound, record_id, "create", 1, changes)
        tell(unit, shape, "record.created", record_id, 1, changes)
    for table in tables:
        for line in table.lines:
            line.new[table.plan.link] = record_id
            create(unit, table.plan.child, line.new, writing=JUDGED)
    follow(unit, [made(shape, {record_id: new})])
    return Written(record_id, 1, changes)


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
    assign_owner(unit, shape, new, writing)
    if not writing.system_fields:
        check_states(unit, shape, new, start, faults)
    return new


def prepare_whole(
    unit: Unit, shape: Shape, values: Mapping[str, Any], writing: Writing, faults: Faults
) -> dict[str, Any]:
    """Prepare and complete a line, which is judged with its record."""
    new = prepare(unit, shape, values, writing, faults)
    complete(unit, shape, new, writing, faults)
    return new


def complete(
    unit: Unit, shape: Shape, new: dict[str, Any], writing: Writing, faults: Faults
) -> None:
    """Compute what the engine fills, then judge the whole record; its links are held by now."""
    fill_new(unit, shape, new, writing.created_at)
    check_record(unit, shape, new, faults)


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


def _insert(unit: Unit, shape: Shape, new: dict[str, Any], writing: Writing) -> int:
    """Insert the row; a made number that just got taken is made anew."""
    _look(unit, shape, new)
    numbered = unnumbered(unit, shape, new)
    for _ in range(MOST_TRIES):
        fill_late(unit, shape, new, writing, numbered)
        row = row_of(unit, shape, new, writing)
        record_id = shape.insert.one(unit.connection, row).scalar()
        if record_id is not None:
            return int(record_id)
        faults = Faults()
        typed = {key: value for key, value in new.items() if key not in numbered}
        add_conflicts(unit, shape, typed, faults)
        faults.raise_any()
        new.update(dict.fromkeys(numbered))
    raise RuntimeError(f"no free number for {shape.key} after {MOST_TRIES} tries")


def _look(unit: Unit, shape: Shape, new: Mapping[str, Any]) -> None:
    """Look for unique values that stand already, as long as their index is not built."""
    if shape.unproven:
        faults = Faults()
        add_conflicts(unit, shape, {key: new[key] for key in shape.unproven}, faults)
        faults.raise_any()
