"""Checks of what is shown: lists, scenes, forms, pages, menus, number rules."""

from collections.abc import Mapping
from typing import Any

from metadata.catalog import SCREENS, kernel, link_target
from metadata.check_conditions import Checker, check_condition
from metadata.documents import Document, split_id
from metadata.formula.types import DATE, DATETIME, NUMBER, SELECT
from metadata.near import close
from metadata.refs import Related

MOST_LINKS_SHOWN = 12
_DAYS = frozenset({DATE, DATETIME})
_STRETCH = "date_range"
"""A stretch of days lies in a calendar too, though formulas see nothing in it."""
_TAB_ABILITIES = {"history": ("history",), "files": ("files",), "timeline": ("follow_ups",)}


def check_owner(checker: Checker, document: Document) -> bool:
    """Check that the object exists and that the key says so; False when nothing else can be."""
    wanted = document.body["object"]
    if not checker.world.has(wanted):
        checker.report.add_value(
            document,
            "unknown_object",
            "object",
            object=wanted,
            known=close(wanted, checker.world.objects()),
        )
        return False
    if document.key.partition(".")[0] != wanted:
        checker.report.add_value(document, "key_of_other", "key", name=document.key, object=wanted)
    return True


def actions_of(checker: Checker, object_key: str) -> set[str]:
    """Give the keys of all actions of an object."""
    body = checker.world.body(object_key)
    standard = kernel().standard_actions(checker.world.abilities(object_key))
    return set(standard) | set(body.get("actions", {}))


def _check_offered(checker: Checker, document: Document, own: str) -> None:
    known = actions_of(checker, own)
    for part in ("row_actions", "bulk_actions"):
        for action in document.body.get(part, {}):
            path = f"{part}/{action}"
            if action not in known:
                _unknown_action(checker, document, path, own, known)
            elif part == "bulk_actions" and _is_single(checker, own, action):
                checker.report.add(document, "action_not_bulk", path, action=action, object=own)


def _is_single(checker: Checker, object_key: str, action: str) -> bool:
    """Tell whether an action that the document declares is for one record at a time."""
    declared = checker.world.body(object_key).get("actions", {}).get(action)
    return declared is not None and not declared.get("bulk", False)


def check_list(checker: Checker, document: Document) -> None:
    """Check a list."""
    body, own = document.body, document.body["object"]
    for part in ("columns", "footer"):
        for path in body.get(part, {}):
            checker.field(document, f"{part}/{path}", own, path, named=True)
    _check_sort(checker, document)
    _check_views(checker, document)
    links = {path for path in body["columns"] if _shows_link(checker, own, path)}
    if len(links) > MOST_LINKS_SHOWN:
        checker.report.add(document, "too_many_links", "columns", most=MOST_LINKS_SHOWN)
    for scene in body.get("scenes", {}):
        known = checker.world.documents.get(f"scene/{scene}")
        if known is None or known.body.get("object") != own:
            checker.report.add(
                document, "unknown_document", f"scenes/{scene}", id=f"scene/{scene}"
            )
    _check_offered(checker, document, own)


def _check_views(checker: Checker, document: Document) -> None:
    """Check the list as columns of cards and as a calendar: their fields must be able to."""
    body, own = document.body, document.body["object"]
    kanban = body.get("kanban", {})
    for path in kanban.get("card", {}):
        checker.field(document, f"kanban/card/{path}", own, path, named=True)
    needed = (
        ("kanban/by", kanban.get("by"), frozenset({SELECT}), "not_a_choice"),
        ("kanban/sum", kanban.get("sum"), frozenset({NUMBER}), "not_summable"),
        ("calendar/date", body.get("calendar", {}).get("date"), _DAYS, "not_a_date"),
    )
    for path, key, kinds, code in needed:
        found = checker.field(document, path, own, key) if key else None
        if found is None or checker.types.value_type(found).kind in kinds:
            continue
        if found["type"] == _STRETCH and kinds is _DAYS:
            continue
        more = {"agg": "sum", "type": found["type"]} if code == "not_summable" else {}
        checker.report.add_value(document, code, path, field=key, **more)
    if body.get("view") == "kanban" and not kanban:
        checker.report.add(document, "missing_property", "", property="kanban")
    if body.get("view") == "calendar" and "calendar" not in body:
        checker.report.add(document, "missing_property", "", property="calendar")


def _shows_link(checker: Checker, object_key: str, path: str) -> bool:
    found = checker.world.resolve(object_key, path)
    return "." in path or (found is not None and bool(link_target(found[1])))


def _unknown_action(
    checker: Checker, document: Document, path: str, object_key: str, known: set[str]
) -> None:
    action = path.rpartition("/")[2]
    checker.report.add(
        document,
        "unknown_action",
        path,
        action=action,
        object=object_key,
        known=close(action, known),
    )


def _check_sort(checker: Checker, document: Document) -> None:
    for position, wanted in enumerate(document.body.get("sort", ())):
        path = f"sort/{position}"
        checker.field(document, path, document.body["object"], wanted.removeprefix("-"))


def check_scene(checker: Checker, document: Document) -> None:
    """Check a scene."""
    if "where" in document.body:
        check_condition(checker, document, "where", document.body["object"])
    _check_sort(checker, document)
    for position, role in enumerate(document.body.get("roles", ())):
        if f"role/{role}" not in checker.world.documents:
            checker.report.add_value(
                document, "unknown_document", f"roles/{position}", id=f"role/{role}"
            )


def check_form(checker: Checker, document: Document) -> None:
    """Check a form: its fields are its object's, each at most once."""
    own = document.body["object"]
    seen: set[str] = set()
    for tab, content in document.body["tabs"].items():
        for name, section in content["sections"].items():
            path = f"tabs/{tab}/sections/{name}"
            if "visible_if" in section:
                check_condition(checker, document, f"{path}/visible_if", own)
            for key in section["items"]:
                place = f"{path}/items/{key}"
                checker.field(document, place, own, key, named=True)
                if key in seen:
                    checker.report.add(document, "field_twice", place, field=key)
                seen.add(key)


def check_detail(checker: Checker, document: Document) -> None:
    """Check the page of a record."""
    own, header = document.body["object"], document.body["header"]
    checker.field(document, "header/title", own, header["title"])
    for part in ("badges", "facts"):
        for path in header.get(part, {}):
            checker.field(document, f"header/{part}/{path}", own, path, named=True)
    for key, tab in document.body["tabs"].items():
        _check_tab(checker, document, f"tabs/{key}", tab)
    for key, panel in document.body.get("side", {}).items():
        if panel["type"] not in checker.world.abilities(own):
            checker.report.add_value(
                document, "ability_missing", f"side/{key}/type", ability=panel["type"], object=own
            )


def _check_tab(checker: Checker, document: Document, path: str, tab: Mapping[str, Any]) -> None:
    own, kind = document.body["object"], tab["type"]
    if kind == "form":
        form = checker.world.documents.get(f"form/{tab.get('form')}")
        if "form" not in tab:
            checker.report.add(document, "missing_property", path, property="form")
        elif form is None or form.body.get("object") != own:
            checker.report.add_value(
                document, "unknown_document", f"{path}/form", id=f"form/{tab['form']}"
            )
    elif kind == "related":
        _check_related(checker, document, path, tab)
    else:
        abilities = checker.world.abilities(own)
        for ability in _TAB_ABILITIES[kind]:
            if ability not in abilities:
                checker.report.add_value(
                    document, "ability_missing", f"{path}/type", ability=ability, object=own
                )


def _check_related(
    checker: Checker, document: Document, path: str, tab: Mapping[str, Any]
) -> None:
    if "list" not in tab:
        checker.report.add(document, "missing_property", path, property="list")
        return
    own = document.body["object"]
    related = _related(checker, own, tab["list"])
    if related is None:
        known = checker.world.related(own)
        checker.report.add_value(
            document,
            "unknown_list",
            f"{path}/list",
            list=tab["list"],
            known=close(tab["list"], known),
        )
        return
    for column in tab.get("columns", {}):
        checker.field(document, f"{path}/columns/{column}", related.object, column, named=True)


def _related(checker: Checker, object_key: str, wanted: str) -> Related | None:
    """Find a related list: of the record, or of a record that it links to (``author.books``)."""
    link, _, name = wanted.rpartition(".")
    if not link:
        return checker.world.related(object_key).get(name)
    found = checker.world.resolve(object_key, link)
    target = link_target(found[1]) if found is not None else ""
    return checker.world.related(target).get(name) if target else None


def check_menu(checker: Checker, document: Document) -> None:
    """Check a menu: everything it opens is there."""
    for key, item in document.body["items"].items():
        _check_item(checker, document, f"items/{key}", item)
        for name, inner in item.get("items", {}).items():
            _check_item(checker, document, f"items/{key}/items/{name}", inner)


def _check_item(checker: Checker, document: Document, path: str, item: Mapping[str, Any]) -> None:
    opens = item.get("opens")
    if opens is None:
        if not item.get("items"):
            checker.report.add(document, "missing_property", path, property="opens")
        return
    if opens in checker.world.documents:
        return
    kind, key = split_id(opens)
    if kind == "screen":
        if key not in SCREENS:
            near = close(key, SCREENS)
            checker.report.add_value(
                document, "unknown_screen", f"{path}/opens", screen=key, known=near
            )
    elif kind == "object":
        objects = checker.world.objects()
        checker.report.add_value(
            document, "unknown_object", f"{path}/opens", object=key, known=close(key, objects)
        )
    else:
        checker.report.add_value(document, "unknown_document", f"{path}/opens", id=opens)
