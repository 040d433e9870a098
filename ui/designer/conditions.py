"""Conditions of a draft: when fields, options and sections are shown, needed, fixed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.fields.registry import TYPES
from engine.storage.snapshot import BoundObject, Unit
from metadata.catalog import link_targets
from metadata.computed import ROLL_UP
from metadata.conditions import Node, dump_condition, parse_condition
from metadata.documents import look_up
from metadata.model import FieldDef, ObjectDef, say
from ui.designer import changes as draft
from ui.designer.canvas import definition_in
from ui.designer.changes import MISSING, Change, object_document
from ui.designer.drafted import drafted
from ui.designer.layouts import form_document, with_form
from ui.designer.workspace import Workspace
from ui.i18n import translate
from ui.pages.sentences import sentence

OF_FIELD = re.compile(r"fields/([a-z0-9_]+)/(visible_if|required_if|readonly_if)")
OF_WHERE = re.compile(r"fields/([a-z0-9_]+)/where")
OF_OPTION = re.compile(r"fields/([a-z0-9_]+)/options_if/([a-z0-9_]+)")
OF_SECTION = re.compile(r"tabs/[a-z0-9_]+/sections/[a-z0-9_]+/visible_if")
NAMES = ("visible_if", "required_if", "readonly_if")


@dataclass(frozen=True, slots=True)
class Told:
    """A condition in words, and where it is edited."""

    path: str
    label: str
    text: str
    is_set: bool


def field_conditions(workspace: Workspace, definition: ObjectDef, key: str) -> tuple[Told, ...]:
    """Tell the conditions of a field, those of its options too."""
    one, language = definition.fields[key], workspace.language
    found = []
    nodes = {name: getattr(one, name) for name in NAMES}
    for name, node in nodes.items():
        label = translate(language, f"designer.prop.{name}")
        found.append(_told(workspace, definition, f"fields/{key}/{name}", label, node))
    for option in one.options.values() if not one.options_from else ():
        label = translate(language, "designer.option_if", option=say(option.label, language))
        path = f"fields/{key}/options_if/{option.key}"
        found.append(_told(workspace, definition, path, label, one.options_if.get(option.key)))
    path = f"fields/{key}/where"
    if tested_object(workspace, definition.key, path):
        node = condition_at(workspace, definition.key, path)
        label = translate(language, where_word(workspace, definition.key, key))
        found.append(_told(workspace, definition, path, label, node))
    return tuple(found)


def where_word(workspace: Workspace, object_key: str, key: str) -> str:
    """Give the words for a field's filter: a roll-up counts with it, a link offers."""
    raw = definition_in(workspace.document(object_document(object_key)), key) or {}
    return f"designer.prop.where.{'roll_up' if raw.get('type') == ROLL_UP else 'link'}"


def tested_object(workspace: Workspace, object_key: str, path: str) -> str:
    """Give the object whose records a condition tests; "" where no condition can stand."""
    match = OF_WHERE.fullmatch(path)
    if match is None:
        return object_key
    raw = definition_in(workspace.document(object_document(object_key)), match[1])
    if raw is None or "where" not in TYPES.schema(str(raw["type"]))["properties"]:
        return ""
    if raw["type"] == ROLL_UP:
        related = workspace.site.related.get(object_key, {}).get(str(raw.get("list")))
        return related.object if related is not None else ""
    targets = link_targets(raw)
    return targets[0] if targets and targets[0] in workspace.site.objects else ""


def edited_object(workspace: Workspace, object_key: str, path: str) -> str:
    """Give the object of the record being edited, which the filter of a link may read; or ""."""
    match = OF_WHERE.fullmatch(path)
    is_link = match and where_word(workspace, object_key, match[1]).endswith("link")
    return object_key if is_link else ""


def objects_of(
    workspace: Workspace, object_key: str, path: str
) -> tuple[Unit, BoundObject, BoundObject | None]:
    """Give the draft's unit, the object that a condition tests, and that of the edited record."""
    unit = drafted(workspace)
    tested = unit.snapshot.object(tested_object(workspace, object_key, path))
    edited = edited_object(workspace, object_key, path)
    return unit, tested, unit.snapshot.object(edited) if edited else None


def _told(
    workspace: Workspace, definition: ObjectDef, path: str, label: str, node: Node | None
) -> Told:
    return Told(path, label, tell(workspace, definition, node, path), node is not None)


def tell(workspace: Workspace, definition: ObjectDef, node: Node | None, path: str = "") -> str:
    """Put a condition into words; "" for none. ``path``: where it stands."""
    if node is None:
        return ""
    unit, tested, edited = objects_of(workspace, definition.key, path)
    return str(sentence(unit, tested, node, edited))


def title_of(workspace: Workspace, definition: ObjectDef, path: str) -> str:
    """Say what a condition decides; "" for a path that holds none."""
    language = workspace.language
    match = OF_FIELD.fullmatch(path) or OF_OPTION.fullmatch(path) or OF_WHERE.fullmatch(path)
    field: FieldDef | None = definition.fields.get(match[1]) if match else None
    if match and field is None:
        return ""
    if field is not None and match is not None:
        name = say(field.label, language)
        if OF_WHERE.fullmatch(path):
            if not tested_object(workspace, definition.key, path):
                return ""
            what = translate(language, where_word(workspace, definition.key, match[1]))
            return translate(language, "designer.condition_of", name=name, what=what)
        if OF_FIELD.fullmatch(path):
            what = translate(language, f"designer.prop.{match[2]}")
            return translate(language, "designer.condition_of", name=name, what=what)
        option = field.options.get(match[2])
        label = say(option.label, language) if option else match[2]
        what = translate(language, "designer.option_if", option=label)
        return translate(language, "designer.condition_of", name=name, what=what)
    return translate(language, "designer.section_if") if OF_SECTION.fullmatch(path) else ""


def field_of_path(path: str) -> str:
    """Give the field that a condition belongs to; "" for a section's."""
    match = OF_FIELD.fullmatch(path) or OF_OPTION.fullmatch(path) or OF_WHERE.fullmatch(path)
    return match[1] if match else ""


def condition_at(workspace: Workspace, object_key: str, path: str) -> Node | None:
    """Give the condition that stands at a path of the object, or of its form."""
    name = _document(workspace, object_key, path, list(map(dict, workspace.changes)))
    document = workspace.document(name)
    raw = look_up(document.body, path, None) if document is not None else None
    return parse_condition(raw)


def set_condition(
    workspace: Workspace, object_key: str, path: str, node: Node | None
) -> list[Change]:
    """Say anew what stands at a path; None takes the condition away."""
    made = [dict(one) for one in workspace.changes]
    if OF_SECTION.fullmatch(path):
        made = with_form(workspace, object_key, made)
    name = _document(workspace, object_key, path, made)
    published = workspace.published(name)
    before = look_up(published.body, path, MISSING) if published is not None else MISSING
    value: Any = MISSING if node is None else dump_condition(node)
    parent = path.rpartition("/")[0]
    if OF_OPTION.fullmatch(path) and value is not MISSING and not _is_map(workspace, name, parent):
        return draft.set_value(made, name, parent, {path.rpartition("/")[2]: value})
    return draft.set_value(made, name, path, value, published=before)


def _is_map(workspace: Workspace, name: str, path: str) -> bool:
    document = workspace.document(name)
    found = look_up(document.body, path, None) if document is not None else None
    return isinstance(found, Mapping)


def _document(workspace: Workspace, object_key: str, path: str, made: list[Change]) -> str:
    if OF_SECTION.fullmatch(path):
        return form_document(workspace, object_key, made)
    return object_document(object_key)
