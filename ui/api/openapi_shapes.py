"""Words of the OpenAPI document: operations, parameters and the schemas that many calls share."""

from collections.abc import Mapping, Sequence
from typing import Any

Part = dict[str, Any]

TEXT: Part = {"type": "string"}
NUMBER: Part = {"type": "integer"}
FLAG: Part = {"type": "boolean"}
ANY_MAPPING: Part = {"type": "object"}
ID: Part = {"type": "integer", "minimum": 1, "maximum": 2**53}
INSTANT: Part = {"type": "string", "format": "date-time"}
LONGEST_TEXT = 200
PROBLEM = {
    "description": "what is wrong and what to do",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
KEY_PARAMETER: Part = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "the same key and body get the same answer, and the work is done once",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
}


def mapping(properties: Mapping[str, Part], *, optional: Sequence[str] = ()) -> Part:
    """Give the schema of an answer: these properties, all there but the ``optional`` ones."""
    required = [key for key in properties if key not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def asked(properties: Mapping[str, Part], *, required: Sequence[str] = ()) -> Part:
    """Give the schema of a body: these properties and no others."""
    schema: Part = {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }
    return {**schema, "required": list(required)} if required else schema


def many(items: Part) -> Part:
    """Give the schema of a list."""
    return {"type": "array", "items": items}


def maybe(schema: Part) -> Part:
    """Give the schema of what may be null."""
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def named(name: str) -> Part:
    """Refer to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(items: Part, **more: Part) -> Part:
    """Give the schema of a page of a list."""
    return mapping({"items": many(items), "next_cursor": maybe(TEXT), **more})


def parameter(name: str, schema: Part, where: str = "query", **more: Any) -> Part:
    """Give a parameter; those of a path are required."""
    made: Part = {"name": name, "in": where, "schema": schema, **more}
    return {**made, "required": True} if where == "path" else made


def operation(
    name: str,
    title: str,
    answers: Mapping[int, Part | None],
    *,
    body: Part | None = None,
    parameters: Sequence[Part] = (),
    writes: bool = False,
) -> Part:
    """Describe one call.

    Args:
        name: unique in the document.
        title: what it does, in words.
        answers: status -> the schema of its JSON; None where there is no body.
        body: the schema of a JSON body, or `Content`.
        parameters: of query and headers.
        writes: it takes an ``Idempotency-Key``.
    """
    responses: Part = {"default": PROBLEM}
    for status, schema in answers.items():
        told: Part = {"description": title}
        if schema is not None:
            told["content"] = _content(schema)
        responses[str(status)] = told
    made: Part = {"operationId": name, "summary": title, "responses": responses}
    given = [*parameters, *([KEY_PARAMETER] if writes else [])]
    if given:
        made["parameters"] = given
    if body is not None:
        made["requestBody"] = {"required": True, "content": _content(body)}
    return made


class Content(Part):
    """What a body may be: media type -> its schema. Elsewhere a schema alone means JSON."""


def json_body(schema: Part) -> Content:
    """Give the content of a JSON body."""
    return Content({"application/json": {"schema": schema}})


def upload(schema: Part) -> Content:
    """Give the content of a body with a file."""
    return Content({"multipart/form-data": {"schema": schema}})


def binary() -> Content:
    """Give the content of a file that is sent."""
    return Content({"*/*": {"schema": {}}})


def _content(given: Part) -> Part:
    return given if isinstance(given, Content) else json_body(given)


LIST_PARAMETERS = [
    parameter("scene", TEXT),
    parameter("where", TEXT, description="a condition tree as JSON"),
    parameter("q", TEXT),
    parameter("sort", TEXT, example="-created_at"),
    parameter("fields", TEXT),
    parameter("cursor", TEXT),
    parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
]
COUNT_PARAMETER = parameter("count", {"type": "string", "enum": ["none", "capped", "exact"]})
PAGE_PARAMETERS = [
    parameter("cursor", {"type": "string", "pattern": "^[0-9]{1,18}$"}),
    parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
]
DRY_RUN = parameter("dry_run", FLAG)
MERGE = parameter("merge", FLAG)

COMMON: Part = {
    "Link": mapping({"id": NUMBER, "label": TEXT}),
    "File": mapping({"id": TEXT, "name": TEXT, "type": TEXT, "size": NUMBER}),
    "Problem": mapping(
        {
            "type": TEXT,
            "title": TEXT,
            "status": NUMBER,
            "detail": TEXT,
            "code": TEXT,
            "errors": many(
                {
                    "type": "object",
                    "properties": {"field": TEXT, "code": TEXT, "message": TEXT},
                    "required": ["field", "code", "message"],
                }
            ),
        },
        optional=("errors",),
    ),
    "Count": mapping({"value": NUMBER, "exact": FLAG}),
    "Change": mapping(
        {"field": TEXT, "before": {}, "after": {}, "before_text": TEXT, "after_text": TEXT}
    ),
    "Entry": mapping(
        {
            "id": NUMBER,
            "at": INSTANT,
            "by": maybe(named("Link")),
            "action": TEXT,
            "version": NUMBER,
            "request_id": TEXT,
            "changes": many(named("Change")),
            "team": many(
                mapping({"before": maybe(ANY_MAPPING), "after": maybe(ANY_MAPPING), "label": TEXT})
            ),
            "kind": TEXT,
        },
        optional=("kind",),
    ),
    "Member": mapping(
        {
            "user": mapping({"id": NUMBER, "label": TEXT}),
            "level": TEXT,
            "expires_at": maybe(TEXT),
            "added_by": maybe(mapping({"id": NUMBER, "label": TEXT})),
            "added_at": TEXT,
        }
    ),
    "Viewer": mapping(
        {
            "user": mapping({"id": NUMBER, "label": TEXT}),
            "reason": TEXT,
            "message": TEXT,
            "edits": FLAG,
        }
    ),
    "Access": mapping(
        {
            "user": mapping({"id": maybe(NUMBER), "label": TEXT}),
            "superadmin": FLAG,
            "owner": maybe(named("Link")),
            "owner_department": maybe(named("Link")),
            "line": many(named("Link")),
            "membership": maybe(mapping({"level": TEXT, "expires_at": maybe(TEXT)})),
            "actions": many(
                mapping(
                    {
                        "action": TEXT,
                        "allowed": FLAG,
                        "reason": TEXT,
                        "message": TEXT,
                        "team": FLAG,
                        "grants": many(
                            mapping({"role": TEXT, "label": TEXT, "scope": TEXT, "reaches": FLAG})
                        ),
                    }
                )
            ),
            "fields": many(mapping({"field": TEXT, "level": TEXT, "mask": TEXT})),
        }
    ),
    "BatchAnswer": mapping(
        {
            "rows": many(
                mapping(
                    {"status": NUMBER, "id": NUMBER, "version": NUMBER, "error": ANY_MAPPING},
                    optional=("id", "version", "error"),
                )
            )
        }
    ),
    "Aggregate": mapping(
        {
            "groups": many(mapping({"keys": ANY_MAPPING, "values": ANY_MAPPING})),
            "more": FLAG,
            "metadata_version": NUMBER,
        }
    ),
    "Job": mapping(
        {
            "id": NUMBER,
            "kind": TEXT,
            "state": {
                "type": "string",
                "enum": ["queued", "running", "done", "failed", "cancelled", "dead"],
            },
            "done": NUMBER,
            "total": maybe(NUMBER),
            "counts": {"type": "object", "additionalProperties": NUMBER},
            "errors": many(
                mapping({"row": NUMBER, "column": TEXT, "code": TEXT, "message": TEXT})
            ),
            "result_url": maybe(TEXT),
        }
    ),
    "MetadataVersion": mapping({"metadata_version": NUMBER}),
    "MetadataProblem": mapping(
        {
            "code": TEXT,
            "document": TEXT,
            "path": TEXT,
            "file": TEXT,
            "line": NUMBER,
            "column": NUMBER,
            "message": TEXT,
            "hint": TEXT,
        }
    ),
    "Plan": mapping(
        {
            "base": NUMBER,
            "metadata_version": NUMBER,
            "valid": FLAG,
            "outdated": FLAG,
            "errors": many(named("MetadataProblem")),
            "warnings": many(named("MetadataProblem")),
            "changes": many(ANY_MAPPING),
            "ddl": many(TEXT),
            "impact": many(ANY_MAPPING),
            "effects": many(ANY_MAPPING),
        }
    ),
}
"""Schemas by name; those of objects join them."""
