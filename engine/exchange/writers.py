"""Rows into files: CSV that sheets do not run as formulas, and workbooks with typed cells."""

import csv
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

DAY, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
LONGEST_CELL = 32_767
EXACT_DIGITS = 15
"""A sheet computes with binary fractions: longer numbers are kept as text."""
NARROWEST, WIDEST = 10, 40
_RUNS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
"""A cell that a sheet would run, or one that looks like such a cell made safe by us."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*%?")


class Writer(ABC):
    """A file that takes rows; `close` it to have it whole."""

    @abstractmethod
    def row(self, cells: Sequence[Any]) -> None:
        """Add a row."""

    @abstractmethod
    def close(self) -> None:
        """Finish the file."""


class CsvWriter(Writer):
    """UTF-8 with a byte order mark, as sheets expect it."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        """Begin a file."""
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)
        self.row(header)

    def row(self, cells: Sequence[Any]) -> None:
        """Add a row."""
        self._rows.writerow([_plain(cell) for cell in cells])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class XlsxWriter(Writer):
    """One sheet, written row by row; nothing in it is a formula or a link."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        """Begin a file."""
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": str(path.parent),
            },
        )
        self._sheet = self._book.add_worksheet()
        bold = self._book.add_format({"bold": True})
        self._day = self._book.add_format({"num_format": DAY})
        self._moment = self._book.add_format({"num_format": MOMENT})
        self._sheet.freeze_panes(1, 0)
        for at, text in enumerate(header):
            width = min(max(sum(1 + (c > "\xff") for c in text) + 4, NARROWEST), WIDEST)
            self._sheet.set_column(at, at, width)
            self._sheet.write_string(0, at, text, bold)
        self._next = 1

    def row(self, cells: Sequence[Any]) -> None:
        """Add a row."""
        for at, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            if isinstance(cell, datetime):
                self._sheet.write_datetime(self._next, at, cell, self._moment)
            elif isinstance(cell, date):
                self._sheet.write_datetime(self._next, at, cell, self._day)
            elif _is_exact(cell):
                self._sheet.write_number(self._next, at, cell)
            else:
                self._sheet.write_string(self._next, at, str(cell)[:LONGEST_CELL])
        self._next += 1

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


WRITERS: dict[str, Callable[[Path, Sequence[str]], Writer]] = {
    "csv": CsvWriter,
    "xlsx": XlsxWriter,
}
"""Format, which is also the file's extension -> what writes it."""
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def harmless(text: str) -> str:
    """Give a text that no sheet takes for a formula: an apostrophe goes before what runs."""
    if _RUNS.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def as_typed(text: str) -> str:
    """Undo `harmless`."""
    return text[1:] if text.startswith("'") and _RUNS.match(text, 1) else text


def _plain(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float | Decimal):
        return str(cell)
    return harmless(str(cell))


def _is_exact(cell: Any) -> bool:
    """Tell whether a cell is a number that a sheet keeps as it is."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        return False
    digits = str(cell).replace("-", "").replace(".", "").lstrip("0")
    return len(digits) <= EXACT_DIGITS
