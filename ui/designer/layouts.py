"""The layouts of an object in the draft: where fields stand on its form, columns of its list.

Layouts that nobody wrote are written down before their first change.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from metadata.errors import MetadataInvalid
from metadata.load import Compiled
from metadata.model import FormDef, ListDef, ObjectDef
from ui.designer import changes as draft
from ui.designer.changes import MISSING, Change, field_path, object_document
from ui.designer.ordering import Arrangement, Layout, arrangement, layout_changes, section_of
from ui.designer.workspace import Workspace

PREFIX = "x_"
HALF = 50


def arrange(
    workspace: Workspace,
    object_key: str,
    wanted: Arrangement,
    changes: Sequence[Mapping[str, Any]] | None = None,
    *,
    moved: str = "",
) -> list[Change]:
    """Arrange the form anew: what the draft said of places is said again, in the fewest moves.

    Args:
        workspace: the draft.
        object_key: whose form.
        wanted: how its fields should stand.
        changes: the draft's changes, where they are others than the workspace has.
        moved: the field that somebody moves now.
    """
    made = [dict(one) for one in (workspace.changes if changes is None else changes)]
    made = with_form(workspace, object_key, made)
    document = form_document(workspace, object_key, made)
    if draft.is_new(made, document, ""):
        return _rewritten(workspace, object_key, document, wanted, made)
    plain = [one for one in made if not _is_layout(one, document)]
    fresh = new_fields(plain, object_key)
    movers = {draft.field_named(one) for one in made if _is_layout(one, document)}
    plain = [_placed(one, object_key, wanted) for one in plain]
    untouched = workspace.tried(plain)
    natural = arranged_of(workspace, object_key, untouched)
    away = [
        path for path, entry in workspace.local(document).items() if entry.get("op") == "remove"
    ]
    layout = Layout(
        document=document,
        items=_items(workspace, object_key),
        fresh=fresh,
        moved={*movers, moved},
        taken_away=away,
    )
    tried = [*plain, *layout_changes(layout, natural, wanted)]
    if _fits(workspace, object_key, tried, wanted):
        return tried
    return [*plain, *layout_changes(layout, natural, wanted, whole=True)]


def show_in_list(workspace: Workspace, object_key: str, key: str, *, shown: bool) -> list[Change]:
    """Make a field a column of the object's list, or take the column away."""
    listed = workspace.site.list_of(object_key)
    if (key in listed.columns) == shown:
        return [dict(one) for one in workspace.changes]
    made = with_list(workspace, object_key, [dict(one) for one in workspace.changes])
    document = list_document(workspace, object_key, made)
    path = f"columns/{key}"
    entry = workspace.local(document).get(path, {})
    pending = [one for one in made if (one["document"], one["path"]) == (document, path)]
    rest = draft.replaced(made, pending, [])
    if draft.is_new(made, document, ""):
        return draft.set_value(made, document, path, {} if shown else MISSING)
    published = workspace.published(document)
    there = published is not None and key in published.body["columns"]
    if there == shown:
        return rest
    if not shown or entry.get("op") == "remove":
        return [*rest, {"op": "remove", "document": document, "path": path}]
    return [*rest, {"op": "add", "document": document, "path": path, "value": {}}]


def set_width(workspace: Workspace, object_key: str, key: str, width: int) -> list[Change]:
    """Let a field take half of the form's width, or all of it."""
    arranged = arranged_of(workspace, object_key)
    section = section_of(arranged, key)
    items = _items(workspace, object_key)
    if not section or items.get(key, {}).get("width", HALF) == width:
        return [dict(one) for one in workspace.changes]
    made = with_form(workspace, object_key, [dict(one) for one in workspace.changes])
    document = form_document(workspace, object_key, made)
    path = f"{section}/items/{key}"
    if draft.found(made, "add", document, path) is None and not draft.is_new(made, document, ""):
        if draft.is_new(made, object_document(object_key), field_path(key)):
            keys = arranged[section]
            after = keys[keys.index(key) - 1] if keys.index(key) else ""
            item = {"op": "add", "document": document, "path": path, "after": after}
            return [*made, {**item, "value": {"width": width}}]
        published = workspace.published(document)
        was = _width_in(published.body if published is not None else {}, path)
        return draft.set_value(made, document, f"{path}/width", width, published=was)
    return draft.set_value(made, document, f"{path}/width", width)


def _width_in(body: Mapping[str, Any], path: str) -> Any:
    found: Any = body
    for part in f"{path}/width".split("/"):
        found = found.get(part, MISSING) if isinstance(found, Mapping) else MISSING
    return found


def arranged_of(
    workspace: Workspace, object_key: str, compiled: Compiled | None = None
) -> dict[str, list[str]]:
    """Tell how the fields of an object stand on its form."""
    site = (compiled or workspace.compiled).site
    form = site.form_of(object_key)
    return {
        f"tabs/{tab.key}/sections/{section.key}": list(section.items)
        for tab in form.tabs.values()
        for section in tab.sections.values()
    }


def _items(workspace: Workspace, object_key: str) -> dict[str, Mapping[str, Any]]:
    form = workspace.site.form_of(object_key)
    return {
        key: layout
        for tab in form.tabs.values()
        for section in tab.sections.values()
        for key, layout in section.items.items()
    }


def new_fields(changes: Sequence[Mapping[str, Any]], object_key: str) -> set[str]:
    """Give the keys of the fields that a draft adds to an object."""
    document = object_document(object_key)
    return {
        str(one["path"]).partition("/")[2]
        for one in changes
        if one["op"] == "add"
        and one["document"] == document
        and str(one["path"]).startswith("fields/")
        and str(one["path"]).count("/") == 1
    }


def _placed(change: Change, object_key: str, wanted: Arrangement) -> Change:
    """Keep a new field off the form when the arrangement does not have it."""
    path = str(change["path"])
    document = object_document(object_key)
    if change["op"] != "add" or change["document"] != document or path.count("/") != 1:
        return change
    rest = {name: part for name, part in change.items() if name != "place"}
    shown = section_of(wanted, path.partition("/")[2])
    return rest if shown or not path.startswith("fields/") else {**rest, "place": "none"}


def _is_layout(change: Mapping[str, Any], document: str) -> bool:
    path = str(change["path"])
    item = path.split("/")[-2:-1] == ["items"]
    return change["document"] == document and item and change["op"] != "set"


def _fits(
    workspace: Workspace, object_key: str, changes: list[Change], wanted: Arrangement
) -> bool:
    try:
        compiled = workspace.tried(changes)
    except MetadataInvalid:
        return False
    return arranged_of(workspace, object_key, compiled) == {
        path: list(keys) for path, keys in wanted.items()
    }


def form_document(workspace: Workspace, object_key: str, changes: Sequence[Change]) -> str:
    """Name the form that the draft changes."""
    own = f"form/{object_key}.{PREFIX}edit"
    if draft.is_new(changes, own, ""):
        return own
    return f"form/{workspace.site.default_forms[object_key]}"


def list_document(workspace: Workspace, object_key: str, changes: Sequence[Change]) -> str:
    """Name the list that the draft changes."""
    own = f"list/{object_key}.{PREFIX}main"
    if draft.is_new(changes, own, ""):
        return own
    return f"list/{workspace.site.default_lists[object_key]}"


def with_form(workspace: Workspace, object_key: str, changes: list[Change]) -> list[Change]:
    """Write the form down that nobody wrote, before its first change."""
    if (
        form_document(workspace, object_key, changes).partition("/")[2]
        != (workspace.site.default_forms[object_key])
    ):
        return changes
    name = f"form/{workspace.site.default_forms[object_key]}"
    if workspace.document(name) is not None:
        return changes
    form = workspace.site.form_of(object_key)
    return draft.added(changes, f"form/{object_key}.{PREFIX}edit", "", form_body(form))


def with_list(workspace: Workspace, object_key: str, changes: list[Change]) -> list[Change]:
    """Write the list down that nobody wrote, before its first change."""
    name = list_document(workspace, object_key, changes)
    if workspace.document(name) is not None or draft.is_new(changes, name, ""):
        return changes
    definition = workspace.site.objects[object_key]
    listed = workspace.site.list_of(object_key)
    own = f"list/{object_key}.{PREFIX}main"
    return draft.added(changes, own, "", list_body(listed, definition))


def form_body(form: FormDef) -> dict[str, Any]:
    """Write a form that was made up as a document."""
    return {
        "object": form.object,
        "tabs": {
            tab.key: {
                "sections": {
                    section.key: {
                        "columns": section.columns,
                        "items": {key: dict(layout) for key, layout in section.items.items()},
                    }
                    for section in tab.sections.values()
                }
            }
            for tab in form.tabs.values()
        },
    }


def list_body(listed: ListDef, definition: ObjectDef) -> dict[str, Any]:
    """Write a list that was made up as a document."""
    columns = {
        path: {"opens": column.opens} if column.opens else {}
        for path, column in listed.columns.items()
    }
    body: dict[str, Any] = {"object": definition.key, "columns": columns}
    if listed.row_actions:
        body["row_actions"] = {action: {} for action in listed.row_actions}
    if listed.bulk_actions:
        body["bulk_actions"] = {action: {} for action in listed.bulk_actions}
    return body


def _rewritten(
    workspace: Workspace,
    object_key: str,
    document: str,
    wanted: Arrangement,
    changes: list[Change],
) -> list[Change]:
    """Write the arrangement into a form that the draft itself adds."""
    items = _items(workspace, object_key)
    old = draft.found(changes, "add", document, "")
    if old is None:
        raise ValueError(document)
    made = [_placed(one, object_key, wanted) for one in changes if not _is_layout(one, document)]
    body = old["value"]
    for path in arrangement(body):
        shown = {key: dict(items.get(key, {})) for key in wanted.get(path, ())}
        made = draft.set_value(made, document, f"{path}/items", shown)
    return made
