"""A file as a table: a header and numbered rows, whatever format it came in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from metadata.errors import PlatformError

Cell = str | int | float | bool | date | datetime | None
NumberedRow = tuple[int, Sequence[Cell]]

MOST_ROWS = 100_000
MOST_COLUMNS = 500
LONGEST_CELL = 200_000


class FileUnreadable(PlatformError):
    """A file that cannot be taken as a table; ``reason`` is a message code."""

    code = "file_unreadable"
    status = 422

    def __init__(self, reason: str, **params: str | int) -> None:
        super().__init__(reason=reason, **params)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header and its rows. ``rows``: (number as the file counts, cells); the header is 1.

    Rows that are wholly empty are left out. ``rows`` can be walked once. ``written_as`` is the
    character set of a text file, or the kind of workbook, as people call it.
    """

    header: Sequence[str]
    rows: Iterator[NumberedRow]
    written_as: str


def clean_header(cells: Sequence[Cell]) -> list[str]:
    """Give header texts, trimmed; empty ones at the end are dropped.

    Raises:
        FileUnreadable: nothing in the header, or more columns than `MOST_COLUMNS`.
    """
    names = ["" if cell is None else str(cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise FileUnreadable("no_header")
    if len(names) > MOST_COLUMNS:
        raise FileUnreadable("too_many_columns", most=MOST_COLUMNS)
    return names


def limited(rows: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
    """Pass rows on, without empty ones.

    Raises:
        FileUnreadable: more than `MOST_ROWS` of them.
    """
    count = 0
    for number, cells in rows:
        if not any(cell is not None and cell != "" for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise FileUnreadable("too_many_rows", most=MOST_ROWS)
        yield number, cells
