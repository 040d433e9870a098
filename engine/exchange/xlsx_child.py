"""The child that parses a workbook: ``python -m engine.exchange.xlsx_child PATH SECONDS``.

Writes one JSON line a row, ``[number, cells]``, then ``"end"``. Anything that goes wrong ends
it early, and the parent sees that the end is missing.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

MOST_MEMORY = 2 * 1024 * 1024 * 1024


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return {"t": cell.isoformat()}
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


def main(path: str, seconds: int) -> None:
    """Write the rows of the first sheet of ``path``."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    sheet = python_calamine.load_workbook(path).get_sheet_by_index(0)
    start = sheet.start[0] if sheet.start is not None else 0
    for offset, cells in enumerate(sheet.iter_rows()):
        line = json.dumps([start + offset + 1, [_plain(cell) for cell in cells]])
        sys.stdout.write(line + "\n")
    sys.stdout.write(json.dumps("end") + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
