"""Create many records at once, for imports and samples: whole rows are refused, never the lot.

Everything is checked before anything is written, so that one bad row costs the others nothing;
then each table is written once. What else differs from single creates: nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from engine.errors import InvalidInput
from engine.events import RecordEvent
from engine.history.write import FieldChange, HistoryEntry, write_histories
from engine.records.changes import new_changes
from engine.records.derive import follow, made, together
from engine.records.files import settle_new_files
from engine.records.labels import labels_of, links_in
from engine.records.lines import JUDGED, Table, read_tables, summed, told
from engine.records.links import Linking, Targets, check_links, find_targets, targets_in
from engine.records.outbox import tell_all
from engine.records.outcome import CREATED, Outcome
from engine.records.ownership import OWNER
from engine.records.prepare import (
    complete,
    fill_late,
    prepare,
    require_create,
    row_of,
    unnumbered,
)
from engine.records.search_entry import add_entries
from engine.records.shape import MOST_IDS, Shape, shape_of
from engine.records.side_rows import add_side_rows
from engine.records.team import stay
from engine.records.uniqueness import is_unique_violation, note_taken, taken_keys
from engine.records.writing import USUAL, Faults, Writing
from engine.storage.fixed_insert import FixedInsert
from engine.storage.snapshot import Unit

MOST_ROWS = MOST_IDS
TRIES = 3
"""How often rows are checked anew because somebody else was quicker."""


@dataclass(slots=True)
class _Line:
    """One row on its way in."""

    new: dict[str, Any]
    faults: Faults = field(default_factory=Faults)
    id: int = 0
    changes: Sequence[FieldChange] = ()
    tables: Sequence[Table] = ()

    @property
    def good(self) -> bool:
        return not self.faults.found


def create_many(
    unit: Unit,
    object_key: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    writing: Writing = USUAL,
) -> list[Outcome]:
    """Create records; each row that is refused says why, and the others are written.

    Args:
        unit: the transaction; keep it short, people are waiting.
        object_key: of which object.
        rows: at most `MOST_ROWS` times field key -> raw value.
        writing: what a trusted caller may do more.

    Returns:
        One outcome per row, in the same order.

    Raises:
        Forbidden: creating is not granted.
        ValueError: too many rows.
    """
    if len(rows) > MOST_ROWS:
        raise ValueError(f"at most {MOST_ROWS} rows in one transaction")
    require_create(unit, object_key, writing)
    shape = shape_of(unit, object_key)
    lines = [_read(unit, shape, values, writing) for values in rows]
    targets = _check_links(unit, shape, lines, writing)
    for _ in range(TRIES):
        _check_unique(unit, shape, lines)
        good = [line for line in lines if line.good]
        if _insert(unit, shape, good, writing):
            _follow_up(unit, shape, good, targets, writing)
            break
    else:
        for line in lines:
            line.faults.add("", "not_unique")
    return [_outcome(line) for line in lines]


def _read(unit: Unit, shape: Shape, values: Mapping[str, Any], writing: Writing) -> _Line:
    faults = Faults()
    line = _Line(prepare(unit, shape, values, writing, faults), faults)
    line.tables = read_tables(unit, shape, values, faults)
    line.new.update(summed(unit, line.tables))
    return line


def _check_links(unit: Unit, shape: Shape, lines: Sequence[_Line], writing: Writing) -> Targets:
    wanted = targets_in(unit, shape, [line.new for line in lines])
    targets = find_targets(unit, wanted)
    for line in lines:
        linking = Linking(line.new, shape.links)
        check_links(unit, shape, linking, writing, line.faults, targets)
        complete(unit, shape, line.new, writing, line.faults)
    return targets


def _check_unique(unit: Unit, shape: Shape, lines: Sequence[_Line]) -> None:
    """Refuse rows whose unique value a live record has, or an earlier row."""
    for key in shape.shadows:
        wanted = {id(line): shape.unique_key(key, line.new[key]) for line in lines if line.good}
        folded = {value for value in wanted.values() if value is not None}
        taken = taken_keys(unit, shape, key, folded) if folded else {}
        seen: set[str] = set()
        for line in lines:
            value = wanted.get(id(line))
            if value is None:
                continue
            if value in taken:
                note_taken(unit, shape, key, taken[value], line.faults)
            elif value in seen:
                line.faults.add(key, "not_unique")
            seen.add(value)


def _insert(unit: Unit, shape: Shape, lines: Sequence[_Line], writing: Writing) -> bool:
    """Write the rows; False when somebody else was quicker with a unique value."""
    if not lines:
        return True
    for line, number in zip(lines, _reserve(unit, shape, len(lines)), strict=True):
        line.id = number
        fill_late(unit, shape, line.new, writing, unnumbered(unit, shape, line.new))
    rows = [{"id": line.id, **row_of(unit, shape, line.new, writing)} for line in lines]
    statement = unit.snapshot.once(
        ("insert many", shape.key), lambda: FixedInsert(shape.table, tuple(rows[0]))
    )
    try:
        with unit.connection.begin_nested():
            statement.many(unit.connection, rows)
    except IntegrityError as error:
        if error.orig is None or not is_unique_violation(error.orig):
            raise
        return False
    return True


def _follow_up(
    unit: Unit, shape: Shape, lines: Sequence[_Line], targets: Targets, writing: Writing
) -> None:
    wanted = links_in(shape, [line.new for line in lines])
    labels = labels_of(unit, wanted, targets)
    for line in lines:
        line.changes = new_changes(unit, shape, line.new, labels)
        line.changes = told(unit, shape, line.changes, line.tables)
    records = [(line.id, line.new) for line in lines]
    add_side_rows(unit, shape, records)
    settle_new_files(unit, shape, records)
    add_entries(unit, shape, records)
    entries = [HistoryEntry(line.id, "create", 1, line.changes) for line in lines]
    write_histories(unit, shape.bound, entries)
    tell_all(
        unit,
        [
            RecordEvent(
                "record.created",
                shape.bound.id,
                line.id,
                1,
                [change.field_id for change in line.changes],
            )
            for line in lines
        ],
    )
    stay(unit, shape, [(line.id, line.new.get(OWNER)) for line in lines], writing.keeps)
    with together(unit):
        create_lines(unit, [(line.id, line.tables) for line in lines])
        if lines:
            follow(unit, [made(shape, dict(records))])


def create_lines(unit: Unit, records: Iterable[tuple[int, Sequence[Table]]]) -> None:
    """Write the new lines of records, which were judged with them, object by object."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for record_id, tables in records:
        for table in tables:
            made = [{**one.new, table.plan.link: record_id} for one in table.lines if not one.old]
            rows.setdefault(table.plan.child, []).extend(made)
    for key, found in rows.items():
        for first in range(0, len(found), MOST_ROWS):
            outcomes = create_many(unit, key, found[first : first + MOST_ROWS], writing=JUDGED)
            for outcome in outcomes:
                if outcome.error is not None:  # each was judged with its record
                    raise outcome.error


_LAST_SQLITE = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_NEXT_POSTGRESQL = text(
    "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
)


def _reserve(unit: Unit, shape: Shape, count: int) -> Sequence[int]:
    """Take ids that nobody else gets: SQLite lets one transaction write at a time."""
    name = shape.table.name
    if unit.connection.dialect.name == "sqlite":
        last: int = unit.connection.execute(_LAST_SQLITE, {"name": name}).scalar() or 0
        return range(last + 1, last + 1 + count)
    return list(unit.connection.scalars(_NEXT_POSTGRESQL, {"name": name, "count": count}))


def _outcome(line: _Line) -> Outcome:
    if line.good:
        return Outcome(CREATED, id=line.id, version=1)
    error = InvalidInput(line.faults.found)
    return Outcome(error.status, error=error)
