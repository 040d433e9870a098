"""The table, on the terminal and in the reference."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from bench.result import HEADS, Result, cells

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "benchmark.md"
WIDTHS = (46, 11, 14, 11, 9, 7, 9, 7, 0)

INTRODUCTION = """\
# Benchmark

What `make bench` measured on {day}, with {records:,} customers of twelve filled columns, 2,000
users in 200 departments, and own fields on every tenth customer.

Machine: {machine}.

- **measured**: the median of many runs, as processor time where it says CPU. On PostgreSQL it is
  that of our process and of the server's for the connection; where a target is set for lists and
  search, that of our process alone.
- **floor**: the same SQL with the same parameters, sent to the bare driver in the same run, in
  the same unit; **ratio** is how many times as much we need.
- Nothing here is a test: a busy machine is slow, not wrong.

"""


def print_row(result: Result) -> None:
    """Print one row as soon as it is known."""
    texts = (text.replace("*", "") for text in cells(result))
    click.echo(" ".join(f"{text:<{width}}" for text, width in zip(texts, WIDTHS, strict=True)))


def write_report(results: Sequence[Result], records: int) -> None:
    """Write the page of the reference."""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    lines = [_line(HEADS), _line(["---"] * len(HEADS))]
    lines += [_line(cells(result)) for result in results]
    head = INTRODUCTION.format(day=day, records=records, machine=machine())
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def machine() -> str:
    """Say what kind of machine this is; never which."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    facts = (
        f"{os.cpu_count()} processors",
        f"{memory:.0f} GB of memory",
        platform.system(),
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
    )
    return ", ".join(facts)


def _line(texts: Sequence[str]) -> str:
    return "| " + " | ".join(texts) + " |"
