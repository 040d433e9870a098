"""The first day: a link, a list, a record made, mended, thrown away and brought back."""

from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.support.axe import serious
from tests.support.site import ADMIN_NAME, Site
from tests.support.steps import sign_in

pytestmark = pytest.mark.journey

SAMPLES = 30
CHIEF, COLLEAGUE = "13900000081", "13900000082"
NAME = "杭州云栖智能科技有限公司"


def test_a_record_is_made_mended_thrown_away_and_brought_back(live_site: Site, page: Page) -> None:
    live_site.heddle("demo", "--records", str(SAMPLES))
    sign_in(page, live_site)
    page.get_by_role("navigation").get_by_role("link", name="客户", exact=True).click()
    expect(page.get_by_role("heading", name="客户", level=1)).to_be_visible()
    expect(page.locator("#total")).to_have_text(f"{SAMPLES} 条")

    made_with_a_mistake(page)
    mended_in_its_place(page)
    told_by_its_history(page)
    thrown_away_and_brought_back(page)


def made_with_a_mistake(page: Page) -> None:
    """What is wrong is told beside the field, what was typed stays; mended, it is saved."""
    page.get_by_role("link", name="新建客户").click()
    page.get_by_label("客户名称").fill(NAME)
    page.get_by_label("手机", exact=True).fill("12")
    page.get_by_label("邮箱").fill("not an address")
    page.get_by_label("客户级别").select_option(label="A（重点客户）")
    page.get_by_label("备注").fill("展会上认识\n下周联系")
    page.keyboard.press("Control+Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("有 2 处需要修改")
    assert serious(page) == []
    expect(page.get_by_label("邮箱")).to_have_value("not an address")
    summary.get_by_role("link", name="邮箱").click()
    expect(page.get_by_label("邮箱")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("yunqi@example.com")
    mobile = page.get_by_label("手机", exact=True)
    expect(mobile).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#field-mobile .h-err")).to_be_visible()
    expect(mobile).to_have_value("12")
    expect(page.get_by_label("客户名称")).to_have_value(NAME)
    expect(page.get_by_label("客户级别").locator("option:checked")).to_have_text("A（重点客户）")
    expect(page.get_by_label("备注")).to_have_value("展会上认识\n下周联系")
    mobile.fill("13612347489")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="已创建")).to_be_visible()
    expect(page.locator("#value-mobile")).to_contain_text("136 1234 7489")


def mended_in_its_place(page: Page) -> None:
    """One value changes where it stands; a wrong one is refused there."""
    value = page.locator("#value-mobile")
    value.hover()
    page.get_by_role("link", name="编辑“手机”").click()
    expect(value.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    expect(value.locator(".h-err, .h-error").first).to_be_visible()
    value.get_by_role("textbox").fill("15800001111")
    page.keyboard.press("Enter")
    expect(value).to_contain_text("158 0000 1111")
    expect(value.get_by_role("textbox")).to_have_count(0)
    expect(page.locator("#facts")).to_contain_text("158 0000 1111")
    level = page.locator("#value-level")
    level.hover()
    level.get_by_role("link").click()
    level.get_by_role("combobox").select_option(label="B（普通客户）")
    level.get_by_role("button", name="保存").click()
    expect(page.locator("#record-badges")).to_contain_text("B（普通客户）")
    assert serious(page) == []


def told_by_its_history(page: Page) -> None:
    """The history says who did what, from what to what; the newest comes first."""
    page.get_by_role("link", name="操作记录").click()
    entries = page.locator(".h-timeline > li")
    expect(entries).to_have_count(3)
    expect(entries.first).to_contain_text(ADMIN_NAME)
    expect(entries.first).to_contain_text("B（普通客户）")
    expect(entries.nth(1)).to_contain_text("136 1234 7489")
    expect(entries.nth(1)).to_contain_text("158 0000 1111")
    expect(entries.last).to_contain_text(NAME)


def thrown_away_and_brought_back(page: Page) -> None:
    """What is deleted is gone from the list, waits in the bin, and comes back whole."""
    address = page.url.partition("?")[0]
    page.get_by_label("更多操作").click()
    page.get_by_role("link", name="删除").click()
    expect(page.get_by_role("dialog")).to_contain_text(NAME)
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(page.locator("#total")).to_have_text(f"{SAMPLES} 条")
    expect(page.get_by_text(NAME)).to_have_count(0)
    page.get_by_role("link", name="回收站").click()
    row = page.get_by_role("row").filter(has_text=NAME)
    expect(row).to_contain_text(ADMIN_NAME)
    row.get_by_role("button", name="恢复").click()
    expect(page.get_by_role("row").filter(has_text=NAME)).to_have_count(0)
    page.goto(address)
    expect(page.locator("#value-mobile")).to_contain_text("158 0000 1111")
    page.goto(address.rpartition("/")[0])
    expect(page.locator("#total")).to_have_text(f"{SAMPLES + 1} 条")


def test_a_second_factor_guards_the_door_and_a_colleague_is_looked_through(
    live_site: Site, open_page: Callable[..., Page]
) -> None:
    live_site.heddle("user", "create", "--mobile", CHIEF, "--name", "周敏", "--role", "superadmin")
    live_site.heddle(
        "user", "create", "--mobile", COLLEAGUE, "--name", "王小明", "--role", "salesperson"
    )
    page = open_page()
    page.goto(live_site.sign_in_link(CHIEF))
    page.goto(f"{live_site.url}/profile")
    page.get_by_role("link", name="开启二次验证").click()
    page.get_by_role("button", name="开启二次验证").click()
    app = pyotp.TOTP(page.locator("#totp-secret").inner_text().replace(" ", ""))
    assert serious(page) == []
    page.get_by_label("输入应用显示的 6 位验证码").fill(app.now())
    page.keyboard.press("Enter")
    expect(page.locator("#recovery-codes code")).to_have_count(10)
    code = page.locator("#recovery-codes code").first.inner_text()
    looked_through(page, live_site)
    entered_with_a_code(open_page(phone=True), live_site, code)


def looked_through(page: Page, site: Site) -> None:
    """What the colleague sees is seen, nothing is changed, and there is a way back."""
    page.goto(f"{site.url}/o/user")
    opens = page.get_by_role("link", name="王小明").first.get_attribute("href")
    page.goto(f"{site.url}{opens}")
    page.locator(".h-head-actions details summary").last.click()
    page.get_by_role("button", name="以此人视角查看").click()
    bar = page.locator(".h-view-bar")
    expect(bar).to_contain_text("王小明")
    expect(page.get_by_role("link", name="设计器")).to_have_count(0)
    page.get_by_role("navigation").get_by_role("link", name="客户", exact=True).click()
    expect(bar).to_be_visible()
    assert serious(page) == []
    page.goto(f"{site.url}/profile")
    expect(page.get_by_role("heading", level=1)).to_contain_text("他人视角")
    page.locator(".h-view-bar button").click()
    expect(page.get_by_role("status").filter(has_text="已回到自己的视角")).to_be_visible()
    expect(bar).to_have_count(0)


def entered_with_a_code(page: Page, site: Site, code: str) -> None:
    """A link alone is not enough: a code is asked for, by the keyboard of a phone."""
    page.goto(site.sign_in_link(CHIEF))
    expect(page.get_by_label("验证码")).to_be_focused()
    assert serious(page) == []
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("验证码错误")
    page.get_by_label("验证码").fill(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation").first).to_be_visible()
