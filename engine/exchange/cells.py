"""From the cells of a row to the stored values of a record; all that is wrong is noted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.context import Locale
from engine.errors import InvalidValue
from engine.exchange.sheet import Cell, NumberedRow
from engine.queue.job import RowError
from engine.storage.snapshot import BoundField, BoundObject

MOST_KNOWN = 2_000
"""Cells that a column remembers: options, regions and dates come again and again."""


@dataclass(slots=True)
class Line:
    """A row of the file on its way in.

    ``values``: field key -> stored value, empty cells left out; ``asked``: link fields whose
    records are still to be found, by what the cell says. A record with lines has further rows:
    ``rest``, and its ``tables`` by their field.
    """

    number: int
    cells: Sequence[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Cell] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)  # keys of fields with an error
    rest: Sequence[NumberedRow] = ()
    tables: dict[str, list["Line"]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Tell whether nothing is wrong so far, with its lines neither."""
        return not self.errors and all(one.good for lines in self.tables.values() for one in lines)

    def told(self) -> list[RowError]:
        """Give all that is wrong, in the order of the rows; none of them goes in alone."""
        found = list(self.errors)
        for lines in self.tables.values():
            found += [error for one in lines for error in one.errors]
        if found and self.rest:
            wrong = {error.row for error in found}
            cause = {"row": min(wrong)}
            rows = {self.number, *(number for number, _ in self.rest)}
            found += [RowError(row, "", "held_back", cause) for row in rows - wrong]
            found.sort(key=lambda error: error.row)
        return found

    def refuse(self, key: str, header: str, code: str, params: Mapping[str, Any]) -> None:
        """Note what is wrong with a field; ``key`` "" means the row."""
        self.errors.append(RowError(self.number, header, code, plain_params(params)))
        self.bad.add(key)


Outcome = tuple[Any, InvalidValue | None]


class Cells:
    """Reads rows into lines by the columns of one import."""

    def __init__(
        self, bound: BoundObject, header: Sequence[str], columns: Sequence[str], locale: Locale
    ) -> None:
        """Prepare a reader for each column that goes into a field."""
        self._width = len(header)
        self._bound = bound
        self._language = locale.language
        self._headers = {key: header[at] for at, key in enumerate(columns) if key}
        self.links: dict[str, BoundField] = {}
        self._readers: list[tuple[int, str, Callable[[Cell], Outcome]]] = []
        for at, key in enumerate(columns):
            if not key:
                continue
            found = bound.fields[key]
            if found.type.labelled:
                self.links[key] = found
            else:
                self._readers.append((at, key, _remembering(found, locale)))
        self._filling = [at for at, key in enumerate(columns) if key]
        self._link_columns = [(at, key) for at, key in enumerate(columns) if key in self.links]

    def read(self, row: NumberedRow) -> Line:
        """Read one row; links are only noted, see `engine.exchange.lookups`."""
        number, cells = row
        line = Line(number, cells)
        count = len(cells)
        if count > self._width and any(cell not in {None, ""} for cell in cells[self._width :]):
            line.refuse("", "", "ragged_row", {"cells": count, "columns": self._width})
            return line
        for at, key, reader in self._readers:
            cell = cells[at] if at < count else None
            if cell is None or cell == "":
                continue
            value, error = reader(cell)
            if error is not None:
                self.refuse(line, key, error.reason, error.params)
            elif value is not None:
                line.values[key] = value
        for at, key in self._link_columns:
            cell = cells[at] if at < count else None
            if cell is not None and str(cell).strip():
                line.asked[key] = cell
        return line

    def fills(self, row: NumberedRow) -> bool:
        """Tell whether a row says anything in the columns that are read here."""
        cells = row[1]
        return any(at < len(cells) and cells[at] not in {None, ""} for at in self._filling)

    def refuse(self, line: Line, key: str, code: str, params: Mapping[str, Any]) -> None:
        """Note what is wrong with a field, under the header that people see in their file."""
        line.refuse(key, self.header(key), code, params)

    def explains(self, line: Line, key: str, code: str) -> bool:
        """Tell whether a fault follows from one that was told: of the cell, or of a link.

        A link that could not be found would have brought values for fields without a column.
        """
        if code == "required" and key not in self._headers and line.bad & self.links.keys():
            return True
        return bool(key) and key in line.bad

    def header(self, key: str) -> str:
        """Give the header of a field's column; its label when the file has no such column."""
        if not key or key in self._headers:
            return self._headers.get(key, "")
        known = self._bound.fields.get(key)
        if known is None:
            return key
        label = known.definition.label
        return label.get(self._language) or next(iter(label.values()))


def raw_values(bound: BoundObject, values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn stored values into what the write gateway takes from any caller; lines are raw."""
    raw = {}
    for key, stored in values.items():
        known = bound.fields[key]
        raw[key] = stored if known.type.lines else known.type.kept(stored, known.definition)
    return raw


def plain_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Give parameters of a message as JSON keeps them."""
    return {key: _plain(value) for key, value in params.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime | Decimal):
        return str(value)
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, value))
    return str(value)


def _remembering(found: BoundField, locale: Locale) -> Callable[[Cell], Outcome]:
    """Give the reader of a column, which remembers what cells it has met."""
    known: dict[tuple[type, Cell], Outcome] = {}
    from_text, definition = found.type.from_text, found.definition

    def read(cell: Cell) -> Outcome:
        key = (type(cell), cell)  # 1, True and 1.0 are equal, but not the same cell
        outcome = known.get(key)
        if outcome is None:
            try:
                outcome = from_text(cell, definition, locale), None
            except InvalidValue as error:
                outcome = None, error
            if len(known) < MOST_KNOWN:
                known[key] = outcome
        return outcome

    return read
