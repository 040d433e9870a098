"""The JSON Schemas as editors want them: one set of files that point at each other.

The loader checks a field with the schema of its type, chosen in code; an editor has only the
files, so the choice is written into them.
"""

import json
from collections.abc import Mapping
from typing import Any

from metadata.catalog import KINDS, FieldTypes
from metadata.schemas import FOLDER

ENTRY = "heddle.schema.json"
"""The schema of any document: it chooses by ``kind``."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COMMON = "common.schema.json"


def editor_schemas(types: FieldTypes) -> dict[str, Mapping[str, Any]]:
    """Give file name -> schema, `ENTRY` among them; references are file names."""
    files: dict[str, Mapping[str, Any]] = {
        f"{name}.schema.json": _stored(name) for name in ("common", "relabel", *KINDS)
    }
    files["field.schema.json"] = _field(types)
    fields = files["object.schema.json"]["properties"]["fields"]
    fields["additionalProperties"] = {"$ref": "field.schema.json"}
    files[ENTRY] = {
        "$schema": _DIALECT,
        "$id": ENTRY,
        "title": "A document of Heddle",
        "type": "object",
        "properties": {"kind": {"enum": list(KINDS)}},
        "required": ["kind"],
        "allOf": [_when("kind", kind, {"$ref": f"{kind}.schema.json"}) for kind in KINDS],
    }
    return files


def _field(types: FieldTypes) -> Mapping[str, Any]:
    """Give the schema of any field: by its type, or a relabelled one when it names none."""
    common = _stored("field")
    branches = [
        _when("type", name, _field_of_type(types, name, common)) for name in sorted(types.names())
    ]
    branches.append({"if": {"required": ["type"]}, "else": {"$ref": "relabel.schema.json"}})
    return {
        "$schema": _DIALECT,
        "$id": "field.schema.json",
        "title": common["title"],
        "type": "object",
        "properties": {"type": {"enum": sorted(types.names())}},
        "allOf": branches,
    }


def _field_of_type(types: FieldTypes, name: str, common: Mapping[str, Any]) -> dict[str, Any]:
    own = types.schema(name)
    properties = {**common["properties"], **own.get("properties", {})}
    if types.can(name, "options"):
        properties["options"] = {"$ref": f"{_COMMON}#/$defs/options"}
        properties["options_from"] = {"$ref": f"{_COMMON}#/$defs/key"}
    return {
        "properties": properties,
        "required": ["type", "label", *own.get("required", ())],
        "additionalProperties": False,
    }


def _when(name: str, value: str, then: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "if": {"properties": {name: {"const": value}}, "required": [name]},
        "then": then,
    }


def _stored(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    return found
