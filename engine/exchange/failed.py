"""The rows of a file that an import did not take, as a file to mend and bring again."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from engine.exchange.table import open_table
from engine.exchange.writers import CsvWriter
from engine.queue.job import RowError, read_errors

PAGE = 1_000
BETWEEN = "; "


def write_failed_rows(
    connection: Connection,
    number: int,
    source: Path,
    target: Path,
    headings: tuple[str, str],
    tell: Callable[[RowError], str],
) -> None:
    """Write the failed rows of a job as CSV: the file's own columns, then row and reason.

    Args:
        connection: the database.
        number: the job.
        source: the file that was imported.
        target: where to write.
        headings: of the two columns that are added.
        tell: puts an error into words.

    Raises:
        FileUnreadable: the file cannot be read any more.
    """
    reasons: dict[int, list[str]] = {}
    at = 0
    while errors := read_errors(connection, number, after=at, limit=PAGE):
        at += len(errors)
        for error in errors:
            text = tell(error)
            said = f"{error.column}: {text}" if error.column else text
            reasons.setdefault(error.row, []).append(said)
    sheet = open_table(source)
    width = len(sheet.header)
    writer = CsvWriter(target, [*sheet.header, *headings])
    try:
        for row, cells in sheet.rows:
            if row in reasons:
                plain = (list(cells) + [None] * width)[:width]
                writer.row([*plain, row, BETWEEN.join(reasons[row])])
    finally:
        writer.close()
