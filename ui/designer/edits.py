"""What one can do to an object, each as new changes of the draft."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from metadata.errors import MetadataInvalid, Problem
from metadata.load import Compiled
from metadata.model import FormDef, ListDef, ObjectDef
from ui.designer import changes as draft
from ui.designer.canvas import definition_in
from ui.designer.changes import MISSING, Change, field_path, object_document
from ui.designer.faces import FACES, palette
from ui.designer.ordering import (
    Arrangement,
    arrangement,
    layout_changes,
    order_changes,
    put,
    section_of,
    stepped,
)
from ui.designer.workspace import Workspace
from ui.i18n import LANGUAGES, translate

PREFIX = "x_"
LONGEST_KEY = 48
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")
_GRANULAR = ("label", "help")


def new_key(workspace: Workspace, object_key: str, wanted: str) -> str:
    """Give a free key: from words in English where there are any, else the type and a number."""
    taken = _taken(workspace, object_key)
    base = f"{PREFIX}{_NOT_IN_KEYS.sub('_', wanted.lower()).strip('_')}"[: LONGEST_KEY - 4]
    number = 1
    while f"{base}_{number}" in taken:
        number += 1
    return f"{base}_{number}"


def key_from_label(workspace: Workspace, object_key: str, label: str, key: str) -> str:
    """Give the key that an English label suggests; ``key`` again when it suggests none."""
    base = _NOT_IN_KEYS.sub("_", label.lower()).strip("_")[: LONGEST_KEY - len(PREFIX)].strip("_")
    made = f"{PREFIX}{base}"
    if not base or not base[0].isalpha() or made in _taken(workspace, object_key) - {key}:
        return key
    return made


def made_by_type(key: str, field_type: str) -> bool:
    """Tell whether a key is one that was made up for want of a label."""
    return bool(re.fullmatch(rf"{PREFIX}{field_type}_[0-9]+", key))


def _taken(workspace: Workspace, object_key: str) -> set[str]:
    definition = workspace.object(object_key)
    hidden = workspace.compiled.layered.removed_fields.get(object_key, {})
    return {*(definition.fields if definition else ()), *hidden}


def start_of(workspace: Workspace, object_key: str, field_type: str) -> dict[str, Any]:
    """Give the definition that a new field of a type begins with.

    Raises:
        MetadataInvalid: nobody can add a field of this type.
    """
    if field_type not in palette():
        params = {"type": field_type[:60], "known": ", ".join(palette())}
        problem = Problem("unknown_field_type", document=object_document(object_key), params=params)
        raise MetadataInvalid([problem])
    face = FACES[field_type]
    made: dict[str, Any] = {
        "type": field_type,
        "label": translate(workspace.language, f"field_type.{field_type}"),
        **face.start,
    }
    if field_type == "link":
        made["to"] = object_key
    if face.options:
        made["options"] = {
            f"option_{number}": {"label": option_label(number)}
            for number in range(1, face.options + 1)
        }
    return made


def option_label(number: int) -> dict[str, str]:
    """Give the label that a new option begins with."""
    return {code: translate(code, "designer.new_option", number=number) for code in LANGUAGES}


def add_field(
    workspace: Workspace,
    object_key: str,
    key: str,
    definition: Mapping[str, Any],
    place: tuple[str, str | None] | None = None,
) -> list[Change]:
    """Add a field, at the form's end or at ``place``: section and neighbour before it."""
    document, path = object_document(object_key), field_path(key)
    made = draft.added(workspace.changes, document, path, definition)
    own_form = draft.is_new(made, f"form/{object_key}.{PREFIX}edit", "")
    if place is None and not own_form:
        return made
    natural = _arranged(workspace, object_key, workspace.tried(made))
    section, after = place or (list(natural)[-1], None)
    return arrange(workspace, object_key, put(natural, key, section, after), made)


def change_field(
    workspace: Workspace, object_key: str, key: str, definition: Mapping[str, Any]
) -> list[Change]:
    """Say anew what a field is: only what differs becomes a change."""
    document, path = object_document(object_key), field_path(key)
    if draft.is_new(workspace.changes, document, path):
        return draft.added(workspace.changes, document, path, definition)
    before = definition_in(workspace.document(document), key) or {}
    published = definition_in(workspace.published(document), key) or {}
    own = workspace.published(document)
    raw = own.body["fields"].get(key, {}) if own is not None else {}
    made: list[Change] = [dict(one) for one in workspace.changes]
    for name in dict.fromkeys([*before, *definition]):
        old, new = before.get(name, MISSING), definition.get(name, MISSING)
        if old == new:
            continue
        was = published.get(name, MISSING)
        shipped = f"{path}/{name}" not in workspace.local(document) and path not in (
            workspace.local(document)
        )
        if name == "options" and shipped and isinstance(old, dict) and isinstance(new, dict):
            made = _options(made, (document, f"{path}/options"), was, old, new)
        elif (
            name in _GRANULAR
            and isinstance(raw.get(name), Mapping)
            and isinstance(new, Mapping)
            and set(new) == set(raw[name])
        ):
            for code, text in new.items():
                made = draft.set_value(
                    made, document, f"{path}/{name}/{code}", text, published=raw[name][code]
                )
        else:
            made = draft.set_value(made, document, f"{path}/{name}", new, published=was)
    return made


def _options(
    made: list[Change],
    where: tuple[str, str],
    published: Any,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> list[Change]:
    """Change the options of a shipped field one by one: an upgrade may bring others."""
    document, path = where
    known = published if isinstance(published, Mapping) else {}
    for key, option in new.items():
        if key not in known:
            made = draft.added(made, document, f"{path}/{key}", option)
            continue
        for name in dict.fromkeys([*old.get(key, {}), *option]):
            value, was = option.get(name, MISSING), known[key].get(name, MISSING)
            made = draft.set_value(made, document, f"{path}/{key}/{name}", value, published=was)
    gone = [
        one
        for one in made
        if one["op"] in {"add", "place"}
        and one["document"] == document
        and str(one["path"]).rpartition("/")[0] == path
        and (one["op"] == "place" or str(one["path"]).rpartition("/")[2] not in new)
    ]
    natural = [*known, *(key for key in new if key not in known)]
    placed = order_changes(document, path, natural, list(new))
    return draft.replaced(made, gone, list(placed))


def rename_field(workspace: Workspace, object_key: str, old: str, new: str) -> list[Change]:
    """Give a field of the draft another key."""
    return draft.renamed(workspace.changes, object_key, old, new)


def move_field(
    workspace: Workspace, object_key: str, key: str, section: str, after: str | None
) -> list[Change]:
    """Put a field into a section of the form; "" takes it off the form."""
    arranged = _arranged(workspace, object_key)
    return arrange(workspace, object_key, put(arranged, key, section, after))


def step_field(workspace: Workspace, object_key: str, key: str, step: int) -> list[Change]:
    """Move a field one place up or down."""
    arranged = _arranged(workspace, object_key)
    return arrange(workspace, object_key, stepped(arranged, key, step))


def arrange(
    workspace: Workspace,
    object_key: str,
    wanted: Arrangement,
    changes: Sequence[Mapping[str, Any]] | None = None,
) -> list[Change]:
    """Arrange the form anew: what the draft said of places is said again, in the fewest moves."""
    made = [dict(one) for one in (workspace.changes if changes is None else changes)]
    made = _with_form(workspace, object_key, made)
    document = _form_document(workspace, object_key, made)
    if draft.is_new(made, document, ""):
        return _rewritten(workspace, object_key, document, wanted, made)
    plain = [one for one in made if not _is_layout(one, document)]
    fresh = _fresh(plain, object_key)
    plain = [_placed(one, object_key, wanted) for one in plain]
    untouched = workspace.tried(plain)
    natural = _arranged(workspace, object_key, untouched)
    items = _items(workspace, object_key)
    away = [
        path for path, entry in workspace.local(document).items() if entry.get("op") == "remove"
    ]
    for whole in (False, True):
        layout = layout_changes(
            document,
            natural,
            wanted,
            items=items,
            fresh=fresh,
            taken_away=away,
            whole=whole,
        )
        tried = [*plain, *layout]
        if whole or _fits(workspace, object_key, tried, wanted):
            return tried
    raise AssertionError


def show_in_list(workspace: Workspace, object_key: str, key: str, *, shown: bool) -> list[Change]:
    """Make a field a column of the object's list, or take the column away."""
    listed = workspace.site.list_of(object_key)
    if (key in listed.columns) == shown:
        return [dict(one) for one in workspace.changes]
    made = _with_list(workspace, object_key, [dict(one) for one in workspace.changes])
    document = _list_document(workspace, object_key, made)
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
    arranged = _arranged(workspace, object_key)
    section = section_of(arranged, key)
    items = _items(workspace, object_key)
    if not section or items.get(key, {}).get("width", 50) == width:
        return [dict(one) for one in workspace.changes]
    made = _with_form(workspace, object_key, [dict(one) for one in workspace.changes])
    document = _form_document(workspace, object_key, made)
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


def revert_entry(workspace: Workspace, document: str, path: str) -> list[Change]:
    """Go back to the pack's value where the published version has another."""
    entry = workspace.local(document).get(path)
    made = [
        dict(one)
        for one in workspace.changes
        if (one["document"], one["path"]) != (document, path)
    ]
    if entry is None:
        return made
    back: Change = {"op": "remove", "document": document, "path": path}
    if entry["op"] == "set" and "base" in entry:
        return [*made, {**back, "op": "set", "value": entry["base"]}]
    if entry["op"] == "place":  # taken away and brought back: without its place
        return [*made, back, dict(back)]
    return [*made, back]


def _width_in(body: Mapping[str, Any], path: str) -> Any:
    found: Any = body
    for part in f"{path}/width".split("/"):
        found = found.get(part, MISSING) if isinstance(found, Mapping) else MISSING
    return found


def _arranged(
    workspace: Workspace, object_key: str, compiled: Compiled | None = None
) -> dict[str, list[str]]:
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


def _fresh(changes: Sequence[Mapping[str, Any]], object_key: str) -> set[str]:
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
    return _arranged(workspace, object_key, compiled) == {
        path: list(keys) for path, keys in wanted.items()
    }


def _form_document(workspace: Workspace, object_key: str, changes: Sequence[Change]) -> str:
    own = f"form/{object_key}.{PREFIX}edit"
    if draft.is_new(changes, own, ""):
        return own
    return f"form/{workspace.site.default_forms[object_key]}"


def _list_document(workspace: Workspace, object_key: str, changes: Sequence[Change]) -> str:
    own = f"list/{object_key}.{PREFIX}main"
    if draft.is_new(changes, own, ""):
        return own
    return f"list/{workspace.site.default_lists[object_key]}"


def _with_form(workspace: Workspace, object_key: str, changes: list[Change]) -> list[Change]:
    """Write the form down that nobody wrote, before its first change."""
    if (
        _form_document(workspace, object_key, changes).partition("/")[2]
        != (workspace.site.default_forms[object_key])
    ):
        return changes
    name = f"form/{workspace.site.default_forms[object_key]}"
    if workspace.document(name) is not None:
        return changes
    form = workspace.site.form_of(object_key)
    return draft.added(changes, f"form/{object_key}.{PREFIX}edit", "", form_body(form))


def _with_list(workspace: Workspace, object_key: str, changes: list[Change]) -> list[Change]:
    name = _list_document(workspace, object_key, changes)
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
