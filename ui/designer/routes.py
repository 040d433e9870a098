"""Every handler of the designer."""

from typing import Any

from ui.designer import (
    bin_page,
    condition_pages,
    conflict_pages,
    doctor_page,
    formulas,
    hide_pages,
    index_pages,
    list_pages,
    number_pages,
    object_page,
    pack_pages,
    preview,
    release_pages,
    rule_pages,
    section_pages,
    type_pages,
    views,
)

ROUTES: list[Any] = [
    *release_pages.ROUTES,
    *index_pages.ROUTES,
    *object_page.ROUTES,
    *section_pages.ROUTES,
    *condition_pages.ROUTES,
    *rule_pages.ROUTES,
    *list_pages.ROUTES,
    *number_pages.ROUTES,
    *preview.ROUTES,
    *type_pages.ROUTES,
    *hide_pages.ROUTES,
    *formulas.ROUTES,
    *views.ROUTES,
    *pack_pages.ROUTES,
    *conflict_pages.ROUTES,
    *doctor_page.ROUTES,
    *bin_page.ROUTES,
]
