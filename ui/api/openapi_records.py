"""The calls of one object in the OpenAPI document: what the caller's rights leave of them."""

from collections.abc import Iterator

from engine.access.roles import Rights
from engine.query.members import ABILITY
from engine.records.line_plans import LinePlan, line_plans
from engine.records.line_rows import line_columns
from engine.records.team import LEVELS, MANAGE
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.model import say
from ui.api.actions import VERBS
from ui.api.field_schemas import read_schema, write_schema
from ui.api.objects import readable
from ui.api.openapi_shapes import (
    ANY_MAPPING,
    COUNT_PARAMETER,
    FLAG,
    ID,
    LIST_PARAMETERS,
    NUMBER,
    PAGE_PARAMETERS,
    TEXT,
    Part,
    asked,
    listed,
    many,
    mapping,
    maybe,
    named,
    operation,
    parameter,
    upload,
)

MOST_ROWS = 1_000
GIVEN: Part = {**NUMBER, "readOnly": True}
IF_MATCH = parameter(
    "If-Match", TEXT, "header", description="the tag, or the version, that the change is based on"
)
IF_NONE_MATCH = parameter("If-None-Match", TEXT, "header")
FILES = frozenset({"file", "image"})
BULK = {"edit": "update", "delete": "delete", "restore": "restore", "purge": "purge"}
"""Verb of a bulk action -> the right it asks."""
MEMBERS = ("add_member", "remove_member")
LEVEL: Part = {**TEXT, "enum": list(LEVELS)}
KEEP_ME = parameter(
    "keep_me", LEVEL, description="stay in the team of what is made for somebody else"
)
MARKED_IDS = many(ID)
BULK_SEARCHES = {"scene": TEXT, "where": ANY_MAPPING, "q": TEXT}
SEARCHES = [one for one in LIST_PARAMETERS if one["name"] in {"scene", "where", "q"}]


def schemas_of(unit: Unit, rights: Rights, bound: BoundObject, language: str) -> Part:
    """Give the schemas of an object: as it is read, written, created."""
    fields = readable(rights, bound)
    writable = [field for field in fields if _writable(rights, bound, field)]
    read = {field.key: _read(rights, bound, field, language) for field in fields}
    write = {field.key: write_schema(field.definition, language) for field in writable}
    for plan in line_plans(unit.snapshot, bound.key):
        lines = _lines_of(unit, rights, plan, language)
        for part, row in zip((read, write), lines, strict=True):
            if plan.key in part and "anyOf" in part[plan.key]:  # what is covered is a text
                part[plan.key]["anyOf"][0]["items"] = row
    required = [
        field.key
        for field in writable
        if field.definition.required and field.definition.default is None
    ]
    title = say(bound.definition.label, language)
    create: Part = {"title": title, **asked(write)}
    return {
        bound.key: {"title": title, "type": "object", "properties": {"id": GIVEN, **read}},
        f"{bound.key}.write": {"title": title, **asked({**write, "version": NUMBER})},
        f"{bound.key}.create": {**create, "required": required} if required else create,
    }


def paths_of(unit: Unit, rights: Rights, bound: BoundObject, language: str) -> Part:
    """Give the calls of an object by their address."""
    title = say(bound.definition.label, language)
    home, teams = f"/api/v1/records/{bound.key}", bound.definition.has(ABILITY)
    paths = {
        home: _collection(rights, bound.key, title, teams=teams),
        f"{home}/{{id}}": _record(rights, bound.key, title),
        f"{home}/batch": _batch(rights, bound.key, title, teams=teams),
        f"/api/v1/aggregate/{bound.key}": _aggregate(rights, bound.key, title),
        f"/api/v1/imports/{bound.key}": _import(rights, bound.key, title),
        f"/api/v1/exports/{bound.key}": _export(rights, bound.key, title),
    }
    for field in bound.fields.values():
        if field.definition.type in FILES and _writable(rights, bound, field):
            address = f"/api/v1/uploads/{bound.key}/{field.key}"
            paths[address] = _upload(bound.key, field.key, title)
    verbs = [verb for verb, action in BULK.items() if rights.allows(bound.key, action)]
    paths |= {f"{home}/actions/{verb}": _bulk(bound.key, verb, title) for verb in verbs}
    if teams and rights.allows(bound.key, MANAGE):
        paths |= {f"{home}/actions/{verb}": _members(bound.key, verb, title) for verb in MEMBERS}
    for action in VERBS:
        if rights.allows(bound.key, action) and action in bound.definition.actions:
            paths[f"{home}/{{id}}/actions/{action}"] = {
                "post": operation(
                    f"{action}_{bound.key}",
                    title,
                    {200: named(bound.key)},
                    body=ANY_MAPPING,
                    writes=True,
                )
            }
    paths |= _declared(rights, bound, home, language)
    if rights.allows(bound.key, "read"):
        paths |= {
            f"{home}/{{id}}/{name}": part for name, part in _around(unit, rights, bound.key, title)
        }
    for address, part in paths.items():
        if part and "{id}" in address:
            part["parameters"] = [parameter("id", ID, "path")]
    return {address: part for address, part in paths.items() if part}


def _upload(key: str, field_key: str, title: str) -> Part:
    file = {"type": "string", "format": "binary"}
    body = upload(asked({"file": file}, required=["file"]))
    answers: dict[int, Part | None] = {201: mapping({"items": many(named("File"))})}
    name = f"upload_{key}_{field_key}"
    return {"post": operation(name, title, answers, body=body, writes=True)}


def _declared(rights: Rights, bound: BoundObject, home: str, language: str) -> Part:
    """Give the calls of the actions that the object declares, for one record and for many."""
    paths: Part = {}
    for action in bound.definition.actions.values():
        if action.standard or action.platform or not rights.allows(bound.key, action.key):
            continue
        title = f"{say(bound.definition.label, language)}: {say(action.label, language)}"
        form = {
            key: write_schema(bound.fields[key].definition, language)
            for key in action.form
            if rights.field_level(bound.key, key) == "edit"
        }
        required = [key for key in action.require if key in form]
        body = asked({**form, "version": NUMBER})
        name = f"{action.key}_{bound.key}"
        done = {200: named(bound.key)}
        one = operation(name, title, done, body=body, parameters=[IF_MATCH], writes=True)
        paths[f"{home}/{{id}}/actions/{action.key}"] = {"post": one}
        if action.bulk:
            values = asked(form, required=required)
            body = asked({"ids": MARKED_IDS, "values": values, **BULK_SEARCHES})
            name, ordered = f"{action.key}_many_{bound.key}", {202: named("Job")}
            several = operation(name, title, ordered, body=body, writes=True)
            paths[f"{home}/actions/{action.key}"] = {"post": several}
    return paths


def _bulk(key: str, verb: str, title: str) -> Part:
    values = {"values": named(f"{key}.write")} if verb == "edit" else {}
    body = asked({"ids": MARKED_IDS, **values, **BULK_SEARCHES})
    answers = {202: named("Job")}
    return {"post": operation(f"{verb}_many_{key}", title, answers, body=body, writes=True)}


def _members(key: str, verb: str, title: str) -> Part:
    place = {"level": LEVEL, "expires_at": maybe(TEXT)} if verb == "add_member" else {}
    values = asked({"user": ID, "also": many(TEXT), **place}, required=["user"])
    body = asked({"ids": MARKED_IDS, "values": values, **BULK_SEARCHES}, required=["values"])
    answers = {202: named("Job")}
    return {"post": operation(f"{verb}_many_{key}", title, answers, body=body, writes=True)}


def _writable(rights: Rights, bound: BoundObject, field: BoundField) -> bool:
    return not field.definition.readonly and rights.field_level(bound.key, field.key) == "edit"


def _read(rights: Rights, bound: BoundObject, field: BoundField, language: str) -> Part:
    """Give the schema of a field in answers; covered values are of no shape but text."""
    fixed = {"readOnly": True} if field.definition.readonly else {}
    if rights.field_mask(bound.key, field.key):
        text = {"title": say(field.definition.label, language), "type": ["string", "null"]}
        return {**text, **fixed}
    return {**read_schema(field.definition, language), **fixed}


def _lines_of(unit: Unit, rights: Rights, plan: LinePlan, language: str) -> tuple[Part, Part]:
    """Give the schemas of a line, as it is read and as it is written."""
    child = unit.snapshot.object(plan.child)
    fields = [child.fields[key] for key in line_columns(unit, plan)]
    read = {field.key: _read(rights, child, field, language) for field in fields}
    write = {
        field.key: write_schema(field.definition, language)
        for field in fields
        if _writable(rights, child, field)
    }
    return (
        {"type": "object", "properties": {**read, "id": GIVEN}},
        {"type": "object", "properties": {"id": NUMBER, **write}},
    )


def _page(key: str) -> Part:
    return listed(named(key), metadata_version=NUMBER)


def _collection(rights: Rights, key: str, title: str, *, teams: bool) -> Part:
    part: Part = {}
    if rights.allows(key, "read_list"):
        page = listed(named(key), count=maybe(named("Count")), metadata_version=NUMBER)
        parameters = [*LIST_PARAMETERS, COUNT_PARAMETER]
        part["get"] = operation(f"list_{key}", title, {200: page}, parameters=parameters)
    if rights.allows(key, "create"):
        part["post"] = operation(
            f"create_{key}",
            title,
            {201: named(key)},
            body=named(f"{key}.create"),
            parameters=[KEEP_ME] if teams else [],
            writes=True,
        )
    return part


def _record(rights: Rights, key: str, title: str) -> Part:
    part: Part = {}
    if rights.allows(key, "read"):
        part["get"] = operation(
            f"read_{key}", title, {200: named(key), 304: None}, parameters=[IF_NONE_MATCH]
        )
    if rights.allows(key, "update"):
        part["patch"] = operation(
            f"change_{key}",
            title,
            {200: named(key)},
            body=named(f"{key}.write"),
            parameters=[IF_MATCH],
            writes=True,
        )
    if rights.allows(key, "delete"):
        part["delete"] = operation(
            f"delete_{key}", title, {204: None}, parameters=[IF_MATCH], writes=True
        )
    return part


def _batch(rights: Rights, key: str, title: str, *, teams: bool) -> Part:
    verbs = [verb for verb in ("create", "update", "delete") if rights.allows(key, verb)]
    if not verbs:
        return {}
    row = asked(
        {
            "op": {"type": "string", "enum": verbs},
            "id": maybe(ID),
            "version": maybe(NUMBER),
            "values": maybe(named(f"{key}.create")),
        },
        required=["op"],
    )
    rows = {**many(row), "maxItems": MOST_ROWS}
    body = asked({"atomic": FLAG, "rows": rows}, required=["rows"])
    answers, stay = {200: named("BatchAnswer")}, [KEEP_ME] if teams else []
    name = f"batch_{key}"
    return {"post": operation(name, title, answers, body=body, parameters=stay, writes=True)}


def _aggregate(rights: Rights, key: str, title: str) -> Part:
    if not rights.allows(key, "read_list"):
        return {}
    parameters = [
        *SEARCHES,
        parameter("group_by", TEXT),
        parameter("measures", TEXT, example="count"),
    ]
    answers = {200: named("Aggregate")}
    return {"get": operation(f"aggregate_{key}", title, answers, parameters=parameters)}


def _import(rights: Rights, key: str, title: str) -> Part:
    if not rights.allows(key, "import"):
        return {}
    file = {"type": "string", "format": "binary"}
    body = upload(asked({"file": file, "options": TEXT}, required=["file"]))
    answers = {202: named("Job")}
    return {"post": operation(f"import_{key}", title, answers, body=body, writes=True)}


def _export(rights: Rights, key: str, title: str) -> Part:
    if not rights.allows(key, "export"):
        return {}
    body = asked(
        {
            "format": {"type": "string", "enum": ["csv", "xlsx"]},
            "columns": many(TEXT),
            "ids": MARKED_IDS,
            "scene": TEXT,
            "where": ANY_MAPPING,
            "sort": many(TEXT),
            "search": TEXT,
        }
    )
    answers = {202: named("Job")}
    return {"post": operation(f"export_{key}", title, answers, body=body, writes=True)}


def _team(rights: Rights, key: str, title: str) -> Iterator[tuple[str, Part]]:
    yield "team", {"get": operation(f"team_{key}", title, {200: listed(named("Member"))})}
    user = parameter("user", ID, "path")
    also = parameter("also", TEXT, description="keys of related lists, by commas")
    answers: dict[int, Part | None] = {204: None}
    told: Part = {
        "delete": operation(
            f"leave_team_{key}", title, answers, parameters=[user, also], writes=True
        )
    }
    if rights.allows(key, MANAGE):
        body = asked({"level": LEVEL, "expires_at": maybe(TEXT), "also": many(TEXT)})
        changed = mapping({"changed": NUMBER, "items": many(named("Member"))})
        told["put"] = operation(
            f"put_team_{key}", title, {200: changed}, body=body, parameters=[user], writes=True
        )
    yield "team/{user}", told


def _around(unit: Unit, rights: Rights, key: str, title: str) -> Iterator[tuple[str, Part]]:
    for name in ("history", "timeline"):
        yield (
            name,
            {
                "get": operation(
                    f"{name}_{key}",
                    title,
                    {200: listed(named("Entry"))},
                    parameters=PAGE_PARAMETERS,
                )
            },
        )
    user = parameter("user", ID)
    told = operation(f"access_{key}", title, {200: named("Access")}, parameters=[user])
    yield "access", {"get": told}
    if rights.admin("roles") or rights.admin("people"):
        seen = {200: listed(named("Viewer"))}
        asking = operation(f"viewers_{key}", title, seen, parameters=PAGE_PARAMETERS)
        yield "access/people", {"get": asking}
    if unit.snapshot.object(key).definition.has(ABILITY):
        yield from _team(rights, key, title)
    for inverse in unit.snapshot.site.related.get(key, {}).values():
        if rights.allows(inverse.object, "read_list"):
            yield (
                f"related/{inverse.key}",
                {
                    "get": operation(
                        f"related_{key}_{inverse.key}",
                        f"{title}: {inverse.key}",
                        {200: _page(inverse.object)},
                        parameters=LIST_PARAMETERS,
                    )
                },
            )
