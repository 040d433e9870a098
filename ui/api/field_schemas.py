"""Field types as JSON Schema: what the API takes and gives for a field of each type."""

from collections.abc import Callable, Mapping
from typing import Any

from metadata.model import FieldDef, say

Schema = dict[str, Any]


def _text(field: FieldDef) -> Schema:
    most = field.props.get("max_length")
    return {"type": "string", **({"maxLength": most} if most else {})}


def _formatted(name: str) -> Callable[[FieldDef], Schema]:
    return lambda field: {**_text(field), "format": name}


def _integer(field: FieldDef) -> Schema:
    bounds = {"min": "minimum", "max": "maximum"}
    given = {word: field.props[key] for key, word in bounds.items() if key in field.props}
    return {"type": "integer", **given}


def _scaled(field: FieldDef) -> Schema:
    scale = int(field.props.get("scale", 2))
    fraction = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
    return {"type": "string", "pattern": f"^-?[0-9]+{fraction}$"}


def _range(_field: FieldDef) -> Schema:
    day = {"type": "string", "format": "date"}
    return {"type": "object", "properties": {"from": day, "to": day}, "required": ["from", "to"]}


def _option(field: FieldDef) -> Schema:
    return {"type": "string", "enum": list(field.options)}


def _options(field: FieldDef) -> Schema:
    return {"type": "array", "items": _option(field), "uniqueItems": True}


def _tags(_field: FieldDef) -> Schema:
    return {"type": "array", "items": {"type": "string"}, "uniqueItems": True}


def _linked(_field: FieldDef) -> Schema:
    return {"$ref": "#/components/schemas/Link"}


def _files(field: FieldDef) -> Schema:
    one = {"$ref": "#/components/schemas/File"}
    return {"type": "array", "items": one} if field.props.get("many") else one


def _file_ids(field: FieldDef) -> Schema:
    one = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
    return {"type": "array", "items": one} if field.props.get("many") else one


def _several(field: FieldDef) -> Schema:
    return {"type": "array", "items": _linked(field), "uniqueItems": True}


def _anywhere(field: FieldDef) -> Schema:
    kinds = {"type": "string", "enum": list(field.props["to"])}
    properties = {"object": kinds, "id": ID, "label": {"type": "string"}}
    one = {"type": "object", "properties": properties, "required": ["object", "id"]}
    return {"type": "array", "items": one} if field.props.get("many") else one


ID: Schema = {"type": "integer", "minimum": 1}


def _lines(field: FieldDef) -> Schema:
    return {"type": "array", "items": {"type": "object", "description": str(field.props["of"])}}


SCHEMAS: Mapping[str, Callable[[FieldDef], Schema]] = {
    "text": _text,
    "long_text": _text,
    "rich_text": lambda field: {**_text(field), "contentMediaType": "text/html"},
    "integer": _integer,
    "decimal": _scaled,
    "percent": _scaled,
    "money": _scaled,
    "boolean": lambda _field: {"type": "boolean"},
    "date": _formatted("date"),
    "datetime": _formatted("date-time"),
    "date_range": _range,
    "select": _option,
    "multi_select": _options,
    "tags": _tags,
    "phone": _text,
    "email": _formatted("email"),
    "url": _formatted("uri"),
    "region": _text,
    "user": _linked,
    "users": _several,
    "department": _linked,
    "link": _linked,
    "links": _several,
    "any_link": _anywhere,
    "auto_number": _text,
    "file": _files,
    "line_items": _lines,
    "image": _files,
}
"""Field type -> its schema in answers. A test holds it against the registry."""


def read_schema(field: FieldDef, language: str) -> Schema:
    """Give the schema of a field in answers; an empty field is null."""
    shape = SCHEMAS[field.type](field)
    return {"title": say(field.label, language), "anyOf": [shape, {"type": "null"}]}


def write_schema(field: FieldDef, language: str) -> Schema:
    """Give the schema of a field in requests: a link is written as an id."""
    files = SCHEMAS[field.type] is _files
    shape = _file_ids(field) if files else SCHEMAS[field.type](field)
    if "$ref" in shape:
        shape = ID
    elif "$ref" in shape.get("items", {}):
        shape = {**shape, "items": ID}
    if field.required:
        return {"title": say(field.label, language), **shape}
    return {"title": say(field.label, language), "anyOf": [shape, {"type": "null"}]}
