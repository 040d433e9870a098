"""An administrator adds four fields by the page, publishes them, and finds them on the form."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.axe import axe
from tests.support.site import Site
from tests.support.steps import publish

pytestmark = pytest.mark.journey

NEW = (
    ("region", "地区", "Area", "x_area"),
    ("text", "行业", "Trade", "x_trade"),
    ("date", "上市日期", "Listed on", "x_listed_on"),
    ("text", "股票代码", "Stock code", "x_stock_code"),
)


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A fresh installation with an administrator, serving."""
    made = make_site()
    made.init()
    made.start()
    return made


def add(page: Page, field_type: str, label: str, english: str, key: str) -> None:
    """Add a field by the palette and name it, as one would: click, type, tab, type, tab."""
    page.locator(f'[data-type="{field_type}"]').click()
    expect(page.locator("#p-label-zh-CN")).to_be_focused()
    page.keyboard.type(label)
    page.keyboard.press("Tab")
    page.keyboard.type(english)
    page.keyboard.press("Tab")
    expect(page.locator(f"#field-{key}")).to_contain_text(label)


def drag(page: Page, source: Locator, target: Locator) -> None:
    """Carry something onto something else."""
    here, there = source.bounding_box(), target.bounding_box()
    assert here is not None
    assert there is not None
    page.mouse.move(here["x"] + 20, here["y"] + 12)
    page.mouse.down()
    page.mouse.move(there["x"] + 60, there["y"] + 10, steps=12)
    page.mouse.move(there["x"] + 70, there["y"] + 14, steps=6)
    page.mouse.up()


def serious(page: Page) -> list[str]:
    """What axe-core finds serious on the page."""
    return [f"{one.rule}: {one.places}" for one in axe(page) if one.is_serious]


def test_four_fields_go_from_the_palette_to_the_form(site: Site, page: Page) -> None:
    page.goto(site.sign_in_link())
    page.goto(f"{site.url}/designer/object/customer")
    assert serious(page) == []
    for one in NEW:
        add(page, *one)
    assert serious(page) == []
    page.locator("#p-in_list").check()
    expect(page.locator("#changes li")).to_have_count(len(NEW))
    page.get_by_role("link", name="检查并发布").click()
    expect(page.locator("h1")).to_have_text("检查并发布")
    for _, label, _, _ in NEW:
        expect(page.locator("main")).to_contain_text(f"新增字段「{label}」")
    assert serious(page) == []
    page.get_by_role("button", name="发布为版本 2").click()
    expect(page.get_by_text("已发布版本 2")).to_be_visible()
    page.goto(f"{site.url}/o/customer/new")
    for _, label, _, key in NEW:
        expect(page.locator(f"#field-{key}")).to_contain_text(label)
    page.goto(f"{site.url}/o/customer")
    expect(page.locator("main")).to_contain_text("股票代码")


def test_what_is_wrong_is_told_beside_the_input_and_typing_goes_on(site: Site, page: Page) -> None:
    page.goto(site.sign_in_link())
    page.goto(f"{site.url}/designer/object/customer")
    add(page, "text", "备用", "Spare", "x_spare")
    page.locator("#p-prop-max_length").fill("many")
    page.keyboard.press("Tab")
    wrong = page.locator("#p-prop-max_length-err")
    expect(wrong).to_be_visible()
    expect(page.locator("#p-prop-max_length")).to_have_value("many")
    assert serious(page) == []
    page.locator("#p-prop-max_length").fill("40")
    page.keyboard.press("Tab")
    expect(wrong).to_have_count(0)


def test_fields_are_dragged_and_moved_by_keys(site: Site, page: Page) -> None:
    page.goto(site.sign_in_link())
    page.goto(f"{site.url}/designer/object/customer")
    cards = page.locator("#cards-1 > li")
    first, second = cards.nth(0).get_attribute("data-key"), cards.nth(1).get_attribute("data-key")
    page.locator(f"#open-{second}").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(cards.nth(0)).to_have_attribute("data-key", str(second))
    page.locator(f"#up-{first}").click()
    expect(cards.nth(0)).to_have_attribute("data-key", str(first))
    drag(page, page.locator("[data-type=date]"), cards.nth(1))
    expect(page.locator("#cards-1 > li.is-new")).to_have_count(1)
    page.get_by_role("button", name="撤销：").first.click()
    expect(page.locator("#cards-1 > li.is-new")).to_have_count(0)


def test_sections_are_added_named_filled_and_removed(site: Site, page: Page) -> None:
    page.goto(site.sign_in_link())
    page.goto(f"{site.url}/designer/object/customer")
    sections = page.locator("section.h-designer-section")
    before = sections.count()
    page.locator("#add-section").click()
    expect(sections).to_have_count(before + 1)
    page.get_by_label("编辑分组“新分组 1”").click()
    page.locator(f"#section-{before + 1}-zh-CN").fill("合作情况")
    page.keyboard.press("Tab")
    expect(page.locator(f"#section-{before + 1}")).to_contain_text("合作情况")
    field = page.locator("#cards-1 > li").nth(1).get_attribute("data-key")
    page.locator(f"#open-{field}").click()
    page.get_by_label("所在分组").select_option(label="合作情况")
    expect(page.locator(f"#cards-{before + 1} > li")).to_have_attribute("data-key", str(field))
    assert serious(page) == []
    menu = page.locator(f"#section-menu-{before + 1}")
    if menu.get_attribute("open") is None:
        page.get_by_label("编辑分组“合作情况”").click()
    menu.get_by_role("button", name="去掉").click()
    expect(sections).to_have_count(before)
    expect(page.locator(f"#cards-{before} > li").last).to_have_attribute("data-key", str(field))


def test_leaving_by_a_link_waits_for_what_is_being_saved(site: Site, page: Page) -> None:
    page.goto(site.sign_in_link())
    page.goto(f"{site.url}/designer/object/customer")
    add(page, "text", "备用", "Spare", "x_spare")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/fields/x_spare", hold)
    page.locator("#p-label-zh-CN").fill("备用名称")
    page.get_by_role("link", name="检查并发布").click()
    expect(page.locator("#p-label-zh-CN")).to_have_value("备用名称")
    expect(page).to_have_url(re.compile("/designer/object/"))
    held[0].continue_()
    expect(page.locator("h1")).to_have_text("检查并发布")
    expect(page.locator("main")).to_contain_text("新增字段「备用名称」")


def test_a_condition_is_built_published_and_lives_in_the_form(site: Site, page: Page) -> None:
    page.goto(site.sign_in_link())
    page.goto(f"{site.url}/designer/object/customer?field=website")
    conditions = page.locator("#more-conditions")
    conditions.locator("summary").click()
    page.get_by_label("编辑“显示条件”").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="添加条件").click()
    dialog.get_by_label("哪个字段").select_option(label="客户级别")
    dialog.get_by_label("A（重点客户）").check()
    assert serious(page) == []
    dialog.get_by_role("button", name="保存").last.click()
    expect(conditions).to_contain_text("客户级别 A（重点客户）")

    page.get_by_role("link", name="规则", exact=True).click()
    page.get_by_role("link", name="添加规则").click()
    dialog.get_by_label("哪个字段").select_option(label="微信")
    dialog.get_by_label("条件", exact=True).select_option(label="不为空")
    dialog.get_by_label("不成立时的提示（中文）").fill("请填写微信")
    dialog.get_by_role("button", name="保存").last.click()
    expect(page.locator(".h-designer-rules")).to_contain_text("请填写微信")
    assert serious(page) == []
    publish(page)

    page.goto(f"{site.url}/o/customer/new")
    website = page.locator("#field-website")
    expect(website).to_be_hidden()
    page.get_by_label("客户名称").fill("云栖")
    page.get_by_label("客户级别").select_option(label="A（重点客户）")
    expect(website).to_be_visible()
    expect(page.get_by_label("客户名称")).to_have_value("云栖")
    page.get_by_label("微信").focus()
    page.get_by_label("网址").focus()
    expect(page.locator("#field-wechat")).to_contain_text("请填写微信")
    page.get_by_label("客户级别").select_option(label="B（普通客户）")
    expect(website).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("请填写微信")
    page.get_by_label("微信").fill("yunqi-4711")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1, name="云栖")).to_be_visible()


def test_options_are_coloured_and_ordered_by_keys(site: Site, page: Page) -> None:
    page.goto(site.sign_in_link())
    page.goto(f"{site.url}/designer/object/customer")
    add(page, "select", "评级", "Rating", "x_rating")
    rows = page.locator("#options ol > li")
    keys = rows.locator("[name='option.key']")
    expect(keys.first).to_have_value("option_1")
    with page.expect_response("**/fields/x_rating"):
        rows.nth(1).locator(".h-drag").press("ArrowUp")
    expect(keys.first).to_have_value("option_2")
    with page.expect_response("**/fields/x_rating"):
        rows.first.get_by_role("combobox").select_option(label="紫")
    assert serious(page) == []
    page.reload()
    expect(keys.first).to_have_value("option_2")
    expect(rows.first.get_by_role("combobox").locator("option:checked")).to_have_text("紫")


def test_columns_scenes_preview_and_text_change_one_draft(site: Site, page: Page) -> None:
    page.goto(site.sign_in_link())
    page.goto(f"{site.url}/designer/object/customer/list")
    columns = page.locator("#column-list > li")
    first = columns.first.get_attribute("id")
    columns.first.get_by_label("拖动").or_(columns.first.locator(".h-drag")).first.focus()
    page.keyboard.press("ArrowDown")
    expect(columns.nth(1)).to_have_attribute("id", str(first))
    expect(page.locator("#changes li")).not_to_have_count(0)
    page.locator("#add-column").select_option(label="微信")
    expect(columns.last).to_contain_text("微信")
    assert serious(page) == []
    page.get_by_role("link", name="预览", exact=True).click()
    page.get_by_label("以这个角色查看").select_option(label="销售员")
    expect(page.locator("main")).to_contain_text("微信")
    assert serious(page) == []
    page.get_by_role("link", name="YAML").click()
    text = page.locator("#yaml-text")
    good = text.input_value()
    text.fill(good.replace("type: email", "type: emial", 1))
    page.get_by_role("button", name="应用到草稿").click()
    problem = page.locator(".h-designer-faults a")
    expect(page.get_by_role("alert")).to_contain_text("emial")
    assert serious(page) == []
    problem.first.click()
    expect(text).to_be_focused()
    text.fill(good.replace("max_length: 120", "max_length: 90", 1))
    page.get_by_role("button", name="应用到草稿").click()
    expect(page.locator("#toasts")).to_contain_text("已应用到草稿")
    expect(page.get_by_role("link", name="检查并发布")).to_be_visible()
