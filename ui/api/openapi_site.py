"""The calls in the OpenAPI document of no object: the caller, metadata, packs, jobs."""

from engine.access.roles import Rights
from engine.events import EVENT_KINDS
from ui.api.openapi_logs import paths_of_logs
from ui.api.openapi_records import IF_NONE_MATCH
from ui.api.openapi_shapes import (
    ANY_MAPPING,
    DRY_RUN,
    FLAG,
    ID,
    INSTANT,
    MERGE,
    NUMBER,
    PAGE_PARAMETERS,
    TEXT,
    Content,
    Part,
    asked,
    binary,
    json_body,
    listed,
    many,
    mapping,
    maybe,
    named,
    operation,
    parameter,
    upload,
)

OPS = ["set", "add", "remove", "place"]
LAYERS = ["effective", "pack", "local"]


def paths_of_site(rights: Rights) -> Part:
    """Give the calls that the caller's rights leave, by their address under ``/api/v1``."""
    paths = {**_everybody(), **_jobs(), **_files()}
    if rights.admin("metadata"):
        paths |= _metadata()
    if rights.admin("packs"):
        paths |= _packs()
    if rights.admin("parameters"):
        paths |= _webhooks()
    if rights.admin("roles"):
        paths |= _departments()
    paths |= paths_of_logs(rights)
    return {f"/api/v1{address}": part for address, part in paths.items()}


def _everybody() -> Part:
    summary = mapping(
        {
            "key": TEXT,
            "label": TEXT,
            "plural": TEXT,
            "abilities": many(TEXT),
            "actions": many(TEXT),
        }
    )
    objects = mapping({"items": many(summary), "metadata_version": NUMBER})
    described = {
        **summary["properties"],
        "name_field": TEXT,
        "fields": many(ANY_MAPPING),
        "scenes": many(mapping({"key": TEXT, "label": TEXT})),
        "related": many(mapping({"key": TEXT, "label": TEXT, "object": TEXT})),
        "metadata_version": NUMBER,
    }
    me = mapping(
        {
            "id": NUMBER,
            "name": TEXT,
            "superadmin": FLAG,
            "department": maybe(NUMBER),
            "language": TEXT,
            "roles": many(mapping({"key": TEXT, "label": TEXT})),
            "objects": {"type": "object", "additionalProperties": many(TEXT)},
            "metadata_version": NUMBER,
        }
    )
    hit = mapping({"object": TEXT, "id": NUMBER, "label": TEXT, "facts": many(ANY_MAPPING)})
    search = [
        parameter("q", TEXT),
        parameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    ]
    star = mapping({"object": TEXT, "id": NUMBER, "label": TEXT})
    document = {200: ANY_MAPPING, 304: None}
    return {
        "/objects": {"get": operation("objects", "objects", {200: objects})},
        "/objects/{object}": {
            "parameters": [parameter("object", TEXT, "path")],
            "get": operation("object", "one object", {200: mapping(described)}),
        },
        "/me": {"get": operation("me", "the caller", {200: me})},
        "/me/stars": {
            "get": operation("my_stars", "starred", {200: mapping({"items": many(star)})})
        },
        "/search": {
            "get": operation(
                "search", "search", {200: mapping({"items": many(hit)})}, parameters=search
            )
        },
        "/openapi.json": {
            "get": operation("openapi", "this document", document, parameters=[IF_NONE_MATCH])
        },
    }


def _jobs() -> Part:
    one = [parameter("id", ID, "path")]
    job = named("Job")
    row = mapping(
        {
            "id": NUMBER,
            "state": TEXT,
            "code": maybe(TEXT),
            "field": maybe(TEXT),
            "message": maybe(TEXT),
        }
    )
    rows = mapping({"items": many(row), "next_after": maybe(NUMBER)})
    limit = parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50})
    asked_for = [parameter("all", FLAG), parameter("before", ID), limit]
    paged = [parameter("state", TEXT), parameter("after", ID), limit]
    return {
        "/jobs": {
            "get": operation(
                "jobs", "jobs", {200: mapping({"items": many(job)})}, parameters=asked_for
            )
        },
        "/jobs/{id}/rows": {
            "parameters": one,
            "get": operation(
                "job_rows", "what became of each record", {200: rows}, parameters=paged
            ),
        },
        "/jobs/{id}/undo": {
            "parameters": one,
            "post": operation("undo_job", "take a bulk action back", {202: job}, writes=True),
        },
        "/jobs/{id}/resume": {
            "parameters": one,
            "post": operation("resume_job", "let a job go on", {202: job}, writes=True),
        },
        "/jobs/{id}": {
            "parameters": one,
            "get": operation("job", "a job", {200: job}),
        },
        "/jobs/{id}/cancel": {
            "parameters": one,
            "post": operation("cancel_job", "stop a job", {200: job}, writes=True),
        },
        "/jobs/{id}/result": {
            "parameters": one,
            "get": operation("job_result", "the file that a job made", {200: binary()}),
        },
        "/imports/{id}/undo": {
            "parameters": one,
            "post": operation("undo_import", "take an import back", {202: job}, writes=True),
        },
    }


def _files() -> Part:
    one = [parameter("id", TEXT, "path")]
    return {
        "/files/{id}": {
            "parameters": one,
            "get": operation("file", "a file", {200: named("File")}),
        },
        "/files/{id}/content": {
            "parameters": one,
            "get": operation("file_content", "a file to save", {200: binary(), 304: None}),
        },
        "/files/{id}/thumb": {
            "parameters": one,
            "get": operation("file_thumb", "a picture, small", {200: binary(), 304: None}),
        },
    }


def _metadata() -> Part:
    change = asked(
        {
            "op": {"type": "string", "enum": OPS},
            "document": TEXT,
            "path": TEXT,
            "value": {},
            "after": maybe(TEXT),
            "base": {},
            "place": TEXT,
        },
        required=["op", "document"],
    )
    document = mapping({"document": TEXT, "kind": TEXT, "key": TEXT, "layer": TEXT, "body": {}})
    draft = mapping({"id": NUMBER, "base": NUMBER, "note": TEXT, "changes": many(ANY_MAPPING)})
    version = mapping(
        {
            "version": NUMBER,
            "at": INSTANT,
            "by": maybe(named("Link")),
            "note": TEXT,
            "changes": many(ANY_MAPPING),
            "rolls_back_to": maybe(NUMBER),
        }
    )
    one = [parameter("id", ID, "path")]
    published = {200: named("MetadataVersion")}
    shown = [
        parameter("kind", TEXT),
        parameter("key", TEXT),
        parameter("layer", {"type": "string", "enum": LAYERS}),
    ]
    paged = [
        parameter("before", ID),
        parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    ]
    documents = mapping({"items": many(document), "metadata_version": NUMBER})
    versions = mapping({"items": many(version), "metadata_version": NUMBER})
    conflicts = mapping({"items": many(ANY_MAPPING), "metadata_version": NUMBER})
    drafted = asked({"changes": many(change), "note": TEXT}, required=["changes"])
    back = asked({"to": ID, "note": TEXT}, required=["to"])
    return {
        "/metadata/documents": {
            "get": operation("documents", "documents", {200: documents}, parameters=shown)
        },
        "/metadata/drafts": {
            "post": operation("draft", "begin a draft", {201: draft}, body=drafted, writes=True)
        },
        "/metadata/drafts/{id}/plan": {
            "parameters": one,
            "get": operation("plan", "what a draft would do", {200: named("Plan")}),
        },
        "/metadata/drafts/{id}/publish": {
            "parameters": one,
            "post": operation("publish", "publish a draft", published, writes=True),
        },
        "/metadata/rollback": {
            "post": operation(
                "rollback", "publish an earlier version", published, body=back, writes=True
            )
        },
        "/metadata/conflicts": {
            "get": operation("conflicts", "conflicts to settle", {200: conflicts})
        },
        "/metadata/versions": {
            "get": operation("versions", "versions", {200: versions}, parameters=paged)
        },
    }


def _packs() -> Part:
    file = {"type": "string", "format": "binary"}
    body = Content(
        {
            **json_body(asked({"name": TEXT}, required=["name"])),
            **upload(asked({"file": file}, required=["file"])),
        }
    )
    done = {200: {"anyOf": [named("MetadataVersion"), named("Plan")]}}
    pack = mapping({"name": TEXT, "version": TEXT, "label": {}, "documents": NUMBER})
    packs = {200: mapping({"items": many(pack)})}
    return {
        "/packs": {
            "get": operation("packs", "installed packs", packs),
            "post": operation(
                "install",
                "install or upgrade",
                done,
                body=body,
                parameters=[DRY_RUN, MERGE],
                writes=True,
            ),
        },
        "/packs/{name}/archive": {
            "parameters": [parameter("name", TEXT, "path")],
            "get": operation("pack_archive", "a pack as an archive", {200: binary()}),
        },
        "/packs/{name}": {
            "parameters": [parameter("name", TEXT, "path")],
            "delete": operation("uninstall", "uninstall", done, parameters=[DRY_RUN], writes=True),
        },
    }


def _departments() -> Part:
    chosen = mapping({"items": many(mapping({"id": NUMBER, "label": TEXT}))})
    body = asked({"departments": many(NUMBER)}, required=["departments"])
    title = "departments that a role reaches"
    return {
        "/roles/{role}/departments": {
            "parameters": [parameter("role", TEXT, "path")],
            "get": operation("role_departments", title, {200: chosen}),
            "put": operation("choose_departments", title, {200: chosen}, body=body, writes=True),
        }
    }


def _webhooks() -> Part:
    shape: Part = {
        "id": NUMBER,
        "url": TEXT,
        "kinds": many(TEXT),
        "objects": many(TEXT),
        "note": TEXT,
        "active": FLAG,
        "user": NUMBER,
        "created_at": INSTANT,
    }
    hook, with_secret = mapping(shape), mapping({**shape, "secret": TEXT})
    sent = mapping(
        {
            "id": NUMBER,
            "message_id": TEXT,
            "kind": TEXT,
            "at": INSTANT,
            "state": TEXT,
            "tries": NUMBER,
            "next_try_at": maybe(INSTANT),
            "status": maybe(NUMBER),
            "error": TEXT,
            "ended_at": maybe(INSTANT),
        }
    )
    given: Part = {
        "url": {"type": "string", "format": "uri", "maxLength": 2_000},
        "kinds": many({"type": "string", "enum": list(EVENT_KINDS)}),
        "objects": many(TEXT),
        "note": {"type": "string", "maxLength": 200},
        "active": FLAG,
    }
    one = [parameter("id", ID, "path")]
    again = [*one, parameter("delivery", ID, "path")]
    created, changed = asked(given, required=["url"]), asked(given)
    hooks = mapping({"items": many(hook)})
    return {
        "/webhooks": {
            "get": operation("webhooks", "webhooks", {200: hooks}),
            "post": operation(
                "create_webhook", "make a webhook", {201: with_secret}, body=created, writes=True
            ),
        },
        "/webhooks/{id}": {
            "parameters": one,
            "get": operation("webhook", "one webhook", {200: hook}),
            "patch": operation(
                "change_webhook", "change a webhook", {200: hook}, body=changed, writes=True
            ),
            "delete": operation("delete_webhook", "remove a webhook", {204: None}, writes=True),
        },
        "/webhooks/{id}/secret": {
            "parameters": one,
            "post": operation("renew_secret", "another secret", {200: with_secret}, writes=True),
        },
        "/webhooks/{id}/trial": {
            "parameters": one,
            "post": operation("try_webhook", "send a trial", {202: sent}, writes=True),
        },
        "/webhooks/{id}/deliveries": {
            "parameters": one,
            "get": operation(
                "deliveries", "what was sent", {200: listed(sent)}, parameters=PAGE_PARAMETERS
            ),
        },
        "/webhooks/{id}/deliveries/{delivery}/repeat": {
            "parameters": again,
            "post": operation("repeat_delivery", "send again", {202: sent}, writes=True),
        },
    }
