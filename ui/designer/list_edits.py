"""The list of an object in the draft: columns and scenes, arranged, added, removed, changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from metadata.conditions import Node, dump_condition
from metadata.documents import look_up
from ui.designer import changes as draft
from ui.designer.changes import MISSING, Change
from ui.designer.layouts import PREFIX, list_document, with_list
from ui.designer.ordering import order_changes
from ui.designer.workspace import Workspace
from ui.i18n import LANGUAGES, translate

COLUMNS, SCENES = "columns", "scenes"


def arrange_entries(
    workspace: Workspace, object_key: str, name: str, wanted: Sequence[str]
) -> list[Change]:
    """Let a map of the list hold these keys in this order: what is new is added, the rest goes.

    Args:
        workspace: the draft.
        object_key: whose list.
        name: `COLUMNS` or `SCENES`.
        wanted: keys, in order.
    """
    made = with_list(workspace, object_key, [dict(one) for one in workspace.changes])
    document = list_document(workspace, object_key, made)
    current = _entries(workspace, document, made, name)
    whole = draft.found(made, "add", document, "")
    if whole is not None:
        return draft.set_value(
            made, document, name, {key: dict(current.get(key, {})) for key in wanted}
        )
    rest = [one for one in made if not _arranges(one, document, name, wanted)]
    published = workspace.published(document)
    before = look_up(published.body, name, {}) if published is not None else {}
    local = workspace.local(document)
    for key in before:
        if key not in wanted:
            rest.append({"op": "remove", "document": document, "path": f"{name}/{key}"})
    for key in wanted:
        if key in before:
            continue
        path = f"{name}/{key}"
        if local.get(path, {}).get("op") == "remove":
            rest.append({"op": "remove", "document": document, "path": path})
        else:
            value = dict(current.get(key, {}))
            rest.append({"op": "add", "document": document, "path": path, "value": value})
    natural = list(_published_list(workspace, object_key, rest, name))
    return [*rest, *order_changes(document, name, natural, list(wanted))]


def set_column_width(
    workspace: Workspace, object_key: str, path: str, width: int | None
) -> list[Change]:
    """Give a column a width in pixels; None for its own."""
    made = with_list(workspace, object_key, [dict(one) for one in workspace.changes])
    document = list_document(workspace, object_key, made)
    where = f"{COLUMNS}/{path}/width"
    published = workspace.published(document)
    before = look_up(published.body, where, MISSING) if published is not None else MISSING
    value: Any = MISSING if width is None else width
    return draft.set_value(made, document, where, value, published=before)


def choose_default(workspace: Workspace, object_key: str, scene: str) -> list[Change]:
    """Let the list open with a scene."""
    made = with_list(workspace, object_key, [dict(one) for one in workspace.changes])
    document = list_document(workspace, object_key, made)
    published = workspace.published(document)
    for key, props in workspace.site.list_of(object_key).scenes.items():
        wanted: Any = True if key == scene else MISSING
        if (wanted is True) == bool(props.get("default")):
            continue
        where = f"{SCENES}/{key}/default"
        before = look_up(published.body, where, MISSING) if published is not None else MISSING
        made = draft.set_value(made, document, where, wanted, published=before)
    return made


def set_scene(
    workspace: Workspace, object_key: str, key: str, said: Mapping[str, Any], where: Node | None
) -> list[Change]:
    """Say anew what a scene is; without a key it is added to the list."""
    body = {**said, "where": dump_condition(where) if where is not None else MISSING}
    if not key:
        return _new_scene(workspace, object_key, body)
    document = f"scene/{key}"
    published = workspace.published(document)
    made = [dict(one) for one in workspace.changes]
    for name, value in body.items():
        before = published.body.get(name, MISSING) if published is not None else MISSING
        made = draft.set_value(made, document, name, value, published=before)
    return made


def _new_scene(workspace: Workspace, object_key: str, body: Mapping[str, Any]) -> list[Change]:
    number = 1
    while f"{object_key}.{PREFIX}scene_{number}" in workspace.site.scenes:
        number += 1
    key = f"{object_key}.{PREFIX}scene_{number}"
    value = {name: part for name, part in body.items() if part is not MISSING}
    made = draft.added(workspace.changes, f"scene/{key}", "", {"object": object_key, **value})
    scenes = list(workspace.site.list_of(object_key).scenes)
    if not scenes:  # the first scene must not take away the look at everything
        everything = f"{object_key}.{PREFIX}all"
        label = {code: translate(code, "list.all") for code in LANGUAGES}
        if everything not in workspace.site.scenes:
            body = {"object": object_key, "label": label}
            made = draft.added(made, f"scene/{everything}", "", body)
        scenes = [everything]
    there = workspace.with_changes(made)
    return arrange_entries(there, object_key, SCENES, [*scenes, key])


def _entries(
    workspace: Workspace, document: str, made: Sequence[Change], name: str
) -> Mapping[str, Any]:
    whole = draft.found(made, "add", document, "")
    if whole is not None:
        return whole["value"].get(name, {})  # type: ignore[no-any-return]  # a map of maps
    found = workspace.document(document)
    return look_up(found.body, name, {}) if found is not None else {}


def _arranges(change: Mapping[str, Any], document: str, name: str, wanted: Sequence[str]) -> bool:
    """Tell whether a change says which entries there are, or speaks of one that goes."""
    outer, _, rest = str(change["path"]).partition("/")
    if change["document"] != document or outer != name or not rest:
        return False
    key, _, inner = rest.partition("/")
    return key not in wanted if inner else change["op"] in {"add", "remove", "place"}


def _published_list(
    workspace: Workspace, object_key: str, changes: Sequence[Change], name: str
) -> Mapping[str, Any]:
    listed = workspace.tried(list(changes)).site.list_of(object_key)
    return listed.columns if name == COLUMNS else listed.scenes
