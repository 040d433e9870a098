"""OpenAPI 3.1 of the moment: the objects, fields and actions that the caller may use now.

Made from the snapshot, so a field that was published a second ago is in it; composed once per
metadata version, set of roles and language.
"""

from typing import Any

from litestar import Response, get

from engine.access.roles import Rights, rights_of
from engine.storage.snapshot import BoundObject, Unit
from metadata.model import say
from ui.api.answers import answer, respond
from ui.api.field_schemas import read_schema, write_schema
from ui.api.objects import readable
from ui.given import GivenContext, GivenSite
from ui.security.rights import SIGNED_IN

Part = dict[str, Any]
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
LIST_PARAMETERS = [
    {"name": name, "in": "query", "schema": schema}
    for name, schema in {
        "scene": {"type": "string"},
        "where": {"type": "string", "description": "a condition tree as JSON"},
        "q": {"type": "string"},
        "sort": {"type": "string", "examples": ["-created_at,name"]},
        "fields": {"type": "string"},
        "cursor": {"type": "string"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
        "count": {"type": "string", "enum": ["none", "capped", "exact"]},
    }.items()
]
PROBLEM = {
    "description": "what is wrong and what to do",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
COMMON: Part = {
    "Link": {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "label": {"type": "string"}},
        "required": ["id", "label"],
    },
    "Problem": {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "errors": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["type", "title", "status", "code"],
    },
}


@get("/openapi.json", right=SIGNED_IN, sync_to_thread=True)
def get_openapi(site: GivenSite, context: GivenContext) -> Response[bytes]:
    """Give the document for the caller."""
    actor, language = context.actor, context.locale.language
    with site.read(context) as unit:
        key = ("openapi", actor.superadmin, actor.roles, language)
        stored = unit.snapshot.once(key, lambda: answer(_document(unit, language)))
    return respond(stored)


def _document(unit: Unit, language: str) -> Part:
    rights = rights_of(unit)
    schemas: Part = dict(COMMON)
    paths: Part = {}
    for key in rights.objects():
        bound = unit.snapshot.object(key)
        schemas |= _schemas(rights, bound, language)
        paths |= _paths(rights, bound, language)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Heddle", "version": str(unit.snapshot.number)},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(rights: Rights, bound: BoundObject, language: str) -> Part:
    fields = readable(rights, bound)
    writable = [
        field
        for field in fields
        if not field.definition.readonly and rights.field_level(bound.key, field.key) == "edit"
    ]
    read = {field.key: read_schema(field.definition, language) for field in fields}
    write = {field.key: write_schema(field.definition, language) for field in writable}
    required = [
        field.key
        for field in writable
        if field.definition.required and field.definition.default is None
    ]
    title = say(bound.definition.label, language)
    return {
        bound.key: {"title": title, "type": "object", "properties": read},
        f"{bound.key}.write": {
            "title": title,
            "type": "object",
            "properties": write,
            "additionalProperties": False,
        },
        f"{bound.key}.create": {
            "allOf": [{"$ref": f"#/components/schemas/{bound.key}.write"}],
            "required": required,
        },
    }


def _paths(rights: Rights, bound: BoundObject, language: str) -> Part:
    key, title = bound.key, say(bound.definition.label, language)
    whole: Part = {}
    single: Part = {}
    if rights.allows(key, "read_list"):
        listed = {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": _reference(key)},
                "next_cursor": {"type": ["string", "null"]},
                "metadata_version": {"type": "integer"},
            },
        }
        whole["get"] = _operation(f"list_{key}", title, 200, listed)
        whole["get"]["parameters"] = LIST_PARAMETERS
    if rights.allows(key, "create"):
        whole["post"] = _operation(
            f"create_{key}", title, 201, _reference(key), _reference(f"{key}.create")
        )
    if rights.allows(key, "read"):
        single["get"] = _operation(f"read_{key}", title, 200, _reference(key))
    if rights.allows(key, "update"):
        single["patch"] = _operation(
            f"change_{key}", title, 200, _reference(key), _reference(f"{key}.write")
        )
        single["patch"]["parameters"] = [
            {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
        ]
    if rights.allows(key, "delete"):
        single["delete"] = _operation(f"delete_{key}", title, 204, None)
    paths: Part = {}
    if whole:
        paths[f"/api/v1/records/{key}"] = whole
    if single:
        paths[f"/api/v1/records/{key}/{{id}}"] = {"parameters": [ID], **single}
    return paths


def _operation(
    name: str, title: str, status: int, result: Part | None, body: Part | None = None
) -> Part:
    good: Part = {"description": title}
    if result is not None:
        good["content"] = {"application/json": {"schema": result}}
    made: Part = {
        "operationId": name,
        "summary": title,
        "responses": {str(status): good, "default": PROBLEM},
    }
    if body is not None:
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body}},
        }
    return made


def _reference(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


ROUTES = [get_openapi]
