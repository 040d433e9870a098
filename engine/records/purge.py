"""Delete for good: rows, side rows and search entries go; history stays."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select

from engine.access.roles import rights_of
from engine.events import RecordEvent
from engine.history.write import HistoryEntry, write_histories
from engine.records.files import lose_files
from engine.records.inbound import Falling
from engine.records.line_plans import line_plans, refuse_alone
from engine.records.outbox import tell_all
from engine.records.restore import fallen_with, load_binned
from engine.records.search_entry import remove_entries
from engine.records.shape import MOST_IDS, Shape, Stored, run, shape_of
from engine.records.side_rows import remove_side_rows
from engine.records.team import dissolve
from engine.storage.snapshot import Unit


def purge(unit: Unit, object_key: str, record_id: int) -> dict[str, list[int]]:
    """Delete a record in the bin for good, and what fell with it by cascade.

    Returns:
        Object -> ids of all that is gone.

    Raises:
        RecordNotFound: it is not in the bin, or out of reach.
        Forbidden: purging is not granted.
    """
    rights_of(unit).require(object_key, "purge")
    refuse_alone(unit, object_key)
    shape = shape_of(unit, object_key)
    record = load_binned(unit, shape, record_id, "purge")
    gone = fallen_with(unit, shape, record)
    _add_old_lines(unit, gone)
    for key, records in gone.items():
        _purge(unit, shape_of(unit, key), list(records.values()))
    return {key: list(records) for key, records in gone.items()}


def _add_old_lines(unit: Unit, gone: Falling) -> None:
    """Add the lines that saves left out before: they lie in the bin for their record's sake."""
    for key in list(gone):
        for plan in line_plans(unit.snapshot, key):
            shape = shape_of(unit, plan.child)
            link = shape.fields[plan.link].column
            query = select(*shape.columns).where(link.in_(list(gone[key])))
            rows = [shape.stored(row) for row in unit.connection.execute(query)]
            if rows:
                gone.setdefault(plan.child, {}).update({row.id: row for row in rows})


def _purge(unit: Unit, shape: Shape, records: Sequence[Stored]) -> None:
    statement = unit.snapshot.once(
        ("purge", shape.key),
        lambda: delete(shape.table).where(
            shape.table.c.id.in_(bindparam("at_ids", expanding=True))
        ),
    )
    ids = [record.id for record in records]
    for first in range(0, len(ids), MOST_IDS):
        part = ids[first : first + MOST_IDS]
        remove_side_rows(unit, shape, part)
        lose_files(unit, shape, part)
        run(unit, statement, {"at_ids": part})
        dissolve(unit, shape.bound, part)
    remove_entries(unit, shape, ids)
    entries = [HistoryEntry(record.id, "purge", record.version + 1) for record in records]
    write_histories(unit, shape.bound, entries)
    tell_all(
        unit,
        [
            RecordEvent("record.purged", shape.bound.id, record.id, record.version + 1)
            for record in records
        ],
    )
