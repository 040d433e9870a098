"""What a JSON Schema lets in, in few words; and the properties that a schema names."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

Say = Callable[[str], str]
Schema = Mapping[str, Any]

PLAIN = {"string": "string", "integer": "integer", "boolean": "boolean"}
NAMED = {
    "label": "text",
    "text": "text",
    "condition": "condition",
    "empty": "nothing",
}
"""Shared parts with a word of their own."""
WHOLE = frozenset(
    {"label", "text", "condition", "inverse", "options", "values", "empty", "key", "path", "sort"}
)
"""Shared parts whose inside is described elsewhere, or needs no description."""


@cache
def stored_schema(folder: Path, name: str) -> Schema:
    """Read a schema file as it is."""
    found: Schema = json.loads((folder / f"{name}.schema.json").read_text("utf-8"))
    return found


def properties_of(schema: Schema, folder: Path, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Walk the properties that a schema names: path and schema of each, ``*`` for any key."""
    reference = schema.get("$ref", "").rsplit("/", 1)[-1]
    if reference in WHOLE:
        return
    if reference:
        schema = stored_schema(folder, "common")["$defs"][reference]
    for key, part in schema.get("properties", {}).items():
        inner = f"{path}.{key}" if path else key
        yield inner, part
        yield from properties_of(part, folder, inner)
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        yield from properties_of(others, folder, f"{path}.*")


def shape(schema: Schema, say: Say) -> str:
    """Say what values a schema lets in."""
    reference = schema.get("$ref", "").rsplit("/", 1)[-1]
    if reference:
        return say(NAMED[reference]) if reference in NAMED else _reference(reference, say)
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " ".join(f"`{json.dumps(one).strip(chr(34))}`" for one in schema["enum"])
    kinds = schema.get("type", [])
    words = [_kind(kind, schema, say) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " / ".join(words) or say("any")


def _kind(kind: str, schema: Schema, say: Say) -> str:
    if kind == "array":
        return f"{say('list')} {shape(schema.get('items', {}), say)}"
    if kind == "object":
        others = schema.get("additionalProperties")
        if not isinstance(others, Mapping) or not others or others.get("type") == "object":
            return say("map")
        return f"{say('map_of')} {shape(others, say)}"
    return say(PLAIN[kind]) + _limits(schema)


def _limits(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum", schema.get("maxLength"))
    if low is None and high is None:
        return ""
    return f" {low if low is not None else ''}…{high if high is not None else ''}"


def _reference(name: str, say: Say) -> str:
    if name in {"key", "owned_key", "any_key", "path", "document_id"}:
        return say("key")
    return {
        "on_delete": "`restrict` `clear` `cascade`",
        "scope": "`true` `own` `own_and_reports` `department` `department_tree` `all`",
        "inverse": "`{key, label}`",
        "options": "`{key: {label, color, retired}}`",
        "icon": say("string"),
        "language": say("string"),
        "version_range": '`">=1.0,<2"`',
        "sort": f"{say('list')} {say('key')}",
        "columns": f"{say('map_of')} `{{label, width, pin, align, opens}}`",
        "column": "`{label, width, pin, align, opens}`",
        "layout": "`{width}`",
        "values": f"{say('map_of')} {say('any')}",
    }[name]
