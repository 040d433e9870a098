"""Importing a list of companies: a file of five columns, from the order to the end of the job."""

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from bench import content
from bench.measure import bare_driver, measure_once, play, taped
from bench.result import Result
from bench.world import KEPT, World
from engine.context import Context, Locale
from engine.exchange.importer import start_import
from engine.exchange.jobs import job_handlers
from engine.exchange.order import Options
from engine.exchange.store import FileStore
from engine.queue.job import read_job
from engine.worker.runner import JobRunner

ROWS = 5448
TARGET = 3.0
AREAS = ("北京", "上海", "广东", "浙江", "江苏", "山东", "四川", "湖北", "福建", "安徽")
TRADES = ("银行", "软件服务", "化学制药", "汽车配件", "半导体", "电气设备", "食品", "通信设备")
COLUMNS = {
    "公司名称": "name",
    "股票代码": "x_stock_code",
    "地区": "x_area",
    "行业": "x_trade",
    "上市日期": "x_listed_on",
}


def run(world: World) -> Iterator[Result]:
    """Measure new rows, then the same file again, where nothing is left to do."""
    with world.copy() as mine:
        with taped(mine.live.database.engine) as tape:
            first = measure_once(lambda: _import(mine))
        second = measure_once(lambda: _import(mine))
    with world.copy() as other, bare_driver(other.live.database.engine) as driver:
        floor = measure_once(lambda: play(driver, tape.calls))
    seconds = 1000
    yield Result(
        case=f"import of {ROWS:,} rows × {len(COLUMNS)} columns",
        database=world.database,
        value=first.wall / seconds,
        unit="s",
        floor=floor.wall / seconds,
        target=TARGET,
        note=f"{first.cpu / seconds:.2f} s CPU",
    )
    yield Result(
        case="import of the same file again",
        database=world.database,
        value=second.wall / seconds,
        unit="s",
        note=f"{second.cpu / seconds:.2f} s CPU",
    )


def _import(world: World) -> None:
    """Order an import and run the job, as the server does.

    Raises:
        ValueError: rows were lost.
    """
    folder = KEPT / "files"
    try:
        _run(world, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(world: World, folder: Path) -> None:
    live, files = world.live, FileStore(folder)
    person = Context(actor=world.person(everything=True), now=live.clock())
    path = files.receive([companies(ROWS)])
    with live.write(person) as unit:
        stored = files.register(unit, path, "companies.csv", "import")
    number = start_import(
        live, person, files,
        object_key="customer", file_id=stored.id, options=Options(map=COLUMNS),
    )  # fmt: skip
    JobRunner(live, job_handlers(files, Locale())).run_waiting()
    with live.database.read() as connection:
        job = read_job(connection, number)
    if job.counts.get("failed", 0) or job.done != ROWS:
        raise ValueError(f"of {ROWS} rows: {job.state}, {job.counts}, {job.result}")


def companies(rows: int) -> bytes:
    """Make up a CSV file of companies with the columns of `COLUMNS`."""
    random = Random(content.SEED)  # noqa: S311 - samples
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in range(rows):
        listed = date(1991, 1, 1) + timedelta(days=random.randrange(12_000))
        code = f"{row:06d}.{'SZ' if row % 2 else 'SH'}"
        writer.writerow(
            [f"上市公司{row:05d}", code, random.choice(AREAS), random.choice(TRADES), listed]
        )
    return text.getvalue().encode()
