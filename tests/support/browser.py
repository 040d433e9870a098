"""The browser of the journeys, and what a page must not do while one runs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from tests.support.browser_setup import CHROMIUM, FONTS, LIBRARIES

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# Console errors that are no fault: a form sent back with 422 is logged as a failed resource.
HARMLESS = "Failed to load resource"


class PageLog:
    """Collects what went wrong inside a page: script and policy errors, answers of 5xx."""

    def __init__(self, page: Page) -> None:
        self.problems: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(HARMLESS):
            self.problems.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} from {response.url}")


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the browser that `tests.support.browser_setup` unpacked."""
    environment: dict[str, str | float | bool] = {**os.environ, "FONTCONFIG_FILE": str(FONTS)}
    if lacks_libraries(CHROMIUM):
        environment["LD_LIBRARY_PATH"] = str(LIBRARIES)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            env=environment,
            chromium_sandbox=can_sandbox(),
        )
        yield browser
        browser.close()


def lacks_libraries(program: Path) -> bool:
    """Tell whether the system misses a library of ``program``; it came with copies of its own."""
    listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)  # noqa: S607
    return "not found" in listed.stdout


def can_sandbox() -> bool:
    """Tell whether the browser's sandbox works here: not as root, nor without user namespaces."""
    unshare = shutil.which("unshare")
    if os.geteuid() == 0 or unshare is None:
        return False
    tried = subprocess.run([unshare, "--user", "true"], capture_output=True, check=False)
    return tried.returncode == 0


def new_page(browser: Browser, *, phone: bool = False, dark: bool = False) -> Page:
    """Open a page with cookies of its own, in Chinese, at the size of a desktop or a phone."""
    context = browser.new_context(
        viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]  # a plain dict is one
        has_touch=phone,
        color_scheme="dark" if dark else "light",
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    return context.new_page()
