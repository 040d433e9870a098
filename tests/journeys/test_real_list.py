"""A first user brings his list: new fields, import, questions, export, the same file again."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.companies import REAL, Company, companies_of, made_up
from tests.support.site import Site
from tests.support.steps import (
    add_field,
    add_filter,
    check_import,
    do_import,
    publish,
    show_in_list,
    sign_in,
    stat,
    upload,
)

pytestmark = pytest.mark.journey

FIELDS = (
    ("text", "地区", "Area"),
    ("text", "行业", "Trade"),
    ("date", "上市日期", "Listed on"),
    ("text", "股票代码", "Ticker"),
)
SINCE = "2020-01-01"

LISTS: list[Any] = [pytest.param(made_up, id="made-up")]
if REAL.is_file():  # the made-up one as well in the deep run alone
    LISTS = [
        pytest.param(made_up, id="made-up", marks=pytest.mark.deep),
        pytest.param(lambda: REAL.read_text("utf-8"), id="real"),
    ]


@pytest.mark.parametrize("read", LISTS)
def test_a_list_goes_in_is_found_and_comes_out(
    make_site: Any, page: Page, read: Any, tmp_path: Path
) -> None:
    site = start(make_site)
    text = read()
    companies = companies_of(text)
    sign_in(page, site)
    page.goto(f"{site.url}/designer/object/customer")
    for field in FIELDS:
        add_field(page, *field)
        show_in_list(page)
    publish(page)

    bring(page, site, text)
    check_import(page)
    assert (stat(page, "新建"), stat(page, "有问题")) == (len(companies), 0)
    do_import(page)
    assert (stat(page, "新建"), stat(page, "有问题")) == (len(companies), 0)
    page.get_by_role("link", name="查看客户").click()
    count_is(page, len(companies))
    for header in ("地区", "行业", "上市日期", "股票代码"):
        expect(page.get_by_role("columnheader", name=header, exact=True)).to_be_attached()

    found(page, companies)
    searched(page, site, companies)
    came_out(page, site, companies, tmp_path)
    again(page, site, text, len(companies))


def found(page: Page, companies: Any) -> None:
    """What the filters keep is what a loop over the file keeps."""
    add_filter(page, "地区", "等于", "浙江")
    count_is(page, sum(one.area == "浙江" for one in companies))
    add_filter(page, "上市日期", "不早于", SINCE)
    kept = [one for one in companies if one.area == "浙江" and one.listed_on >= SINCE]
    assert kept
    count_is(page, len(kept))
    assert shown(page) <= {one.name for one in kept}
    chips = page.locator(".h-chip-group")
    expect(chips.nth(0)).to_contain_text("浙江")
    expect(chips.nth(1)).to_contain_text(SINCE)
    page.reload()
    count_is(page, len(kept))


def searched(page: Page, site: Site, companies: Any) -> None:
    """Both searches find the companies whose names hold a word."""
    wanted = {one.name for one in companies if "科技" in one.name}
    page.goto(f"{site.url}/o/customer")
    page.get_by_role("searchbox", name="在列表中搜索").fill("科技")
    count_is(page, len(wanted))
    assert shown(page) <= wanted
    page.locator("#search").fill("科技")
    hit = page.locator("#search-drop .h-hit").first
    expect(hit).to_be_visible()
    assert hit.locator("span").first.inner_text() in wanted


def came_out(page: Page, site: Site, companies: Any, folder: Path) -> None:
    """An export of the whole list holds every row, as it stood in the file."""
    page.goto(f"{site.url}/o/customer")
    page.get_by_role("link", name="导出", exact=True).click()
    page.get_by_label("CSV").check()
    page.get_by_label("我能看到的全部字段").check()
    page.get_by_role("button", name="导出", exact=True).click()
    link = page.get_by_role("link", name="下载文件")
    expect(link).to_be_visible(timeout=30_000)
    with page.expect_download() as waiting:
        link.click()
    file = folder / "out.csv"
    waiting.value.save_as(file)
    rows = csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))
    out = {
        Company(row["客户名称"], row["股票代码"], row["地区"], row["行业"], row["上市日期"])
        for row in rows
    }
    assert out == set(companies)


def again(page: Page, site: Site, text: str, count: int) -> None:
    """The same file once more changes nothing, whether it may update or is to skip."""
    for mode in ("更新已有的，新建没有的", "跳过已有的，只新建没有的"):
        bring(page, site, text, mode=mode)
        check_import(page)
        assert stat(page, "未变化或跳过") == count
        assert stat(page, "新建") == 0
        expect(page.locator("#job")).to_contain_text("没有可以导入的行")
    changed = text.replace(",浙江,", ",浙江省,")  # a name may hold the word too
    bring(page, site, changed, mode="更新已有的，新建没有的")
    check_import(page)
    moved = sum(one.area == "浙江" for one in companies_of(text))
    assert (stat(page, "新建"), stat(page, "更新")) == (0, moved)
    do_import(page)
    assert (stat(page, "新建"), stat(page, "更新")) == (0, moved)
    page.get_by_role("link", name="查看客户").click()
    count_is(page, count)
    add_filter(page, "地区", "等于", "浙江省")
    count_is(page, moved)


def bring(page: Page, site: Site, text: str, *, mode: str = "") -> None:
    """Upload the list and say what goes where; all but the name is found by its label."""
    page.goto(f"{site.url}/o/customer/import")
    upload(page, "companies.csv", text)
    page.get_by_label("公司名称").select_option("name")
    for header in ("股票代码", "地区", "行业", "上市日期"):
        chosen = page.get_by_label(header, exact=True).locator("option:checked")
        expect(chosen).to_have_text(header)
    if mode:
        page.get_by_label("遇到已有记录时").select_option(label=mode)


def start(make_site: Any) -> Site:
    """A fresh installation, serving."""
    site: Site = make_site()
    site.init()
    site.start()
    return site


def count_is(page: Page, count: int) -> None:
    """Wait until the list says that it holds so many."""
    expect(page.locator("#total")).to_have_text(f"{count:,} 条")


def shown(page: Page) -> set[str]:
    """The names on the page."""
    return set(
        page.locator("#records tbody [data-field=name], #records a[data-peek]").all_inner_texts()
    )
