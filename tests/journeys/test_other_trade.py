"""A library: a pack of YAML, installed by one command, has working screens."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.axe import serious
from tests.support.library import LIBRARY
from tests.support.site import Site
from tests.support.steps import sign_in

pytestmark = pytest.mark.journey

TITLE = "百年孤独"
EARLIER = "霍乱时期的爱情"


@pytest.fixture(scope="module")
def library(live_site: Site) -> Site:
    """A site with the library's pack; its first book is planted."""
    live_site.heddle("pack", "install", str(LIBRARY))
    return live_site


def test_books_on_a_board_and_in_a_calendar(library: Site, page: Page) -> None:
    sign_in(page, library)
    page.goto(f"{library.url}/o/book")
    page.get_by_role("button", name="看板").click()
    card = page.locator(".h-tile", has_text="红楼梦")
    column = page.locator(".h-column")
    expect(column.filter(has_text="小说").locator(".h-tile")).to_have_count(1)
    assert serious(page) == []
    card.drag_to(column.filter(has_text="历史"))
    expect(column.filter(has_text="历史").locator(".h-count")).to_have_text("1")
    expect(card).to_have_attribute("data-version", "2")
    card.get_by_role("link", name="红楼梦", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="科学").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(column.filter(has_text="科学").locator(".h-tile")).to_have_count(1)

    other = page.context.new_page()
    other.goto(f"{library.url}/o/book?view=kanban")
    other.locator(".h-tile").drag_to(other.locator(".h-column", has_text="小说"))
    expect(other.locator(".h-tile")).to_have_attribute("data-version", "4")
    other.close()
    card.drag_to(column.filter(has_text="少儿"))
    expect(page.locator("#toasts")).to_contain_text("“红楼梦”没有移动")
    expect(column.filter(has_text="小说").locator(".h-tile")).to_have_count(1)
    place_a_book(page, library)
    page.get_by_role("button", name="表格").click()
    expect(page.locator("#records table")).to_contain_text("红楼梦")
    carry_by_finger(page, library)


def carry_by_finger(page: Page, library: Site) -> None:
    """Hold a card until it is lifted, and let it go over another column; a short touch opens."""
    browser = page.context.browser
    assert browser is not None
    state = page.context.storage_state()
    touch = browser.new_context(storage_state=state, has_touch=True, viewport=page.viewport_size)
    tablet = touch.new_page()
    tablet.goto(f"{library.url}/o/book?view=kanban&by=category")
    card = tablet.locator("#board .h-tile", has_text="红楼梦")
    target = tablet.locator(".h-column").filter(has_text="历史")
    finger = touch.new_cdp_session(tablet)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [middle(card)]})
    expect(card).to_have_class("h-tile is-dragged")
    over = middle(target)
    finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [over]})
    expect(target).to_have_class("h-column is-over")
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(target.locator(".h-tile")).to_contain_text("红楼梦")
    expect(target.locator(".h-count")).to_have_text("1")
    expect(tablet.locator("#peek")).to_be_empty()
    touch.close()


def middle(place: Locator) -> dict[str, float]:
    """Give the middle of what is shown of a place."""
    box = place.bounding_box()
    assert box is not None
    return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}


def place_a_book(page: Page, library: Site) -> None:
    """Make a book from a day of the calendar, and drag it to another."""
    page.get_by_role("button", name="日历").click()
    expect(page.locator(".h-month")).to_be_visible()
    page.goto(f"{library.url}/o/book?view=calendar&by=published_on&on=2026-03-01")
    page.get_by_role("link", name="新建：2026年3月10日").click()
    expect(page.locator("#f-published_on")).to_have_value("2026-03-10")
    page.get_by_label("书名").fill(EARLIER)
    page.get_by_label("作者").fill("马尔克斯")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("heading", name=EARLIER, level=1)).to_be_visible()
    page.goto(f"{library.url}/o/book?view=calendar&by=published_on&on=2026-03-01")
    entry = page.locator(".h-entry", has_text=EARLIER)
    entry.drag_to(page.locator('[data-drop="2026-03-20"]'))
    expect(page.locator('[data-drop="2026-03-20"] .h-entry')).to_have_attribute(
        "data-version", "2"
    )
    assert serious(page) == []
    entry.get_by_role("link").click()
    expect(page.locator("#peek")).to_contain_text("2026-03-20")
    page.keyboard.press("Escape")


def test_a_library_lends_a_book(library: Site, page: Page) -> None:
    sign_in(page, library)
    menu = page.get_by_role("navigation", name="主菜单")
    expect(menu).to_contain_text("图书馆")
    menu.get_by_role("link", name="图书", exact=True).click()
    expect(page.get_by_role("heading", name="图书", level=1)).to_be_visible()
    expect(page.locator("#records")).to_contain_text("红楼梦")

    make(page, "图书", {"书名": TITLE, "作者": "马尔克斯", "定价": "39.50"})
    expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    expect(page.locator("#value-price")).to_contain_text("¥39.50")
    book = page.url

    menu.get_by_role("link", name="读者", exact=True).click()
    make(page, "读者", {"姓名": "林晓燕", "手机": "13612347489", "办证日期": "2026-03-01"})
    expect(page.get_by_role("heading", name="林晓燕", level=1)).to_be_visible()

    lend(page, book)
    expect(page.locator("#tabs table")).to_contain_text("林晓燕")
    expect(page.locator("#tabs table")).to_contain_text("借出")
    menu.get_by_role("link", name="借阅", exact=True).click()
    row = page.locator("#records tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(TITLE)
    expect(row).to_contain_text("马尔克斯")
    give_back(page)


def give_back(page: Page) -> None:
    """Do the action that the pack declares: it asks for a day, and is gone afterwards."""
    page.goto(page.url.split("?")[0])
    page.get_by_role("checkbox", name="选择").first.check()
    page.get_by_role("button", name="还书").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("归还日期").fill("2026-03-20")
    dialog.get_by_role("button", name="还书").click()
    expect(page.locator("#records tbody tr")).to_contain_text("已还")
    number = page.locator("#records tr[data-id]").get_attribute("data-id")
    page.goto(f"{page.url.split('?')[0]}/{number}")
    expect(page.locator("#value-returned_on")).to_contain_text("2026-03-20")
    expect(page.get_by_role("link", name="还书")).to_have_count(0)


def lend(page: Page, book: str) -> None:
    """Lend a book from its related list; a rule of the pack refuses a due date in the past."""
    page.goto(book)
    page.get_by_role("link", name="借阅记录").click()
    page.locator("#tabs").get_by_role("link", name="新建借阅").click()
    expect(page.get_by_role("combobox", name="图书")).to_have_value(TITLE)
    page.get_by_role("combobox", name="读者").fill("林")
    page.get_by_role("option", name="林晓燕").click()
    page.get_by_label("借出日期").fill("2026-03-10")
    page.get_by_label("应还日期").fill("2026-03-01")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("应还日期不能早于借出日期")
    expect(page.get_by_role("combobox", name="读者")).to_have_value("林晓燕")
    page.get_by_label("应还日期").fill("2026-04-10")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="已创建")).to_be_visible()
    page.goto(book)
    page.get_by_role("link", name="借阅记录").click()


def make(page: Page, label: str, values: dict[str, str]) -> None:
    """Create a record from its list."""
    page.get_by_role("link", name=f"新建{label}").first.click()
    for name, value in values.items():
        page.get_by_label(name).fill(value)
    page.get_by_role("button", name="保存", exact=True).click()
