"""XLSX, parsed by a child process: hostile or huge files cannot hurt the server.

The child's memory and time are limited; it writes rows as JSON lines, so the parent holds one
chunk at a time and stays small.
"""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.exchange.sheet import (
    Cell,
    FileUnreadable,
    NumberedRow,
    Sheet,
    clean_header,
    limited,
)

MOST_ENTRIES = 2_000
LARGEST_UNPACKED = 600 * 1024 * 1024
STEEPEST_RATIO = 200
"""A sheet of text packs 10 to 30 times; a bomb thousands of times."""
SECONDS = 180


def read_xlsx(path: Path) -> Sheet:
    """Read the first sheet of a workbook.

    Raises:
        FileUnreadable: not a workbook, a bomb, or beyond the limits of rows and columns.
    """
    _check_archive(path)
    rows = _rows(path)
    header = next(rows, None)
    if header is None:
        raise FileUnreadable("no_header")
    return Sheet(clean_header(header[1]), limited(rows), "XLSX")


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise FileUnreadable("not_a_workbook") from None
    if len(entries) > MOST_ENTRIES:
        raise FileUnreadable("archive_too_large")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if unpacked > LARGEST_UNPACKED or unpacked / packed > STEEPEST_RATIO:
        raise FileUnreadable("archive_too_large")


def _rows(path: Path) -> Iterator[NumberedRow]:
    command = [
        sys.executable,
        "-m",
        "engine.exchange.xlsx_child",
        str(path.resolve()),
        str(SECONDS),
    ]
    root = Path(__file__).resolve().parent.parent.parent
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module; the path is ours too
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        if child.stdout is None:
            raise RuntimeError("the child has no output")
        ended = False
        try:
            for line in child.stdout:
                data = json.loads(line)
                if data == "end":
                    ended = True
                    break
                number, cells = data
                yield number, [_cell(cell) for cell in cells]
        finally:
            child.kill()
    if not ended:
        raise FileUnreadable("not_a_workbook")


def _cell(data: Any) -> Cell:
    if isinstance(data, dict):
        if "d" in data:
            return date.fromisoformat(data["d"])
        return datetime.fromisoformat(data["t"])
    if isinstance(data, float) and data.is_integer():
        return int(data)  # the reader gives every number as a float
    return data  # type: ignore[no-any-return]
