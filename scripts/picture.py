"""Take the picture of the README: ``.venv/bin/python -m scripts.picture``.

A site of its own with sample data, the list that its menu opens first, a desktop in the light.
Needs what `make test` sets up.
"""

import sys
import tempfile
from pathlib import Path

from tests.support.browser import launched, new_page
from tests.support.site import Site

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "list.png"
SAMPLES = "400"
LIST = "/o/customer"


def main() -> int:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        site.init()
        site.heddle("demo", "--records", SAMPLES)
        site.start()
        try:
            take(site)
        finally:
            site.stop()
    return 0


def take(site: Site) -> None:
    """Sign in and photograph the list."""
    with launched() as browser:
        page = new_page(browser)
        page.goto(site.sign_in_link())
        page.goto(site.url + LIST)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURE)
        page.context.close()


if __name__ == "__main__":
    sys.exit(main())
