"""One chunk of an import, inside one transaction: rows become records as if one after another.

Rows are gathered and written many at a time; whatever could make the order matter (a value to
match by that comes again, a unique field that is changed by one row and used by the next) makes
what was gathered be written first.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from engine.errors import FieldError, InvalidInput
from engine.exchange.cells import Line, raw_values
from engine.exchange.matching import Matcher
from engine.exchange.order import Order
from engine.exchange.record_rows import RecordRows
from engine.records.change_many import change_many
from engine.records.create_many import create_many
from engine.records.lines import children, read_tables
from engine.records.outcome import Outcome
from engine.records.prepare import prepare_whole
from engine.records.shape import Stored, shape_of
from engine.records.uniqueness import add_conflicts
from engine.records.writing import Faults, Writing
from engine.storage.snapshot import Unit

Became = Literal["created", "updated", "skipped", "failed"]


@dataclass(slots=True)
class Result:
    """What became of a row; ``before``: stored values that an update replaced."""

    line: Line
    became: Became = "failed"
    record: int = 0
    before: dict[str, Any] = field(default_factory=dict)


class Chunk:
    """Writes the lines of one chunk."""

    def __init__(self, unit: Unit, order: Order, rows: RecordRows) -> None:
        """Prepare to write in the transaction of ``unit``, as its actor."""
        self._unit = unit
        self._order = order
        self._rows = rows
        self._shape = shape_of(unit, order.object)
        self._writing = Writing(owner=order.owner, via="imported", unversioned=True)
        self._matcher = Matcher(unit, order.object, order.match) if order.match else None
        self._known: dict[Hashable, Sequence[Stored]] = {}
        self._touched: set[Hashable] = set()
        self._creates: list[Result] = []
        self._updates: list[tuple[Result, Stored]] = []
        others = set(self._shape.shadows) & set(order.columns) - {order.match}
        self._order_matters = bool(others)

    def write(self, lines: Sequence[Line]) -> list[Result]:
        """Write lines; gives what became of each, in their order."""
        self._rows.resolve(self._unit, lines)
        results = [Result(line) for line in lines]
        self._look_up(key for line in lines if (key := self._key(line)) is not None)
        for result in results:
            self._take(result)
        self._write()
        return results

    def _look_up(self, keys: Iterable[Hashable]) -> None:
        if self._matcher is not None:
            wanted = list(keys)
            for key in wanted:
                self._known[key] = ()
            self._known.update(self._matcher.find(wanted))

    def _key(self, line: Line) -> Hashable:
        return self._matcher.key(line.values) if self._matcher is not None else None

    def _take(self, result: Result) -> None:
        line, mode = result.line, self._order.mode
        key = self._key(line)
        if key is not None and key in self._touched:
            self._flush()
        found = self._known.get(key, ()) if key is not None else ()
        if not line.good:
            if not found and mode != "update":
                self._complete(line)
        elif found:
            self._meet(result, key, found)
        elif mode == "update":
            if key is None:
                self._rows.cells.refuse(line, self._order.match, "match_empty", {})
            else:
                result.became = "skipped"
        else:
            self._gather(key, creates=result)

    def _meet(self, result: Result, key: Hashable, found: Sequence[Stored]) -> None:
        """Deal with a row whose record is there already."""
        line = result.line
        if self._order.mode == "skip":
            result.became = "skipped"
        elif len(found) > 1:
            params = {"count": len(found)}
            self._rows.cells.refuse(line, self._order.match, "ambiguous_match", params)
        else:
            self._update(result, key, found[0])

    def _update(self, result: Result, key: Hashable, record: Stored) -> None:
        result.record = record.id
        result.became = "skipped"
        result.before = {
            key: record.values.get(key)
            for key, value in result.line.values.items()
            if value != record.values.get(key)
        }
        if result.before:
            result.became = "failed"  # until the write gateway took it
            self._gather(key, updates=(result, record))

    def _gather(
        self,
        key: Hashable,
        creates: Result | None = None,
        updates: tuple[Result, Stored] | None = None,
    ) -> None:
        if self._order_matters and (self._updates if creates else self._creates):
            self._flush()
        if creates is not None:
            self._creates.append(creates)
        if updates is not None:
            self._updates.append(updates)
        if key is not None:
            self._touched.add(key)

    def _write(self) -> None:
        """Write what was gathered."""
        if self._updates:
            self._change()
        if self._creates:
            self._create()
        self._creates, self._updates = [], []

    def _flush(self) -> None:
        """Write what was gathered before the next row; the keys it touched are looked up anew."""
        self._write()
        touched, self._touched = self._touched, set()
        self._look_up(touched)

    def _create(self) -> None:
        bound = self._shape.bound
        rows = [result.line.values for result in self._creates]  # read by the very same types
        writing = replace(self._writing, parsed=True)
        outcomes = create_many(self._unit, bound.key, rows, writing=writing)
        for result, outcome in zip(self._creates, outcomes, strict=True):
            if self._is_good(result.line, outcome):
                result.became, result.record = "created", outcome.id or 0

    def _change(self) -> None:
        bound = self._shape.bound
        stored = self._stored_lines()
        rows = []
        for result, record in self._updates:
            values = {key: result.line.values[key] for key in result.before}
            raw = raw_values(bound, values)
            for key, (plan, _) in self._rows.tables.items():
                if key in raw:
                    held = stored.get((key, record.id), ())
                    name = self._unit.snapshot.object(plan.child).name.key
                    raw[key] = paired(raw[key], result.line.tables[key], held, name)
            rows.append((record.id, raw))
        outcomes = change_many(self._unit, bound.key, rows, writing=self._writing)
        for (result, record), outcome in zip(self._updates, outcomes, strict=True):
            if self._is_good(result.line, outcome):
                same = outcome.version == record.version
                result.became = "skipped" if same else "updated"

    def _is_good(self, line: Line, outcome: Outcome) -> bool:
        error = outcome.error
        if isinstance(error, InvalidInput):
            self._rows.refuse_all(line, error.errors)
        elif error is not None:
            self._rows.refuse_all(line, [FieldError("", error.code, error.params)])
        return error is None

    def _complete(self, line: Line) -> None:
        """Find what else is wrong with a row whose cells could not all be read."""
        if "" in line.bad:
            return
        faults = Faults()
        for key in line.bad:
            faults.add(key, "")
        raw = raw_values(self._shape.bound, line.values)
        new = prepare_whole(self._unit, self._shape, raw, self._writing, faults)
        add_conflicts(self._unit, self._shape, new, faults)
        read_tables(self._unit, self._shape, raw, faults)
        self._rows.refuse_all(line, [one for one in faults.found if one.code])

    def _stored_lines(self) -> Mapping[tuple[str, int], Sequence[Stored]]:
        """Read the lines of the records to be changed: one query for each table."""
        found: dict[tuple[str, int], list[Stored]] = {}
        for key, (plan, _) in self._rows.tables.items():
            ids = [record.id for result, record in self._updates if key in result.line.tables]
            for line in children(self._unit, plan, ids, hold=False) if ids else ():
                found.setdefault((key, line.values[plan.link]), []).append(line)
        return found


def paired(
    raw: Sequence[Mapping[str, Any]], lines: Sequence[Line], held: Sequence[Stored], name: str
) -> list[dict[str, Any]]:
    """Say which lines of a file are lines of the record already: those of the same name.

    Args:
        raw: the lines as the write gateway takes them.
        lines: the same lines with stored values.
        held: the lines of the record, in their order.
        name: the field that names a line; without it in the file the order decides.
    """
    rest = list(held)
    found = []
    for row, line in zip(raw, lines, strict=True):
        twin = next(
            (
                one
                for one in rest
                if name not in line.values or one.values[name] == line.values[name]
            ),
            None,
        )
        if twin is not None:
            rest.remove(twin)
        found.append({**row, "id": twin.id} if twin is not None else dict(row))
    return found
