"""Take pictures of the main screens: ``python -m scripts.screenshots FOLDER [WORD …]``.

Every screen at the sizes of a desktop and of a phone, in both themes, of a fresh installation
with sample records. With words, only screens whose name holds one of them.
"""

import sys
import tempfile
from collections.abc import Callable
from itertools import count, product
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect

from tests.support.browser import launched, new_page
from tests.support.companies import made_up
from tests.support.site import Site

RECORDS = "120"
OBJECT = "/o/customer"
DESIGNER = "/designer/object/customer"
NUMBERS = count(0, 1000)
"""Of the companies in the next list, so that each import finds new ones."""


def main(folder: Path, words: list[str]) -> None:
    """Make a site, and take every picture that the words ask for."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, launched() as browser:
        site = Site(Path(home))
        site.init()
        site.heddle("demo", "--records", RECORDS)
        site.start()
        try:
            for phone, dark in product((False, True), repeat=2):
                size, theme = "phone" if phone else "desktop", "dark" if dark else "light"
                page = new_page(browser, phone=phone, dark=dark)
                for name, show in SCREENS.items():
                    if name == "list":
                        page.goto(site.sign_in_link())
                    if words and not any(word in name for word in words):
                        continue
                    page.goto(site.url + ("/sign-in" if "signin" in name else OBJECT))
                    show(page, site.url)
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=folder / f"{name}-{size}-{theme}.png")
                page.context.close()
        finally:
            site.stop()


def at(path: str) -> Callable[[Page, str], None]:
    """Give what opens an address."""

    def show(page: Page, url: str) -> None:
        page.goto(url + path)

    return show


def show_refused(page: Page, url: str) -> None:
    """Send somebody away at the door."""
    page.locator("#mobile").fill("13900000009")
    page.locator("#password").fill("wrong")
    page.locator("form .h-signin-go").click()
    expect(page.get_by_role("alert")).to_be_visible()


def show_filter(page: Page, url: str) -> None:
    """Open the editor of a condition."""
    page.goto(f"{url}{OBJECT}")
    page.locator(".h-chip.is-add").click()
    page.locator("#filter-field").select_option("created_at")
    page.locator(".h-filter-editor").wait_for()


def show_chosen(page: Page, url: str) -> None:
    """Choose rows of the list."""
    if not page.locator("tbody input[name=ids]").first.is_visible():
        return  # cards on a phone
    for row in range(2):
        page.locator("tbody input[name=ids]").nth(row).check()


def show_columns(page: Page, url: str) -> None:
    """Open the choice of columns."""
    page.locator("a[href*='/columns']").first.click()
    page.locator(".h-column-list").wait_for()


def show_peek(page: Page, url: str) -> None:
    """Open a record over its list."""
    page.locator("#records a[data-peek]").first.click()
    page.locator("#peek .h-peek-body, .h-facts").first.wait_for()


def show_menu(page: Page, url: str) -> None:
    """Open the menu on a phone, the account's menu elsewhere."""
    menu = page.locator("[data-menu]:visible")
    if menu.is_visible():
        menu.click()
    else:
        page.locator(".h-top .h-avatar").click()


def open_record(page: Page, url: str) -> None:
    """Open the first record."""
    row = page.locator("#records tr[data-id]").first.get_attribute("data-id")
    page.goto(f"{url}{OBJECT}/{row}")


def tab_of(number: int) -> Callable[[Page, str], None]:
    """Give what opens a tab of a record; negative numbers count from the end."""

    def show(page: Page, url: str) -> None:
        open_record(page, url)
        page.locator("#tabs .h-tabs a").nth(number).click()
        expect(page.locator("#tabs .h-tabs a").nth(number)).to_have_attribute(
            "aria-current", "page"
        )

    return show


def show_editing(page: Page, url: str) -> None:
    """Edit one value of a record in its place."""
    open_record(page, url)
    edit = page.locator(".h-edit").nth(2)
    edit.scroll_into_view_if_needed()
    edit.focus()
    page.keyboard.press("Enter")
    page.locator(".h-value-form").wait_for()


def show_deleting(page: Page, url: str) -> None:
    """Ask whether a record is to go."""
    open_record(page, url)
    page.locator(".h-head .h-menu summary").click()
    page.locator(".h-menu-item.is-danger").click()
    page.locator(".h-dialog-foot").first.wait_for()


def show_errors(page: Page, url: str) -> None:
    """Send a form with mistakes."""
    page.goto(f"{url}{OBJECT}/new")
    page.locator("[name=mobile]").fill("12")
    page.keyboard.press("Control+Enter")
    page.get_by_role("alert").wait_for()


def show_field(page: Page, url: str) -> None:
    """Choose a field on the customising page."""
    page.goto(f"{url}{DESIGNER}?field=level")


def show_plan(page: Page, url: str) -> None:
    """Add a field, and look at what publishing it does."""
    page.goto(f"{url}{DESIGNER}")
    if not page.locator("#changes li").count():
        page.locator('[data-type="date"]').click()
        page.locator("#changes li").first.wait_for()
    page.goto(f"{url}/designer/plan")


def show_mapping(page: Page, url: str) -> None:
    """Say what goes where in an import."""
    page.goto(f"{url}{OBJECT}/import")
    text = made_up(300, first=next(NUMBERS))
    file = FilePayload(name="companies.csv", mimeType="text/csv", buffer=text.encode())
    page.locator("input[type=file]").set_input_files(file)
    page.locator(".h-foot button").click()
    page.locator("#f-column-0").select_option("name")


def show_trial(page: Page, url: str) -> None:
    """Try an import out."""
    show_mapping(page, url)
    page.locator(".h-foot button.is-primary").click()
    page.locator(".h-stats").wait_for()


def show_imported(page: Page, url: str) -> None:
    """Import, and look at what came of it."""
    show_trial(page, url)
    page.locator(".h-foot button.is-primary").click()
    expect(page.locator(".h-foot .h-tag")).to_be_visible()


def show_search(page: Page, url: str) -> None:
    """Search from the top."""
    page.locator("#search").fill("科技")
    page.locator(".h-hit").first.wait_for()


SCREENS: dict[str, Callable[[Page, str], None]] = {
    "signin": lambda page, url: None,
    "signin_refused": show_refused,
    "list": lambda page, url: None,
    "list_filter": show_filter,
    "list_chosen": show_chosen,
    "list_columns": show_columns,
    "list_empty": at(f"{OBJECT}?q=zzzz"),
    "peek": show_peek,
    "menu": show_menu,
    "record": open_record,
    "record_related": tab_of(1),
    "record_history": tab_of(-1),
    "record_editing": show_editing,
    "record_deleting": show_deleting,
    "form": at(f"{OBJECT}/new"),
    "form_errors": show_errors,
    "designer_home": at("/designer"),
    "designer": at(DESIGNER),
    "designer_field": show_field,
    "designer_plan": show_plan,
    "designer_versions": at("/designer/versions"),
    "import_upload": at(f"{OBJECT}/import"),
    "import_columns": show_mapping,
    "import_trial": show_trial,
    "import_done": show_imported,
    "export": at(f"{OBJECT}/export"),
    "jobs": at("/jobs"),
    "bin": at(f"{OBJECT}/bin"),
    "search": show_search,
    "search_page": at("/search?q=%E7%A7%91%E6%8A%80"),
    "profile": at("/profile"),
    "missing": at("/o/nothing"),
    "logs-data": at("/logs/data"),
    "logs-sign-ins": at("/logs/sign-ins"),
    "logs-system": at("/logs/system"),
}
"""Name of a picture -> what brings the screen onto the page; it begins at the list."""

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
