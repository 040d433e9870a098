"""Field rights of a role: per field of an object what it is, and where its value is covered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.roles import LEVELS
from metadata.model import ObjectDef, Site, say
from ui.roles.desk import Body
from ui.roles.matrix import shown_objects
from ui.widgets.base import Form, last

MASKS = ("", "list", "always")
OPEN = {"level": "edit", "mask": ""}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field with its level and mask."""

    key: str
    label: str
    level: str
    mask: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ObjectTab:
    """An object to choose; ``limits``: how many of its fields are not wholly open."""

    key: str
    label: str
    limits: int


def granted_objects(site: Site, body: Mapping[str, Any], language: str) -> list[ObjectTab]:
    """Give the objects of which the role grants something."""
    said = body.get("objects", {})
    return [
        ObjectTab(key, say(one.label, language), len(said[key].get("fields", {})))
        for key, one in shown_objects(site, body).items()
        if set(said.get(key, {})) - {"fields"}
    ]


def field_rows(
    definition: ObjectDef, body: Mapping[str, Any], language: str, errors: Mapping[str, str]
) -> list[FieldRow]:
    """Draw the fields of an object."""
    said = body.get("objects", {}).get(definition.key, {}).get("fields", {})
    rows = []
    for key, field in definition.fields.items():
        one = level_of(said.get(key))
        error = errors.get(f"objects/{definition.key}/fields/{key}", "")
        rows.append(FieldRow(key, say(field.label, language), one["level"], one["mask"], error))
    return rows


def level_of(said: Any) -> dict[str, str]:
    """Read what a document says of a field."""
    if isinstance(said, str):
        return {"level": said, "mask": ""}
    return {**OPEN, **(said or {})}


def fields_body(definition: ObjectDef, body: Body, form: Form) -> Body:
    """Give the body with the fields as they stand in a form; what is not shown stays."""
    grant = body.get("objects", {}).get(definition.key)
    if grant is None:
        return body
    said = dict(grant.get("fields", {}))
    for key in definition.fields:
        level, mask = str(last(form, f"l.{key}")), str(last(form, f"m.{key}"))
        if level not in LEVELS or mask not in MASKS:
            continue
        if level == "hidden":
            mask = ""
        wanted = {"level": level, "mask": mask}
        if wanted == level_of(said.get(key)):
            continue
        said.pop(key, None)
        if wanted != OPEN:
            said[key] = wanted if mask else level
    grant["fields"] = said
    if not said:
        del grant["fields"]
    return body
