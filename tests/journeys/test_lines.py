"""A contract with its products, filled in as in a sheet, at a desk and on a phone."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import serious
from tests.support.browser import PageLog, new_page
from tests.support.site import Site
from tests.support.steps import sign_in

pytestmark = pytest.mark.journey
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def shop(live_site: Site) -> Site:
    """A site with sample products."""
    live_site.heddle("demo", "--records", "20", "--users", "2")
    return live_site


def cell(page: Page, row: int, key: str) -> str:
    """Select the input of a cell."""
    return f"[data-h-lines] tbody tr:nth-child({row}) [data-h-cell={key}] input:not([type=hidden])"


def add_line(page: Page, row: int) -> str:
    """Add a line with the product that the picker offers there; gives its name."""
    page.locator("[data-h-add-line]").click()
    line = page.locator("[data-h-lines] tbody tr").nth(row - 1)
    with page.expect_response("**/lines/lines"):
        line.get_by_role("combobox").click()
        line.locator("[data-h-pick]").nth(row - 1).click()
    expect(page.locator(cell(page, row, "unit_price"))).not_to_have_value("")
    return line.get_by_role("combobox").input_value()


def override(page: Page, total: Decimal) -> None:
    """Agree upon a total, then upon an amount, and let both follow again."""
    agreed = total - Decimal("0.01")
    with page.expect_response("**/o/contract/live"):
        page.locator("#f-lines_total").fill(str(agreed))
    expect(page.locator("#f-amount")).to_have_value(str(agreed))
    page.locator("#f-amount").fill("7")
    again = page.locator("#field-amount [data-h-follow-again]")
    expect(again).to_contain_text(f"¥{agreed:,}")
    page.locator("#f-discount").fill("0")
    expect(page.locator("#f-lines_total")).not_to_have_value(str(agreed))
    expect(page.locator("#f-amount")).to_have_value("7")
    page.locator("#f-discount").fill("10")
    expect(page.locator("#f-lines_total")).to_have_value(str(total))
    again.click()
    expect(page.locator("#f-amount")).to_have_value(str(total))
    expect(again).to_be_hidden()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_lines_of_a_contract(browser: Browser, shop: Site, *, phone: bool) -> None:
    page = new_page(browser, phone=phone)
    log = PageLog(page)
    sign_in(page, shop)
    page.goto(f"{shop.url}/o/contract/new")
    page.locator("#f-name").fill("年度采购")
    page.locator("#f-customer").click()
    page.locator("[data-h-field=customer] [data-h-pick]").first.click()
    page.locator("#f-signed_on").fill("2026-11-01")
    first, second, third = (add_line(page, row) for row in (1, 2, 3))
    with page.expect_response("**/lines/lines"):
        page.locator(cell(page, 1, "unit_price")).fill("50.00")
    page.locator(cell(page, 3, "quantity")).fill("2.5")

    page.locator("[data-h-lines] tbody tr").nth(2).locator("[data-h-line-up]").click()
    with page.expect_response("**/lines/lines"):
        page.locator("[data-h-lines] tbody tr").nth(2).locator("[data-h-line-remove]").click()

    expect(page.locator("[data-h-lines] tbody tr")).to_have_count(2)
    with page.expect_response("**/o/contract/live"):
        page.locator("#f-discount").fill("10")
    price = Decimal(page.locator(cell(page, 2, "unit_price")).input_value())
    total = Decimal("50.00") + (price * Decimal("2.5")).quantize(CENT, ROUND_HALF_UP)
    reduced = (total * 90 / 100).quantize(CENT, ROUND_HALF_UP)
    expect(page.locator("[data-h-total=lines_sum]")).to_have_text(f"¥{total:,}")
    expect(page.locator("#f-lines_total")).to_have_value(str(reduced))
    expect(page.locator("#f-amount")).to_have_value(str(reduced))
    override(page, reduced)
    assert second != third
    assert serious(page) == []
    page.locator(".h-form-foot button, [data-save]").locator("visible=true").last.click()
    expect(page.locator(".h-lines.is-shown tbody tr")).to_have_count(2)
    shown = page.locator(".h-lines.is-shown tbody tr")
    expect(shown.nth(0)).to_contain_text(first)
    expect(shown.nth(0)).to_contain_text("¥50.00")
    expect(shown.nth(1)).to_contain_text(third)
    expect(shown.nth(1)).to_contain_text("2.50")
    expect(page.locator(".h-lines.is-shown tfoot")).to_contain_text(f"¥{total:,}")
    expect(page.get_by_text(f"¥{reduced:,}", exact=True).first).to_be_visible()
    assert serious(page) == []
    assert log.problems == []
    page.context.close()
