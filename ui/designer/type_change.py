"""A published field gets another type: which ones, with what definition, and what it does."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.fields.registry import FIELD_TYPES, TYPES
from engine.publish.conversion import conversions, distinct_texts, rule_of
from engine.publish.steps import SAME_COLUMN
from metadata.check_objects import MOST_OPTIONS
from metadata.compile_objects import COMMON
from metadata.errors import MetadataInvalid, Problem
from ui.designer.canvas import definition_in
from ui.designer.changes import Change, field_path, object_document
from ui.designer.edits import change_field
from ui.designer.effects import tell_conversion
from ui.designer.faces import FACES
from ui.designer.layouts import PREFIX
from ui.designer.workspace import Workspace

SELECT = "select"
_TRAITS = ("unique", "search", "sortable", "required")
_OPTIONS = ("options", "options_from", "options_if")
_LEFT = frozenset({"default", "sample"})
"""What is said in values of the type before."""


def targets_of(workspace: Workspace, object_key: str, key: str) -> tuple[str, ...]:
    """Give the types that a published field may get, its own one first; none where it stays."""
    published = definition_in(workspace.published(object_document(object_key)), key)
    field = workspace.base.site.objects[object_key].fields.get(key) if published else None
    if published is None or field is None or field.system or field.computed is not None:
        return ()
    before = field.type
    found = [
        to
        for to in FIELD_TYPES
        if to in FACES and (rule_of(before, to) or (before, to) in SAME_COLUMN)
    ]
    return (before, *found) if found else ()


def retyped(workspace: Workspace, object_key: str, key: str, to: str) -> list[Change]:
    """Give the draft in which a field has another type.

    Raises:
        MetadataInvalid: it cannot have this one, or too many values would become options.
    """
    document = object_document(object_key)
    published = definition_in(workspace.published(document), key) or {}
    if to not in targets_of(workspace, object_key, key):
        params = {"field": key, "before": str(published.get("type", "")), "after": to[:60]}
        path = f"{field_path(key)}/type"
        raise MetadataInvalid(
            [Problem("type_change", document=document, path=path, params=params)]
        )
    if to == published["type"]:
        return change_field(workspace, object_key, key, published)
    own = TYPES.schema(to)["properties"]
    made: dict[str, Any] = {"type": to}
    for name, value in published.items():
        if name in _LEFT or name == "type" or (name in _TRAITS and not TYPES.can(to, name)):
            continue
        known = name in COMMON or name in own
        if TYPES.can(to, "options") if name in _OPTIONS else known:
            made[name] = value
    start = {name: value for name, value in FACES[to].start.items() if name != "max_length"}
    made = {**start, **made}
    if to == SELECT and "options" not in made and "options_from" not in made:
        made["options"] = _options_of(workspace, object_key, key)
    return change_field(workspace, object_key, key, made)


def preview(
    workspace: Workspace, object_key: str, key: str, changes: Sequence[Change]
) -> list[str]:
    """Tell how many values convert and list those that do not; nothing where none moves.

    Raises:
        MetadataInvalid: the draft cannot be.
    """
    compiled = workspace.tried(changes)
    found = conversions(workspace.unit.connection, workspace.unit.snapshot, compiled.site)
    return [
        line
        for one in found
        if (one.object, one.field) == (object_key, key)
        for line in tell_conversion(compiled.site, one, workspace.language)
    ]


def _options_of(workspace: Workspace, object_key: str, key: str) -> Mapping[str, Any]:
    """Make an option of every value that there is."""
    field = workspace.unit.snapshot.object(object_key).fields[key]
    values = distinct_texts(workspace.unit.connection, field, MOST_OPTIONS)
    if len(values) > MOST_OPTIONS:
        document, path = object_document(object_key), f"{field_path(key)}/options"
        params = {"most": MOST_OPTIONS}
        raise MetadataInvalid(
            [Problem("too_many_options", document=document, path=path, params=params)]
        )
    values = values or ["1"]
    return {f"{PREFIX}option_{n}": {"label": value[:120]} for n, value in enumerate(values, 1)}
