"""A list as a first user brings it: thousands of companies, twice, and questions about them."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.exchange.exporter import ExportOrder, start_export
from engine.exchange.importer import start_import
from engine.exchange.jobs import job_handlers
from engine.exchange.order import parse_options
from engine.exchange.store import FileStore
from engine.exchange.table import open_table
from engine.query.listing import ListRequest
from engine.queue.job import Job, read_job
from engine.records.read import count
from engine.worker.runner import JobRunner
from metadata.conditions import parse_condition
from tests.support.library import publish, shipped_site, system_context

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "listed_companies.csv"
HEAD = ("公司名称", "股票代码", "地区", "行业", "上市日期")
ROWS = 5448
PROVINCES = ("浙江", "北京", "深圳", "内蒙", "上海", "广东", "四川", "西藏")
INDUSTRIES = ("银行", "软件服务", "全国地产", "医疗保健", "科技咨询")
SINCE = "2020-01-01"
MAP = {"公司名称": "name"}
WHERE = {
    "all": [
        {"field": "x_area", "op": "eq", "value": "浙江"},
        {"field": "x_listed_on", "op": "gte", "value": SINCE},
    ]
}


def generated() -> str:
    """Write as many companies as the real list has, with names that trip people up."""
    random = Random(4711)  # noqa: S311 - made-up rows
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(HEAD)
    for number in range(ROWS):
        name = f"{random.choice(('', '*ST', 'ST'))}{random.choice('华天云海金')}{number:05d}科技"
        listed = date(1991, 1, 1) + timedelta(days=random.randrange(12_500))
        writer.writerow(
            (
                name,
                f"{number:06d}.SZ",
                random.choice(PROVINCES),
                random.choice(INDUSTRIES),
                listed.isoformat(),
            )
        )
    return target.getvalue()


SOURCES: list[Any] = [pytest.param(generated, id="generated")]
if REAL.is_file():  # the made-up one as well in the deep run alone
    SOURCES = [
        pytest.param(generated, id="generated", marks=pytest.mark.deep),
        pytest.param(lambda: REAL.read_text("utf-8"), id="real"),
    ]


class Office:
    """A site with the shipped packs and the four fields that the list needs."""

    def __init__(self, url: str, folder: Path) -> None:
        self.live = shipped_site(url)
        fields = {
            "x_area": {"type": "region", "label": "地区", "depth": 2},
            "x_trade": {"type": "text", "label": "行业", "max_length": 50},
            "x_listed_on": {"type": "date", "label": "上市日期", "sortable": True},
            "x_ticker": {"type": "text", "label": "股票代码", "max_length": 20, "search": True},
        }
        publish(
            self.live,
            *(
                {
                    "op": "add",
                    "document": "object/customer",
                    "path": f"fields/{key}",
                    "value": definition,
                }
                for key, definition in fields.items()
            ),
        )
        self.files = FileStore(folder)
        self.context = system_context(self.live)

    def run(self, number: int) -> Job:
        handlers = job_handlers(self.files, self.context.locale)
        JobRunner(self.live, handlers).run_waiting()
        with self.live.database.read() as connection:
            return read_job(connection, number)

    def bring(self, text: str, **options: Any) -> tuple[int, ...]:
        path = self.files.receive(iter([text.encode()]))
        with self.live.write(self.context) as unit:
            stored = self.files.register(unit, path, "list.csv", "import")
        job = self.run(
            start_import(
                self.live,
                self.context,
                self.files,
                object_key="customer",
                file_id=stored.id,
                options=parse_options({"map": MAP, **options}),
            )
        )
        assert job.state == "done", job.result
        return tuple(job.counts[name] for name in ("created", "updated", "skipped", "failed"))

    def count(self, **request: Any) -> int:
        with self.live.read(self.context) as unit:
            return count(unit, ListRequest(object="customer", **request), cap=None).value


@pytest.mark.parametrize("source", SOURCES)
def test_a_whole_list(new_database_url: str, tmp_path: Path, source: Any) -> None:
    office = Office(new_database_url, tmp_path)
    text = source()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == ROWS
    assert office.bring(text, dry_run=True) == (ROWS, 0, 0, 0)
    assert office.count() == 0
    assert office.bring(text) == (ROWS, 0, 0, 0)
    assert office.bring(text) == (0, 0, ROWS, 0)
    assert office.bring(text, mode="skip") == (0, 0, ROWS, 0)
    later = text.replace(f",{rows[0]['行业']},", ",别的行业,")
    changed = sum(row["行业"] == rows[0]["行业"] for row in rows)
    assert office.bring(later) == (0, changed, ROWS - changed, 0)
    assert office.count() == ROWS

    wanted = [row for row in rows if row["地区"] == "浙江" and row["上市日期"] >= SINCE]
    assert office.count(where=parse_condition(WHERE)) == len(wanted) > 0
    assert office.count(search="科技") >= sum("科技" in row["公司名称"] for row in rows) > 0

    number = start_export(
        office.live,
        office.context,
        ExportOrder(
            object="customer",
            format="csv",
            columns=("name", "x_ticker", "x_area", "x_trade", "x_listed_on"),
            where=WHERE,
        ),
    )
    job = office.run(number)
    assert job.result is not None
    sent = [list(cells) for _, cells in open_table(office.files.path(job.result["file"])).rows]
    assert Counter(row[0] for row in sent) == Counter(row["公司名称"] for row in wanted)
    assert {row[2] for row in sent} == {"浙江省"}
    assert {row[4] for row in sent} == {row["上市日期"] for row in wanted}
    office.live.database.close()
