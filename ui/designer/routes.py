"""Every handler of the designer."""

from typing import Any

from ui.designer import object_page, release_pages, section_pages, views

ROUTES: list[Any] = [
    *release_pages.ROUTES,
    *object_page.ROUTES,
    *section_pages.ROUTES,
    *views.ROUTES,
]
