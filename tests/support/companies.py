"""Lists of companies as a first user brings them: a made-up one, and the real one if there."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "listed_companies.csv"
HEAD = ("公司名称", "股票代码", "地区", "行业", "上市日期")
ROWS = 600

MARKS = ("", "", "", "", "", "", "ST", "*ST", "TCL")
STEMS = ("华", "天", "东方", "金", "海", "云", "长", "新", "中", "国", "南", "永", "TM", "3D")
ENDS = ("科技", "科技", "股份", "银行", "医药", "电力", "A", "B", "集团", "智能", "新材")
PROVINCES = ("浙江", "浙江", "江苏", "广东", "北京", "上海", "深圳", "四川", "内蒙", "西藏")
TRADES = ("银行", "软件服务", "全国地产", "医疗保健", "专用机械", "半导体", "元器件")
MARKETS = ("SZ", "SH", "BJ")
FIRST_DAY = date(1990, 12, 19)
DAYS = 12_800


@dataclass(frozen=True, slots=True)
class Company:
    """One row of a list."""

    name: str
    code: str
    area: str
    trade: str
    listed_on: str


def made_up(count: int = ROWS, *, first: int = 0) -> str:
    """Write a list of companies as CSV; the same one at each call with the same numbers."""
    random = Random(4711)  # noqa: S311 - made-up rows
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(HEAD)
    for number in range(first, first + count):
        name = random.choice(MARKS) + "".join(random.sample(STEMS, 2)) + random.choice(ENDS)
        listed_on = FIRST_DAY + timedelta(days=random.randrange(DAYS))
        # The number keeps names apart: an object may allow each name once.
        row = (f"{name}{number}", f"{number:06d}.{random.choice(MARKETS)}")
        writer.writerow((*row, random.choice(PROVINCES), random.choice(TRADES), listed_on))
    return target.getvalue()


def companies_of(text: str) -> Sequence[Company]:
    """Read a list back, with nothing but the standard library."""
    rows = csv.reader(io.StringIO(text))
    if tuple(next(rows)) != HEAD:
        raise ValueError("not a list of companies")
    return [Company(*row) for row in rows]
