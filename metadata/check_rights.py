"""Checks of roles: what they grant exists, and nobody changes what he may not see."""

from collections.abc import Mapping
from typing import Any

from metadata.catalog import SCOPES
from metadata.check_conditions import Checker
from metadata.check_layouts import actions_of
from metadata.documents import Document
from metadata.near import close

_NEEDS_READ = ("update", "delete")
"""Actions on records one has found by reading: never further than one may read."""


def check_role(checker: Checker, document: Document) -> None:
    """Check a role."""
    for key, grant in document.body.get("objects", {}).items():
        path = f"objects/{key}"
        if not checker.world.has(key):
            objects = checker.world.objects()
            checker.report.add(
                document, "unknown_object", path, object=key, known=close(key, objects)
            )
            continue
        known = actions_of(checker, key)
        for action in grant:
            if action != "fields" and action not in known:
                checker.report.add(
                    document,
                    "unknown_action",
                    f"{path}/{action}",
                    action=action,
                    object=key,
                    known=close(action, known),
                )
        for field in grant.get("fields", {}):
            checker.field(document, f"{path}/fields/{field}", key, field, named=True)
        for action in _NEEDS_READ:
            if _reach(grant, action) > _reach(grant, "read"):
                checker.report.add(document, "scope_too_wide", f"{path}/{action}", action=action)
    _check_menus(checker, document)


def _reach(grant: Mapping[str, Any], action: str) -> int:
    scope = grant.get(action, False)
    if scope is False:
        return -1
    return SCOPES.index("all" if scope is True else scope)


def _check_menus(checker: Checker, document: Document) -> None:
    for key, items in document.body.get("menus", {}).items():
        menu = checker.world.documents.get(f"menu/{key}")
        if menu is None:
            menus = [one.key for one in checker.world.documents.values() if one.kind == "menu"]
            known = close(key, menus)
            checker.report.add(document, "unknown_menu", f"menus/{key}", menu=key, known=known)
            continue
        entries = set(menu.body["items"])
        for entry in menu.body["items"].values():
            entries.update(entry.get("items", ()))
        for item in items:
            if item not in entries:
                checker.report.add(
                    document,
                    "unknown_menu_item",
                    f"menus/{key}/{item}",
                    item=item,
                    known=close(item, entries),
                )
