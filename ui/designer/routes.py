"""Every handler of the designer."""

from typing import Any

from ui.designer import (
    conflict_pages,
    doctor_page,
    index_pages,
    object_page,
    pack_pages,
    release_pages,
    section_pages,
    views,
)

ROUTES: list[Any] = [
    *release_pages.ROUTES,
    *index_pages.ROUTES,
    *object_page.ROUTES,
    *section_pages.ROUTES,
    *views.ROUTES,
    *pack_pages.ROUTES,
    *conflict_pages.ROUTES,
    *doctor_page.ROUTES,
]
