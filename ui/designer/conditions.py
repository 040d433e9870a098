"""Conditions of a draft: when fields, options and sections are shown, needed, fixed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metadata.conditions import Node, dump_condition, parse_condition
from metadata.documents import look_up
from metadata.model import FieldDef, ObjectDef, say
from ui.designer import changes as draft
from ui.designer.changes import MISSING, Change, object_document
from ui.designer.drafted import drafted
from ui.designer.layouts import form_document, with_form
from ui.designer.workspace import Workspace
from ui.i18n import translate
from ui.pages.sentences import sentence

OF_FIELD = re.compile(r"fields/([a-z0-9_]+)/(visible_if|required_if|readonly_if)")
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
    return tuple(found)


def _told(
    workspace: Workspace, definition: ObjectDef, path: str, label: str, node: Node | None
) -> Told:
    return Told(path, label, tell(workspace, definition, node), node is not None)


def tell(workspace: Workspace, definition: ObjectDef, node: Node | None) -> str:
    """Put a condition into words; "" for none."""
    if node is None:
        return ""
    unit = drafted(workspace)
    return str(sentence(unit, unit.snapshot.object(definition.key), node))


def title_of(workspace: Workspace, definition: ObjectDef, path: str) -> str:
    """Say what a condition decides; "" for a path that holds none."""
    language = workspace.language
    match = OF_FIELD.fullmatch(path) or OF_OPTION.fullmatch(path)
    field: FieldDef | None = definition.fields.get(match[1]) if match else None
    if match and field is None:
        return ""
    if field is not None and match is not None:
        name = say(field.label, language)
        if OF_FIELD.fullmatch(path):
            what = translate(language, f"designer.prop.{match[2]}")
            return translate(language, "designer.condition_of", name=name, what=what)
        option = field.options.get(match[2])
        label = say(option.label, language) if option else match[2]
        what = translate(language, "designer.option_if", option=label)
        return translate(language, "designer.condition_of", name=name, what=what)
    return translate(language, "designer.section_if") if OF_SECTION.fullmatch(path) else ""


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
