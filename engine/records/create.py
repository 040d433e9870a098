"""Create a record: authorise, validate, insert, then history, search entry and event."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from engine.history.write import write_history
from engine.records.changes import new_changes
from engine.records.create_many import create_lines
from engine.records.derive import follow, made, together
from engine.records.files import settle_new_files
from engine.records.labels import labels_of, links_in
from engine.records.lines import read_tables, summed, told
from engine.records.links import Linking, check_links
from engine.records.outbox import tell
from engine.records.ownership import OWNER
from engine.records.prepare import (
    complete,
    fill_late,
    prepare,
    require_create,
    row_of,
    unnumbered,
)
from engine.records.search_entry import add_entry
from engine.records.shape import Shape, shape_of
from engine.records.side_rows import add_side_rows
from engine.records.team import stay
from engine.records.uniqueness import add_conflicts
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
    tables = read_tables(unit, shape, values, faults)
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
    stay(unit, shape, [(record_id, new.get(OWNER))], writing.keeps)
    with together(unit) if tables else nullcontext():
        create_lines(unit, [(record_id, tables)])
        follow(unit, [made(shape, {record_id: new})])
    return Written(record_id, 1, changes)


def _insert(unit: Unit, shape: Shape, new: dict[str, Any], writing: Writing) -> int:
    """Insert the row; a made number that just got taken is made anew."""
    _look(unit, shape, new)
    numbered = unnumbered(unit, shape, new)
    for _ in range(MOST_TRIES):
        fill_late(unit, shape, new, writing, numbered)
        row = row_of(unit, shape, new, writing)
        made = shape.insert.one(unit.connection, row).fetchone()
        if made is not None:
            return int(made[0])
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
