"""What one can do to an object, each as new changes of the draft."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.fields.registry import COMPUTED_TYPES, FIELD_TYPES, TYPES
from metadata.computed import FORMULA, ROLL_UP
from metadata.errors import MetadataInvalid, Problem
from ui.designer import changes as draft
from ui.designer.canvas import definition_in, object_of
from ui.designer.changes import MISSING, Change, field_path, object_document
from ui.designer.faces import FACES, palette
from ui.designer.layouts import PREFIX, arrange, arranged_of, new_fields
from ui.designer.numbered import with_renamed_rule, with_rule, without_orphans
from ui.designer.ordering import Arrangement, order_changes, put, stepped
from ui.designer.sections import bring_back, drop_section, is_section
from ui.designer.workspace import Workspace
from ui.i18n import LANGUAGES, translate

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
        problem = Problem(
            "unknown_field_type", document=object_document(object_key), params=params
        )
        raise MetadataInvalid([problem])
    face = FACES[field_type]
    made: dict[str, Any] = {
        "type": field_type,
        "label": translate(workspace.language, f"field_type.{field_type}"),
        **face.start,
    }
    if field_type not in COMPUTED_TYPES and "to" in FIELD_TYPES[field_type].needs:
        several = TYPES.schema(field_type)["properties"]["to"].get("type") == "array"
        made["to"] = [object_key] if several else object_key
    if field_type == FORMULA:
        made["expr"] = f"text({workspace.site.objects[object_key].name_field})"
    if field_type == ROLL_UP:
        made["list"] = _first_list(workspace, object_key)
    if face.options:
        made["options"] = {
            f"option_{number}": {"label": option_label(number)}
            for number in range(1, face.options + 1)
        }
    return made


def _first_list(workspace: Workspace, object_key: str) -> str:
    """Give a related list for a new roll-up to begin with."""
    related = workspace.site.related.get(object_key, {})
    if not related:
        document = object_document(object_key)
        raise MetadataInvalid([Problem("no_related_list", document=document)])
    return next(iter(related))


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
    made = with_rule(made, object_key, key, definition)
    own_form = draft.is_new(made, f"form/{object_key}.{PREFIX}edit", "")
    if place is None and not own_form:
        return made
    natural = arranged_of(workspace, object_key, workspace.tried(made))
    section, after = place or (list(natural)[-1], None)
    return arrange(workspace, object_key, put(natural, key, section, after), made, moved=key)


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
        if draft.same(old, new):
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
    made = draft.renamed(workspace.changes, object_key, old, new)
    return with_renamed_rule(made, object_key, old, new)


def move_field(
    workspace: Workspace, object_key: str, key: str, section: str, after: str | None
) -> list[Change]:
    """Put a field into a section of the form; "" takes it off the form."""
    arranged = arranged_of(workspace, object_key)
    return arrange(workspace, object_key, put(arranged, key, section, after), moved=key)


def step_field(workspace: Workspace, object_key: str, key: str, step: int) -> list[Change]:
    """Move a field one place up or down."""
    arranged = arranged_of(workspace, object_key)
    return arrange(workspace, object_key, stepped(arranged, key, step), moved=key)


def hide_field(workspace: Workspace, object_key: str, key: str) -> list[Change]:
    """Hide a field; what stood after a new one closes up."""
    made = draft.hidden(workspace.changes, object_key, key)
    return _closed_up(workspace, without_orphans(workspace, made))


def undo(workspace: Workspace, names: Sequence[str]) -> list[Change]:
    """Take changes back; what stood after a new field closes up.

    A section that the draft made leaves its fields to its neighbour; one that comes back is empty.
    """
    for one in workspace.changes:
        if is_section(one) and one["op"] == "add" and draft.identity(one) in names:
            return drop_section(workspace, object_of(one["document"]), str(one["path"]))
    back = [
        dict(one)
        for one in workspace.changes
        if is_section(one) and one["op"] == "remove" and draft.identity(one) in names
    ]
    made = without_orphans(workspace, draft.without(workspace.changes, names))
    return bring_back(workspace, made, back) if back else _closed_up(workspace, made)


def _closed_up(workspace: Workspace, changes: list[Change]) -> list[Change]:
    """Place anew what stands after a field that is not there any more."""
    for object_key in dict.fromkeys(object_of(one["document"]) for one in changes):
        gone = new_fields(workspace.changes, object_key) - new_fields(changes, object_key)
        if not any(one.get("after") in gone for one in changes):
            continue
        wanted: Arrangement = arranged_of(workspace, object_key)
        for key in gone:
            wanted = put(wanted, key, "")
        changes = arrange(workspace, object_key, wanted, changes)
    return changes


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
