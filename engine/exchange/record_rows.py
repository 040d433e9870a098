"""From the rows of a file to records: one row each, or several where columns hold their lines.

A row belongs to the record above when its own columns are empty, or when it says the same value
to match by. The columns of a field of lines are named ``<field>.<field of the line>``.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from engine.context import Locale
from engine.errors import FieldError
from engine.exchange.cells import Cells, Line, raw_values
from engine.exchange.lookups import resolve_links
from engine.exchange.matching import unique_value
from engine.exchange.sheet import Cell, NumberedRow
from engine.fields.clean import cell_text
from engine.fields.line_items import MOST_LINES
from engine.queue.job import RowError
from engine.records.line_plans import LinePlan, line_plan
from engine.storage.snapshot import Snapshot, Unit

DOT = "."
Group = Sequence[NumberedRow]
"""The rows of one record."""


class RecordRows:
    """Reads rows into records by the columns of one import."""

    def __init__(
        self,
        snapshot: Snapshot,
        object_key: str,
        header: Sequence[str],
        columns: Sequence[str],
        match: str,
        locale: Locale,
    ) -> None:
        """Prepare a reader for the record, and one for each of its fields of lines."""
        self.bound = snapshot.object(object_key)
        self._header = header
        own = tuple("" if DOT in key else key for key in columns)
        self.cells = Cells(self.bound, header, own, locale)
        self.tables: dict[str, tuple[LinePlan, Cells]] = {}
        for table in dict.fromkeys(key.partition(DOT)[0] for key in columns if DOT in key):
            plan = line_plan(snapshot, object_key, table)
            inner = tuple(
                key.partition(DOT)[2] if key.startswith(table + DOT) else "" for key in columns
            )
            child = snapshot.object(plan.child)
            self.tables[table] = plan, Cells(child, header, inner, locale)
        self._own = [at for at, key in enumerate(own) if key]
        self._match = self.bound.fields.get(match)
        only = tuple(key if key == match else "" for key in own)
        self._matching = Cells(self.bound, header, only, locale)

    def key(self, row: NumberedRow) -> Hashable:
        """Give what a row is matched by; None when its cell is empty or unreadable."""
        if self._match is None:
            return None
        return unique_value(self._match, self._matching.read(row).values.get(self._match.key))

    def groups(self, rows: Iterable[NumberedRow]) -> Iterator[Group]:
        """Put the rows of each record together."""
        if not self.tables:
            for row in rows:
                yield (row,)
            return
        group: list[NumberedRow] = []
        for row in rows:
            if group and not self._goes_on(group[0], row):
                yield group
                group = []
            group.append(row)
        if group:
            yield group

    def _goes_on(self, first: NumberedRow, row: NumberedRow) -> bool:
        filled = [at for at in self._own if _text(row, at)]
        if not filled:
            return True
        if self._match is not None:
            key = self.key(row)
            return key is not None and key == self.key(first)
        return all(_text(row, at) == _text(first, at) for at in self._own)

    def read(self, group: Group) -> Line:
        """Read the rows of a record; links are only noted, see `resolve`."""
        first, *rest = group
        head = self.cells.read(first)
        head.rest = rest
        if not self.tables or "" in head.bad:
            return head
        for row in rest:
            self._compare(head, first, row)
        for key, (_, cells) in self.tables.items():
            lines = [cells.read(row) for row in group[: MOST_LINES + 1] if cells.fills(row)]
            if lines:
                head.tables[key] = lines
        return head

    def _compare(self, head: Line, first: NumberedRow, row: NumberedRow) -> None:
        """Refuse a row that says something else of the record than its first."""
        for at in self._own:
            text = _text(row, at)
            if text and text != _text(first, at):
                said = RowError(row[0], self._header[at], "other_than_first", {"row": first[0]})
                head.errors.append(said)

    def resolve(self, unit: Unit, heads: Sequence[Line]) -> None:
        """Find the records that link cells name, then put the lines among the values."""
        resolve_links(unit, self.cells, heads)
        for key, (plan, cells) in self.tables.items():
            lines = [line for head in heads for line in head.tables.get(key, ())]
            resolve_links(unit, cells, lines)
            child = unit.snapshot.object(plan.child)
            for head in heads:
                if key in head.tables:
                    head.values[key] = [raw_values(child, one.values) for one in head.tables[key]]

    def refuse_all(self, head: Line, errors: Iterable[FieldError]) -> None:
        """Note what the write gateway found wrong, each at the row and column that it is about."""
        for error in errors:
            key, _, place = error.field.partition("/")
            at, _, inner = place.partition("/")
            if place and key in head.tables:
                line, cells = head.tables[key][int(at)], self.tables[key][1]
                if not cells.explains(line, inner, error.code):
                    cells.refuse(line, inner, error.code, error.params)
            else:
                self.cells.refuse(head, error.field, error.code, error.params)


def _text(row: NumberedRow, at: int) -> Any:
    cells = row[1]
    cell: Cell = cells[at] if at < len(cells) else None
    return "" if cell is None else str(cell_text(cell)).strip()
