"""The table, on the terminal and in the reference."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from bench.result import HEADS, Result, cells

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
USUAL = 100_000
WIDTHS = (46, 11, 14, 11, 9, 7, 9, 7, 0)

INTRODUCTIONS = {
    "benchmark.md": """\
# Benchmark

What `make bench` measured on {day}, with {records:,} customers of twelve filled columns, 2,000
users in 200 departments, and own fields on every tenth customer. Times are as seen on a machine
that does other work as well.

Machine: {machine}.

- **measured**: the median of many runs, as processor time where it says CPU; of what is run often,
  the median of the best of six rounds, and so for the floor. On PostgreSQL it is that of our
  process and of the server's for the connection; where a target is set for lists and search, that
  of our process alone, but for pages of the records of so many owners and teams: theirs counts
  both.
- **floor**: the same SQL with the same parameters, sent to the bare driver in the same run, in
  the same unit; **ratio** is how many times as much we need.
- Nothing here is a test: a busy machine is slow, not wrong.

""",
    "benchmark.zh.md": """\
# 基准测试

`make bench` 于 {day} 测得：{records:,} 个客户（十二列都有值）、2,000 个用户、200 个部门，
每十个客户有一个填了自定义字段。测量时机器上还有别的工作。

机器：{machine}。

- **measured（实测）**：多次运行的中位数；标 CPU 的是处理器时间；次数多的取六轮中最好一轮的中位数，
  下限也一样。在 PostgreSQL 上是本进程与该连接的
  服务器进程之和；列表和搜索有目标值的，只算本进程，按负责人数和团队列出的页面则两者都算。
- **floor（下限）**：同一次运行中，把同样的 SQL 和参数直接交给驱动所需的值，单位相同；
  **ratio（倍数）** 是实测与下限之比。
- 这些都不是测试：机器忙，只是慢，不是错。

""",
}


def print_row(result: Result) -> None:
    """Print one row as soon as it is known."""
    texts = (text.replace("*", "") for text in cells(result))
    click.echo(" ".join(f"{text:<{width}}" for text, width in zip(texts, WIDTHS, strict=True)))


def write_report(results: Sequence[Result], records: int) -> None:
    """Write the page of the reference, in both languages; the table is one."""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    lines = [_line(HEADS), _line(["---"] * len(HEADS))]
    lines += [_line(cells(result)) for result in results]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, introduction in INTRODUCTIONS.items():
        head = introduction.format(day=day, records=records, machine=machine())
        page = FOLDER / page_name(name, records)
        page.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def page_name(name: str, records: int) -> str:
    """Give the page of so many records; the usual number has the plain name."""
    return name if records == USUAL else name.replace(".", f"-{records}.", 1)


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
