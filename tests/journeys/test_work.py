"""A day's work in a real browser: lists by keyboard, scenes, leaving a form, a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.axe import serious
from tests.support.site import Site
from tests.support.steps import add_filter, sign_in, total

pytestmark = pytest.mark.journey

OTHER = "宁波晨光织造有限公司"


def create(page: Page, name: str) -> None:
    """Create a record from the list."""
    page.get_by_role("link", name="新建客户").first.click()
    page.get_by_label("客户名称").fill(name)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def row(page: Page, name: str) -> str:
    """Give the selector of the row that shows a name."""
    return f"#records tr:has(a.h-name:text-is('{name}'))"


def test_the_list_answers_to_the_keyboard(live_site: Site, page: Page) -> None:
    sign_in(page, live_site)
    page.goto(f"{live_site.url}/o/customer")
    create(page, OTHER)
    page.goto(f"{live_site.url}/o/customer")
    page.get_by_role("link", name=OTHER).click()
    panel = page.locator("#peek")
    expect(panel.get_by_role("heading", name=OTHER)).to_be_visible()
    expect(page).to_have_url(re.compile(r"peek=\d+"))
    assert serious(page, within="#peek") == []
    page.keyboard.press("Escape")
    expect(panel).to_be_empty()
    expect(page).not_to_have_url(re.compile("peek="))

    # A cell is edited in place; Escape leaves it as it was.
    cell = page.locator(row(page, OTHER)).locator("td[data-field=level]")
    cell.dblclick()
    cell.get_by_role("combobox").select_option(label="B（普通客户）")
    page.keyboard.press("Escape")
    expect(cell).not_to_contain_text("B（普通客户）")
    cell.dblclick()
    cell.get_by_role("combobox").select_option(label="B（普通客户）")
    cell.get_by_role("button", name="保存").click()
    expect(cell).to_contain_text("B（普通客户）")

    page.locator("#search").click()
    page.keyboard.type("晨光")
    expect(page.locator("#search-drop")).to_contain_text(OTHER)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="搜索")).to_be_visible()


def test_a_star_and_the_palette_bring_a_record_back(live_site: Site, page: Page) -> None:
    name = "嘉兴云锦织造有限公司"
    sign_in(page, live_site)
    page.goto(f"{live_site.url}/o/customer")
    create(page, name)
    page.goto(f"{live_site.url}/o/customer")
    star = page.get_by_role("button", name=f"关注 {name}")
    with page.expect_response(lambda answer: answer.url.endswith("/star")):
        star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="我关注的客户").click()
    expect(page.locator("#records tr[data-id]")).to_have_count(1)

    # By keyboard: what was opened last and what is starred are there before anything is typed.
    palette = page.get_by_role("dialog", name="命令面板")
    page.goto(f"{live_site.url}/designer/object/customer")
    page.keyboard.press("Control+k")
    expect(palette.get_by_role("group", name="最近打开")).to_contain_text(name)
    expect(palette.get_by_role("group", name="我关注的")).to_contain_text(name)
    assert serious(page, within="#finder") == []
    page.keyboard.type("jxyj")
    page.keyboard.press("Enter")  # before the answer is there
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(palette).not_to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("xjlxr")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/o/contact/new$"))

    # By thumb: the field on top opens it over the whole screen.
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_site.url}/o/contact")
    page.locator("#search").click()
    palette.get_by_role("combobox").fill("云锦")
    palette.get_by_role("group", name="客户", exact=True).get_by_role("option", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    page.get_by_role("button", name=f"关注 {name}").click()
    expect(page.locator(".h-star[aria-pressed=true]")).to_have_count(0)


def test_a_filter_becomes_a_scene(live_site: Site, page: Page) -> None:
    sign_in(page, live_site)
    page.goto(f"{live_site.url}/o/customer")
    create(page, "绍兴提花布业有限公司")
    page.goto(f"{live_site.url}/o/customer")
    add_filter(page, "客户名称", "包含", "提花")
    expect(page.locator(".h-chip-group")).to_contain_text("提花")
    assert total(page) == 1
    page.get_by_role("link", name="存为场景").click()
    page.get_by_label("场景名称").fill("提花")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_role("link", name="提花", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    assert total(page) == 1


def test_leaving_a_form_that_was_changed_asks(live_site: Site, page: Page) -> None:
    sign_in(page, live_site)
    page.goto(f"{live_site.url}/o/customer/new")
    page.get_by_label("客户名称").fill("还没有保存")
    page.locator("#side").get_by_role("link", name="联系人").click()
    question = page.get_by_role("dialog", name="离开此页？")
    expect(question).to_be_visible()
    question.get_by_role("button", name="继续填写").click()
    expect(page.get_by_label("客户名称")).to_have_value("还没有保存")
    page.locator("#side").get_by_role("link", name="联系人").click()
    question.get_by_role("button", name="不保存，离开").click()
    expect(page).to_have_url(re.compile("/o/contact$"))


def test_the_menu_and_the_cards_of_a_phone(live_site: Site, page: Page) -> None:
    sign_in(page, live_site)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_site.url}/o/customer")
    expect(page.locator("#side")).not_to_be_in_viewport()
    page.get_by_role("link", name="更多", exact=True).click()
    expect(page.locator("#side")).to_be_in_viewport()
    page.locator("#side").get_by_role("link", name="产品", exact=True).click()
    expect(page).to_have_url(re.compile("/o/product$"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page) == []
