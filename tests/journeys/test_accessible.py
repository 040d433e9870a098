"""Nothing serious stands in the way of people who cannot see or point, in light and in dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.axe import serious
from tests.support.companies import made_up
from tests.support.site import Site
from tests.support.steps import check_import, sign_in, upload

pytestmark = pytest.mark.journey

SAMPLES = 30


@pytest.fixture(scope="module")
def site(live_site: Site) -> Site:
    """A site with sample records."""
    live_site.heddle("demo", "--records", str(SAMPLES))
    return live_site


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_main_screen_can_be_used_by_everybody(
    site: Site, open_page: Callable[..., Page], dark: bool
) -> None:
    page = open_page(dark=dark)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        broken = [f"{one.rule}: {', '.join(one.places)}" for one in serious(page)]
        if broken:
            found[name] = broken

    page.goto(f"{site.url}/sign-in")
    look("sign-in")
    sign_in(page, site)
    lists(page, site, look)
    records(page, site, look)
    for log in ("data", "system"):
        page.goto(f"{site.url}/logs/{log}")
        look(f"log {log}")
    page.goto(f"{site.url}/designer")
    look("designer")
    page.goto(f"{site.url}/designer/object/customer?field=level")
    look("field")
    imports(page, site, look, dark=dark)
    assert not found


def lists(page: Page, site: Site, look: Callable[[str], None]) -> None:
    """The list, with a filter being edited, rows chosen, columns, and a record over it."""
    page.goto(f"{site.url}/o/customer")
    look("list")
    page.locator("summary").filter(has_text="添加筛选").click()
    page.get_by_label("按哪个字段筛选").select_option("created_at")
    expect(page.locator(".h-filter-editor")).to_be_visible()
    look("filter")
    page.get_by_role("button", name="取消").click()
    page.locator("tbody input[name=ids]").first.check()
    look("chosen")
    page.locator("#records").get_by_role("link", name="列", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("columns")
    page.keyboard.press("Escape")
    page.locator("#records a[data-peek]").nth(1).click()
    expect(page.locator("#peek .h-peek-body")).to_be_visible()
    look("peek")


def records(page: Page, site: Site, look: Callable[[str], None]) -> None:
    """A record, its related list, its history, and the form with mistakes."""
    row = page.locator("#records tr[data-id]").first.get_attribute("data-id")
    page.goto(f"{site.url}/o/customer/{row}")
    look("record")
    for tab in ("联系人", "操作记录"):
        page.locator("#tabs").get_by_role("link", name=tab).first.click()
        expect(page.locator("#tabs [aria-current=page]")).to_contain_text(tab)
        look(tab)
    page.goto(f"{site.url}/o/customer/new")
    look("form")
    page.get_by_label("手机", exact=True).fill("12")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    look("form with mistakes")


def imports(page: Page, site: Site, look: Callable[[str], None], *, dark: bool) -> None:
    """Each step of an import."""
    page.goto(f"{site.url}/o/customer/import")
    look("upload")
    upload(page, "companies.csv", made_up(20, first=1000 * dark))
    look("columns of the file")
    page.get_by_label("公司名称").select_option("name")
    check_import(page)
    look("trial")
