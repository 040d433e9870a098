"""Opening a file as a table by what is in it, whatever it is called."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from engine.exchange.csv_file import read_csv
from engine.exchange.sheet import FileUnreadable, NumberedRow, Sheet
from engine.exchange.xlsx_file import read_xlsx

ZIP = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Glance:
    """What a person needs to see of a file before it is taken in."""

    header: tuple[str, ...]
    samples: tuple[NumberedRow, ...]
    rows: int
    written_as: str


def open_table(path: Path) -> Sheet:
    """Open a CSV file or a workbook.

    Raises:
        FileUnreadable: it is neither, damaged, or beyond the limits; also while rows are walked.
    """
    with path.open("rb") as file:
        start = file.read(len(OLD_WORKBOOK))
    if start.startswith(ZIP):
        return read_xlsx(path)
    if start == OLD_WORKBOOK:
        raise FileUnreadable("old_workbook")
    if not start:
        raise FileUnreadable("no_header")
    return read_csv(path)


def glance(path: Path) -> Glance:
    """Look a whole file through.

    Raises:
        FileUnreadable: see `open_table`; nothing of it is taken in then.
    """
    sheet = open_table(path)
    samples = tuple(islice(sheet.rows, SAMPLES))
    rows = len(samples) + sum(1 for _ in sheet.rows)
    return Glance(tuple(sheet.header), samples, rows, sheet.written_as)
