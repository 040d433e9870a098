"""What people do again and again in the browser: by label, by mouse, by keyboard."""

import re

from playwright.sync_api import FilePayload, Page, expect

from tests.support.site import Site

SECONDS_FOR_A_JOB = 30_000


def sign_in(page: Page, site: Site) -> None:
    """Open the one-time link; the menu is there afterwards."""
    page.goto(site.sign_in_link())
    expect(page.locator("#side")).to_be_attached()


def add_field(page: Page, field_type: str, label: str, english: str) -> None:
    """Add a field on the customising page: click its type, type its names."""
    page.locator(f'[data-type="{field_type}"]').click()
    expect(page.locator("#p-label-zh-CN")).to_be_focused()
    page.keyboard.type(label)
    page.keyboard.press("Tab")
    page.keyboard.type(english)
    page.keyboard.press("Tab")
    expect(page.locator("#p-label-en")).to_have_value(english)


def show_in_list(page: Page) -> None:
    """Make the chosen field a column, right after typing: the saves before are still under way."""
    with page.expect_response(lambda answer: "in_list=true" in (answer.request.post_data or "")):
        page.get_by_label("列表可见").check()


def publish(page: Page) -> None:
    """Check the draft and publish it."""
    page.get_by_role("link", name="检查并发布").click()
    page.get_by_role("button", name=re.compile("^发布为版本")).click()
    expect(page.get_by_text(re.compile("^已发布版本")).first).to_be_visible()


def upload(page: Page, name: str, text: str) -> None:
    """Give the import a file; its columns are shown afterwards."""
    file = FilePayload(name=name, mimeType="text/csv", buffer=text.encode("utf-8"))
    page.get_by_label("文件").set_input_files([file])
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("columnheader", name="文件中的列")).to_be_visible()


def check_import(page: Page) -> None:
    """Try the import out, and wait for what it would do."""
    page.get_by_role("button", name="检查", exact=True).click()
    expect(page.locator("#job .h-stats")).to_be_visible(timeout=SECONDS_FOR_A_JOB)


def do_import(page: Page) -> None:
    """Do what was tried out, and wait until it is done."""
    page.get_by_role("button", name=re.compile(r"^导入 .+ 行$")).click()
    expect(page.locator("#job .h-foot .h-tag")).to_have_text("已完成", timeout=SECONDS_FOR_A_JOB)


def stat(page: Page, label: str) -> int:
    """Read one figure of a job; 0 where the job tells none of that name."""
    box = page.locator("#job .h-stats > div").filter(has_text=label)
    return int(box.locator("b").inner_text().replace(",", "")) if box.count() else 0


def add_filter(page: Page, field: str, operator: str, value: str) -> None:
    """Keep only what fits one more condition."""
    chips = page.locator(".h-chip-group")
    before = chips.count()
    page.locator("summary").filter(has_text="添加筛选").click()
    page.get_by_label("按哪个字段筛选").select_option(label=field)
    editor = page.locator(".h-filter-editor")
    if editor.get_by_label("条件").locator("option:checked").inner_text() != operator:
        with page.expect_response(lambda answer: "redraw=1" in answer.url):
            editor.get_by_label("条件").select_option(label=operator)
    page.locator(".h-filter-editor").get_by_label(field, exact=True).fill(value)
    page.locator(".h-filter-editor").get_by_role("button", name="应用").click()
    expect(chips).to_have_count(before + 1)


def total(page: Page) -> int:
    """Read how many records the list holds."""
    return int(re.sub(r"\D", "", page.locator("#total").inner_text()))
