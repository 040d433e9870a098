"""What a field of a new record begins with, beside a typed value: the moment, or a chosen record.

The first is the field's ``default``, the second stands at the link as ``copies``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.fields.registry import TYPES
from metadata.catalog import LINK_TYPES, link_target
from metadata.check_defaults import fits
from metadata.model import FieldDef, ObjectDef, say
from ui.designer import changes as draft
from ui.designer.canvas import definition_in
from ui.designer.changes import MISSING, Change, field_path, object_document
from ui.designer.workspace import Workspace
from ui.i18n import translate
from ui.widgets.base import Choice

NAME = "begins"
"""The input's name."""
MOMENTS: Mapping[str, Mapping[str, Any]] = {
    "today": {"period": "today"},
    "now": {"now": True},
    "me": {"me": True},
    "my_department": {"my_department": True},
}
COPY = "copy:"
_SAME = ("to", "scale", "currency", "depth", "country")
"""Own properties in which two fields are the same when a value may come along."""
_UNCOPIED = frozenset({"auto_number", "file", "image", "line_items"})


def begin_choices(
    workspace: Workspace, definition: ObjectDef, key: str, raw: Mapping[str, Any]
) -> tuple[Choice, ...]:
    """Give what a field may begin with beside a typed value; none where there is nothing more."""
    found = [
        Choice(word, translate(workspace.language, f"designer.begins.{word}"))
        for word, default in MOMENTS.items()
        if fits(raw, default) and not (word == "now" and raw["type"] == "date")
    ]
    field = definition.fields[key]
    if field.computed is None and field.type not in _UNCOPIED and not field.system:
        found += _copies(workspace, definition, field)
    return tuple(found)


def begins_with(definition: ObjectDef, key: str, raw: Mapping[str, Any]) -> str:
    """Tell which of the choices a field begins with; "" for a typed value or none."""
    default = raw.get("default")
    if isinstance(default, Mapping):
        return next((word for word, one in MOMENTS.items() if one == default), "")
    for link in definition.fields.values():
        source = (link.props.get("copies") or {}).get(key)
        if source:
            return f"{COPY}{link.key}.{source}"
    return ""


def set_begin(made: dict[str, Any], chosen: str) -> None:
    """Put the moment into a definition; a typed default gives way to it, or to what is copied."""
    if chosen in MOMENTS:
        made["default"] = dict(MOMENTS[chosen])
    elif chosen.startswith(COPY) or isinstance(made.get("default"), Mapping):
        made.pop("default", None)


def set_copies(
    workspace: Workspace, object_key: str, keys: tuple[str, str], chosen: str
) -> list[Change]:
    """Let the chosen link, and no other one, bring a field's value.

    Args:
        workspace: the draft.
        object_key: whose field.
        keys: what the field was called, and is called now.
        chosen: the choice; one that copies nothing takes the field out of every link.
    """
    document = object_document(object_key)
    made = [dict(one) for one in workspace.changes]
    definition = workspace.object(object_key)
    wanted, _, source = chosen.removeprefix(COPY).partition(".")
    for key in definition.fields if definition is not None else ():
        raw = definition_in(workspace.document(document), key) or {}
        if raw.get("type") not in LINK_TYPES:
            continue
        before = raw.get("copies") or {}
        after = {here: there for here, there in before.items() if here not in keys}
        if chosen.startswith(COPY) and key == wanted:
            after[keys[1]] = source
        if after == before:
            continue
        published = definition_in(workspace.published(document), key) or {}
        path = f"{field_path(key)}/copies"
        was = published.get("copies", MISSING)
        made = draft.set_value(made, document, path, after or MISSING, published=was)
    return made


def _copies(workspace: Workspace, definition: ObjectDef, field: FieldDef) -> Iterator[Choice]:
    language = workspace.language
    for link in definition.fields.values():
        raw = {"type": link.type, "to": link.props.get("to")}
        target = workspace.site.objects.get(link_target(raw)) if link.type in LINK_TYPES else None
        takes = "copies" in TYPES.schema(link.type)["properties"]
        if target is None or not takes or link.key == field.key or link.system:
            continue
        for other in target.fields.values():
            if _alike(other, field):
                label = f"{say(link.label, language)} → {say(other.label, language)}"
                yield Choice(f"{COPY}{link.key}.{other.key}", label)


def _alike(one: FieldDef, other: FieldDef) -> bool:
    return (
        one.type == other.type
        and not one.is_virtual
        and one.options_from == other.options_from
        and (bool(one.options_from) or not one.options)
        and all(one.props.get(name) == other.props.get(name) for name in _SAME)
    )
