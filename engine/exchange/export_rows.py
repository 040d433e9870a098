"""Records as rows of a file: one each, or one for each of their lines where lines are a column.

The further rows of a record say only what names it, so that sums over a column stay right and an
import finds together what belongs together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.access.roles import rights_of
from engine.context import Locale
from engine.exchange.mapping import SEPARATOR
from engine.query.listing import Page
from engine.query.paths import resolve
from engine.query.rows import Row, Slot
from engine.records.encode import covered
from engine.records.line_plans import LinePlan, line_plans
from engine.records.line_rows import line_columns, lines_of
from engine.storage.snapshot import BoundObject, Unit
from engine.storage.tables import unique_column
from metadata.model import say

BESIDE = frozenset({"id", "version"})
Encoder = Callable[[Row], Any]


class ExportRows:
    """Writes the records of one export. ``own``: the columns that are read of the records."""

    def __init__(
        self, unit: Unit, bound: BoundObject, columns: Sequence[str], locale: Locale
    ) -> None:
        """Prepare for columns, among which fields of lines may be."""
        self._unit = unit
        self._bound = bound
        self._locale = locale
        self._columns = columns
        rights = rights_of(unit)
        self._tables = {
            plan.key: plan
            for plan in line_plans(unit.snapshot, bound.key)
            if plan.key in columns and not rights.field_mask(bound.key, plan.key)
        }
        self.own = tuple(column for column in columns if column not in self._tables)
        self._naming = {key for key in self.own if self._names(key)}

    @property
    def header(self) -> list[str]:
        """Give the headings: labels, so that the file can come back in."""
        found: list[str] = []
        for column in self._columns:
            head = self._heading(self._bound, column)
            plan = self._tables.get(column)
            if plan is None:
                found.append(head)
                continue
            child = self._unit.snapshot.object(plan.child)
            inner = (self._heading(child, key) for key in self._keys(plan))
            found += [f"{head}{SEPARATOR}{one}" for one in inner]
        return found

    def rows(self, page: Page) -> Iterator[list[list[Any]]]:
        """Give the rows of each record of a page; its lines are read with one query a table."""
        encoders = {key: self._encoder(self._bound, page.slots[key]) for key in self.own}
        ids = [row[page.id_index] for row in page.rows]
        lines = {key: self._lines(plan, ids) for key, plan in self._tables.items()}
        for row in page.rows:
            own = {key: encode(row) for key, encode in encoders.items()}
            mine = {key: found.get(row[page.id_index], []) for key, found in lines.items()}
            count = max((1, *(len(found) for found in mine.values())))
            yield [list(self._cells(own, mine, at)) for at in range(count)]

    def _cells(
        self, own: Mapping[str, Any], lines: Mapping[str, list[list[Any]]], at: int
    ) -> Iterator[Any]:
        for column in self._columns:
            if column in own:
                yield own[column] if at == 0 or column in self._naming else None
            elif at < len(lines[column]):
                yield from lines[column][at]
            else:
                yield from [None] * len(self._keys(self._tables[column]))

    def _lines(self, plan: LinePlan, ids: Sequence[int]) -> dict[int, list[list[Any]]]:
        page, found = lines_of(self._unit, plan, ids)
        child = self._unit.snapshot.object(plan.child)
        encoders = [self._encoder(child, page.slots[key]) for key in self._keys(plan)]
        return {
            number: [[encode(row) for encode in encoders] for row in rows]
            for number, rows in found.items()
        }

    def _keys(self, plan: LinePlan) -> list[str]:
        return [key for key in line_columns(self._unit, plan) if key not in BESIDE]

    def _names(self, path: str) -> bool:
        """Tell whether a column says which record a row is of."""
        field = self._bound.fields.get(path)
        return field is not None and (
            path == self._bound.name.key or unique_column(field) is not None
        )

    def _encoder(self, bound: BoundObject, slot: Slot) -> Encoder:
        definition, kind, locale = slot.field.definition, slot.field.type, self._locale
        owner = resolve(self._unit.snapshot, bound, slot.path).owner
        if rights_of(self._unit).field_mask(owner.key, slot.field.key):
            return lambda row: (
                covered(kind.text(slot.value(row), definition, locale), slot.field) or None
            )
        return lambda row: kind.export(slot.value(row), definition, locale)

    def _heading(self, bound: BoundObject, text: str) -> str:
        path = resolve(self._unit.snapshot, bound, text)
        fields = (*path.links, path.field)
        return SEPARATOR.join(say(one.definition.label, self._locale.language) for one in fields)
