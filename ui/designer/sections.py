"""The sections of an object's form in the draft: added, named, moved, dropped.

A section that goes leaves its fields to its neighbour; nothing falls off the form by that.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ui.designer import changes as draft
from ui.designer.changes import MISSING, Change
from ui.designer.layouts import PREFIX, arrange, arranged_of, form_document, with_form
from ui.designer.ordering import order_changes
from ui.designer.workspace import Workspace
from ui.i18n import LANGUAGES, translate

COLUMNS = (1, 2)


def add_section(workspace: Workspace, object_key: str) -> list[Change]:
    """Add an empty section at the end of the form."""
    made = with_form(workspace, object_key, [dict(one) for one in workspace.changes])
    document = form_document(workspace, object_key, made)
    arranged = arranged_of(workspace, object_key)
    tab = list(arranged)[-1].split("/")[1]
    taken = {path.rpartition("/")[2] for path in arranged}
    number = 1
    while f"{PREFIX}section_{number}" in taken:
        number += 1
    label = {code: translate(code, "designer.new_section", number=number) for code in LANGUAGES}
    path = f"tabs/{tab}/sections/{PREFIX}section_{number}"
    body = {"label": label, "columns": 2, "items": {}}
    if draft.is_new(made, document, ""):
        return draft.set_value(made, document, path, body)
    return draft.added(made, document, path, body)


def change_section(
    workspace: Workspace, object_key: str, path: str, said: Mapping[str, Any]
) -> list[Change]:
    """Say anew what a section is; ``said``: label, columns, `MISSING` for none."""
    made = with_form(workspace, object_key, [dict(one) for one in workspace.changes])
    document = form_document(workspace, object_key, made)
    published = workspace.published(document)
    for name, value in said.items():
        where = f"{path}/{name}"
        before = MISSING if published is None else look(published.body, where)
        made = draft.set_value(made, document, where, value, published=before)
    return made


def step_section(workspace: Workspace, object_key: str, path: str, step: int) -> list[Change]:
    """Move a section one place up (-1) or down (1) within its tab."""
    parent, _, key = path.rpartition("/")
    keys = [
        one.rpartition("/")[2] for one in arranged_of(workspace, object_key) if _in(one, parent)
    ]
    at = keys.index(key) + step if key in keys else -1
    if not 0 <= at < len(keys):
        return [dict(one) for one in workspace.changes]
    wanted = [one for one in keys if one != key]
    wanted.insert(at, key)
    made = with_form(workspace, object_key, [dict(one) for one in workspace.changes])
    document = form_document(workspace, object_key, made)
    whole = draft.found(made, "add", document, "")
    if whole is not None:
        sections = look(whole["value"], parent)
        return draft.set_value(made, document, parent, {one: sections[one] for one in wanted})
    placed = [
        one
        for one in made
        if one["op"] == "place" and one["document"] == document and _in(one["path"], parent)
    ]
    rest = draft.without(made, [draft.identity(one) for one in placed])
    natural = arranged_of(workspace, object_key, workspace.tried(rest))
    return [*rest, *order_changes(document, parent, _keys_in(natural, parent), wanted)]


def drop_section(workspace: Workspace, object_key: str, path: str) -> list[Change]:
    """Take a section away; its fields go to its neighbour in the same tab."""
    arranged = arranged_of(workspace, object_key)
    beside = neighbour(arranged, path)
    if path not in arranged or not beside:
        return [dict(one) for one in workspace.changes]
    wanted = {key: list(items) for key, items in arranged.items()}
    wanted[beside] += wanted[path]
    wanted[path] = []
    made = arrange(workspace, object_key, wanted)
    document = form_document(workspace, object_key, made)
    whole = draft.found(made, "add", document, "")
    if whole is not None:
        return draft.set_value(made, document, path, MISSING)
    rest = [one for one in made if not _speaks_of(one, document, path)]
    if draft.is_new(made, document, path):
        return rest
    return [*rest, {"op": "remove", "document": document, "path": path}]


def bring_back(
    workspace: Workspace, changes: list[Change], gone: Sequence[Change]
) -> list[Change]:
    """Lay the form out again after sections came back: they are empty, fields stay."""
    for one in gone:
        object_key = str(one["document"]).partition("/")[2].partition(".")[0]
        wanted = {path: list(keys) for path, keys in arranged_of(workspace, object_key).items()}
        wanted[str(one["path"])] = []
        changes = arrange(workspace, object_key, wanted, changes)
    return changes


def is_section(change: Mapping[str, Any]) -> bool:
    """Tell whether a change speaks of a section as a whole."""
    parts = str(change["path"]).split("/")
    is_form = str(change["document"]).startswith("form/")
    return is_form and len(parts) == len(("tabs", "", "sections", "")) and parts[2] == "sections"


def neighbour(arranged: Mapping[str, Any], path: str) -> str:
    """Give the section before this one in its tab, else the one after; "" when it is alone."""
    paths = [one for one in arranged if _in(one, path.rpartition("/")[0])]
    if path not in paths or len(paths) == 1:
        return ""
    at = paths.index(path)
    return paths[at - 1] if at else paths[1]


def look(body: Mapping[str, Any], path: str) -> Any:
    """Give what stands at a path; `MISSING` for nothing."""
    found: Any = body
    for part in path.split("/"):
        found = found.get(part, MISSING) if isinstance(found, Mapping) else MISSING
    return found


def _keys_in(arranged: Mapping[str, Any], parent: str) -> list[str]:
    return [one.rpartition("/")[2] for one in arranged if _in(one, parent)]


def _in(path: str, parent: str) -> bool:
    return path.rpartition("/")[0] == parent


def _speaks_of(change: Mapping[str, Any], document: str, path: str) -> bool:
    """Tell whether a change is about a section, apart from fields that leave it."""
    if change["document"] != document:
        return False
    own = change["path"] == path
    inside = str(change["path"]).startswith(f"{path}/") and change["op"] != "remove"
    return own or inside
