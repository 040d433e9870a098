"""The JSON Schemas of documents: loaded and inlined once, errors told in our own words.

`$ref` to common.schema.json is replaced when a schema is loaded: validating through references
costs several times as much. Marks (``x-mark``) survive, so texts and conditions can be found.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from metadata.catalog import KINDS, FieldTypes
from metadata.documents import Document
from metadata.near import close
from metadata.report import Report, type_word

FOLDER = Path(__file__).parent / "schema"
_COMMON = "common.schema.json#/$defs/"
_OPTIONS = {
    "options": {"$ref": f"{_COMMON}options"},
    "options_from": {"$ref": f"{_COMMON}key"},
}
_TRAITS = ("unique", "sortable", "search", "required")


@cache
def schema_of(name: str) -> Mapping[str, Any]:
    """Give a schema of the folder with its references replaced by what they stand for."""
    schema: Mapping[str, Any] = _inlined(
        json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    )
    return schema


@cache
def _definitions() -> dict[str, Any]:
    text = (FOLDER / "common.schema.json").read_text("utf-8")
    definitions: dict[str, Any] = json.loads(text)["$defs"]
    return definitions


def _inlined(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_inlined(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if reference is None:
        whole = {key: _inlined(value) for key, value in schema.items()}
        if isinstance(whole.get("pattern"), str):
            # In Python "$" also matches before a last line break; a key must not end in one.
            whole["pattern"] = re.sub(r"\$$", r"\\Z", whole["pattern"])
        return whole
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return _inlined({**_definitions()[reference.removeprefix(_COMMON)], **rest})


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema_of(name))


@lru_cache(maxsize=256)
def field_schema(types: FieldTypes, field_type: str) -> Mapping[str, Any]:
    """Give the whole schema of a field of this type: common properties and its own."""
    own = _inlined(dict(types.schema(field_type)))
    common = dict(schema_of("field")["properties"])
    if types.can(field_type, "options"):
        common.update(_inlined(_OPTIONS))
    return {
        **{key: value for key, value in own.items() if key not in {"properties", "required"}},
        "type": "object",
        "properties": {**common, **own.get("properties", {})},
        "required": ["type", "label", *own.get("required", ())],
        "additionalProperties": False,
    }


@lru_cache(maxsize=256)
def _field_validator(types: FieldTypes, field_type: str) -> Draft202012Validator:
    return Draft202012Validator(field_schema(types, field_type))


def check_shape(document: Document, types: FieldTypes, report: Report) -> None:
    """Check a document against the schema of its kind, and each field against its type's."""
    if document.kind not in KINDS:
        known = close(document.kind, KINDS)
        report.add_value(document, "unknown_kind", "kind", kind=document.kind, known=known)
        return
    _tell(_validator(document.kind), document.full(), document, "", report)
    fields = document.body.get("fields")
    if document.kind == "object" and isinstance(fields, Mapping):
        for key, definition in fields.items():
            if isinstance(definition, Mapping):
                _check_field(document, f"fields/{key}", definition, types, report)


def _check_field(
    document: Document,
    path: str,
    definition: Mapping[str, Any],
    types: FieldTypes,
    report: Report,
) -> None:
    field_type = definition.get("type")
    if is_relabel(definition):
        _tell(_validator("relabel"), definition, document, path, report)
        return
    if not isinstance(field_type, str):
        report.add_value(
            document,
            "wrong_type",
            f"{path}/type",
            expected="string",
            actual=type_word(field_type),
        )
        return
    if field_type not in types.names():
        known = close(field_type, types.names())
        report.add_value(
            document, "unknown_field_type", f"{path}/type", type=field_type, known=known
        )
        return
    _tell(_field_validator(types, field_type), definition, document, path, report)
    for trait in _TRAITS:
        if definition.get(trait) is True and not types.can(field_type, trait):
            report.add(
                document, "trait_not_possible", f"{path}/{trait}", property=trait, type=field_type
            )


def is_relabel(definition: Mapping[str, Any]) -> bool:
    """Tell whether an entry of ``fields`` only relabels what the system or an ability brings."""
    return "type" not in definition


def marked(document: Document, types: FieldTypes, mark: str) -> Iterator[tuple[str, Any]]:
    """Walk the parts of a well-shaped document that its schema marks ``text`` or ``condition``.

    Returns:
        Pairs of path and value.
    """
    yield from _walk(schema_of(document.kind), document.body, "", mark)
    if document.kind == "object":
        for key, definition in document.body["fields"].items():
            relabel = is_relabel(definition)
            schema = schema_of("relabel") if relabel else field_schema(types, definition["type"])
            yield from _walk(schema, definition, f"fields/{key}", mark)


def _walk(schema: Any, value: Any, path: str, mark: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(schema, Mapping):
        return
    found = schema.get("x-mark")
    if found is not None:
        if found == mark:
            yield path, value
    elif isinstance(value, Mapping):
        named = schema.get("properties", {})
        others = schema.get("additionalProperties")
        for key, part in value.items():
            inner = named.get(key, others)
            if inner:
                yield from _walk(inner, part, f"{path}/{key}" if path else key, mark)


@dataclass(frozen=True, slots=True)
class _Found:
    """An error of jsonschema in our words; ``of_name``: it speaks of a name, not of a value."""

    code: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    of_name: bool = False


_LIMITS = {
    "maxLength": ("too_long", "most"),
    "maxProperties": ("too_many", "most"),
    "maxItems": ("too_many", "most"),
    "minLength": ("too_few", "least"),
    "minProperties": ("too_few", "least"),
    "minItems": ("too_few", "least"),
    "minimum": ("out_of_range", "limit"),
    "maximum": ("out_of_range", "limit"),
    "exclusiveMinimum": ("out_of_range", "limit"),
    "exclusiveMaximum": ("out_of_range", "limit"),
}


def _tell(
    validator: Draft202012Validator,
    instance: Mapping[str, Any],
    document: Document,
    base: str,
    report: Report,
) -> None:
    told: set[tuple[str, str, object]] = set()
    for error in validator.iter_errors(instance):
        for found in _explain(error):
            whole = "/".join(part for part in (base, found.path) if part)
            once = (found.code, whole, found.params.get("property"))
            if once not in told:
                told.add(once)
                note = report.add if found.of_name else report.add_value
                note(document, found.code, whole, **found.params)


def _explain(error: ValidationError) -> Iterator[_Found]:
    """Turn an error of jsonschema into codes, paths and parameters of ours."""
    path = "/".join(str(part) for part in error.absolute_path)
    schema: Any = error.schema
    instance: Any = error.instance
    word = str(error.validator)
    shown = str(instance)[:60]
    if "propertyNames" in error.absolute_schema_path:
        code = schema.get("x-code", "bad_key")
        yield _Found(code, _inside(path, str(instance)), {"name": shown}, of_name=True)
    elif word in {"additionalProperties", "unevaluatedProperties"}:
        known = schema.get("properties", {})
        for key in [key for key in instance if key not in known]:
            params = {"property": key, "known": close(key, known)}
            yield _Found("unknown_property", _inside(path, key), params, of_name=True)
    elif word == "required":
        needed: Any = error.validator_value
        for key in [key for key in needed if key not in instance]:
            yield _Found("missing_property", path, {"property": key}, of_name=True)
    elif word == "type":
        expected: Any = error.validator_value
        words = expected if isinstance(expected, str) else ", ".join(expected)
        yield _Found("wrong_type", path, {"expected": words, "actual": type_word(instance)})
    elif word in {"enum", "const"}:
        yield _Found("value_not_allowed", path, _allowed(error, instance))
    elif word in _LIMITS:
        code, limit = _LIMITS[word]
        yield _Found(code, path, {limit: error.validator_value})
    else:
        code = schema.get("x-code", "bad_value")
        yield _Found(code, path, {"value": shown, "name": shown})


def _inside(path: str, key: str) -> str:
    return f"{path}/{key}" if path else key


def _allowed(error: ValidationError, instance: Any) -> dict[str, Any]:
    value: Any = error.validator_value
    allowed = value if isinstance(value, list) else [value]
    words = [str(item).lower() if isinstance(item, bool) else str(item) for item in allowed]
    return {"value": str(instance)[:60], "known": close(str(instance), words)}
