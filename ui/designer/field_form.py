"""Taking in the properties of a field: everything that the panel sent, or nothing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.context import Context
from engine.errors import UnknownField
from engine.publish.live import LiveSite
from metadata.errors import MetadataInvalid, Problem
from ui.designer.begins import NAME as BEGINS
from ui.designer.begins import set_copies
from ui.designer.canvas import definition_in
from ui.designer.changes import Change, field_path, is_new, object_document
from ui.designer.definitions import LANGUAGES, definition_of
from ui.designer.edits import (
    change_field,
    key_from_label,
    made_by_type,
    move_field,
    option_label,
    rename_field,
)
from ui.designer.layouts import arranged_of, set_width, show_in_list
from ui.designer.ordering import section_of
from ui.designer.panel import field_message, input_of
from ui.designer.workspace import Workspace, work
from ui.i18n import has_text, translate
from ui.widgets.base import Form, last


@dataclass(slots=True)
class FieldForm:
    """What was sent about a field; ``form`` changes when a button of the option editor says so."""

    object_key: str
    key: str
    form: dict[str, list[str]]


class TypedWrong(Exception):
    """What was typed cannot be; ``errors``: name of an input -> what is wrong with it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def save_field(site: LiveSite, context: Context, given: FieldForm) -> str:
    """Save the properties in the draft; gives the field's key, which may be new.

    Raises:
        TypedWrong: with what is wrong beside each input; nothing was saved.
        UnknownField: the object has no such field.
    """
    language = context.locale.language
    keys = [given.key]
    button = last(given.form, "do")
    turned = False

    def edit(workspace: Workspace) -> list[Change]:
        nonlocal turned
        document = object_document(given.object_key)
        before = definition_in(workspace.document(document), given.key)
        definition = workspace.object(given.object_key)
        if before is None or definition is None or given.key not in definition.fields:
            raise UnknownField(object=given.object_key, field=given.key)
        if button and not turned:
            given.form = pressed(given.form, button, is_local=before_is_local(workspace, given))
            turned = True
        made, errors = definition_of(given.form, before, given.key)
        if errors:
            raise TypedWrong({one.field: field_message(one, language) for one in errors})
        keys[0] = _wanted_key(workspace, given, made)
        return _all(workspace, given, made, keys[0])

    try:
        work(site, context, edit)
    except MetadataInvalid as invalid:
        names = (keys[0], given.key)
        raise TypedWrong(_beside(invalid.problems, names, given.form, language)) from invalid
    return keys[0]


def before_is_local(workspace: Workspace, given: FieldForm) -> bool:
    """Tell whether the field itself was added on site, so that its options need no prefix."""
    document, path = object_document(given.object_key), field_path(given.key)
    return is_new(workspace.changes, document, path) or path in workspace.local(document)


def pressed(form: Form, button: str, *, is_local: bool) -> dict[str, list[str]]:
    """Do what a button of the option editor says: add, up, down or drop an option."""
    made = {name: list(values) for name, values in form.items()}
    rows = [
        name
        for name in ("option.key", "option.as", "option.color")
        if name in made or name == "option.key"
    ] + [f"option.label.{code}" for code in LANGUAGES]
    for name in rows:
        made.setdefault(name, [])
    action, _, key = button.partition(":")
    keys = made["option.key"]
    if action == "option-add":
        number = len(keys) + 1
        prefix = "option_" if is_local else "x_option_"
        while f"{prefix}{number}" in {*keys, *made.get("option.as", ())}:
            number += 1
        new = {"option.key": f"{prefix}{number}", "option.as": f"{prefix}{number}"}
        new |= {f"option.label.{code}": text for code, text in option_label(number).items()}
        for name in {*rows, "option.as", "option.color"}:
            made.setdefault(name, []).append(new.get(name, ""))
    elif key in keys:
        at = keys.index(key)
        other = {"option-up": at - 1, "option-down": at + 1}.get(action, at)
        for name in rows:
            values = made[name]
            if action == "option-drop":
                del values[at]
            elif 0 <= other < len(values):
                values[at], values[other] = values[other], values[at]
    return made


def _wanted_key(workspace: Workspace, given: FieldForm, made: Mapping[str, Any]) -> str:
    document, path = object_document(given.object_key), field_path(given.key)
    if not is_new(workspace.changes, document, path):
        return given.key
    typed = str(last(given.form, "key", given.key)).strip()
    if typed != given.key:
        return typed
    if not made_by_type(given.key, str(made["type"])):
        return given.key
    said = str(last(given.form, "label.en")) or str(last(given.form, f"label.{LANGUAGES[0]}"))
    if not said.isascii() or made["label"] == _start_label(workspace, made):
        return given.key
    return key_from_label(workspace, given.object_key, said, given.key)


def _start_label(workspace: Workspace, made: Mapping[str, Any]) -> str:
    return translate(workspace.language, f"field_type.{made['type']}")


def _all(
    workspace: Workspace, given: FieldForm, made: Mapping[str, Any], key: str
) -> list[Change]:
    changes = change_field(workspace, given.object_key, given.key, made)
    workspace = workspace.with_changes(changes)
    if key != given.key:
        changes = rename_field(workspace, given.object_key, given.key, key)
        workspace = workspace.with_changes(changes)
    if BEGINS in given.form:
        chosen = str(last(given.form, BEGINS))
        changes = set_copies(workspace, given.object_key, (given.key, key), chosen)
        workspace = workspace.with_changes(changes)
    if "in_list" in given.form:
        shown = last(given.form, "in_list") == "true"
        changes = show_in_list(workspace, given.object_key, key, shown=shown)
        workspace = workspace.with_changes(changes)
    section = last(given.form, "section", None)
    if section is not None and section != section_of(
        arranged_of(workspace, given.object_key), key
    ):
        changes = move_field(workspace, given.object_key, key, str(section), None)
        workspace = workspace.with_changes(changes)
    width = str(last(given.form, "width"))
    if width in {"50", "100"}:
        changes = set_width(workspace, given.object_key, key, int(width))
    return changes


def _beside(
    problems: Sequence[Problem], keys: tuple[str, str], form: Form, language: str
) -> dict[str, str]:
    """Put each problem beside its input; ``keys``: of the field as it would be and as it is."""
    errors: dict[str, str] = {}
    for problem in problems:
        text = translate(language, f"problem.{problem.code}", **problem.params)
        hint = f"problem.{problem.code}.hint"
        if has_text(language, hint):
            text = f"{text} {translate(language, hint, **problem.params)}"
        named = (input_of(problem, key, form, language) for key in keys)
        name = next((one for one in named if one), "")
        if not name and problem.document:
            text = f"{text} ({problem.document} › {problem.path})"
        if text not in errors.get(name, ""):
            errors[name] = f"{errors[name]} {text}" if name in errors else text
    return errors
