"""Every way to read records, found in the application itself, and those that need no check.

Where something is missing, the tests name it and say what to do. Routes come from the running
application; functions of the engine and of the pages are those that ask for an access predicate
or are given one: nothing reads records without.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.support.oracle import api_reads, engine_reads, page_reads
from tests.support.oracle.registry import CHECKS
from ui.security.rights import OPEN, PUBLIC, SAFE, declared, route_handlers

ROOT = Path(__file__).resolve().parents[3]
MODULES = (api_reads, engine_reads, page_reads)
"""Importing them registers their checks."""
LAYERS = ("engine", "workflows", "ui")
WHAT_TO_DO = (
    "reads records and no check of the oracle covers it: write one in tests/support/oracle/"
    "(api|page|engine)_reads.py with @covers(…), or add it to tests/support/oracle/inventory.py "
    "with the reason why it shows no record"
)
RIGHTS_WITHOUT_RECORDS: Mapping[str, str] = {
    OPEN: "nobody is asked who he is",
    PUBLIC: "leads to a session, or tells what to do without one",
    "admin:metadata": "documents, not records",
    "admin:packs": "documents, not records",
    "admin:parameters": "webhooks of the site",
    "admin:sign_in_log": "lines of no record",
    "admin:system_log": "lines of no record",
}
"""Rights whose routes show no record."""
SHOWS_NO_RECORD: Mapping[str, str] = {
    "GET /": "leads on to the first screen",
    "GET /api/docs": "the description of the API",
    "GET /api/v1/openapi.json": "the description of the API",
    "GET /api/v1/objects": "documents",
    "GET /api/v1/objects/{object_key:str}": "documents",
    "GET /api/v1/me": "oneself",
    "GET /api/v1/jobs": "one's own jobs: their numbers",
    "GET /api/v1/jobs/{job_id:int}": "one's own job: its numbers",
    "GET /api/v1/jobs/{job_id:int}/rows": "ids that one chose, and what became of them",
    "GET /api/v1/files/{file_id:str}/thumb": "found as the file itself, whose check covers it",
    "GET /files/{file_id:str}/image": "found as the file itself, whose check covers it",
    "GET /files/{file_id:str}/thumb": "found as the file itself, whose check covers it",
    "GET /jobs": "one's own jobs",
    "GET /jobs/running": "one's own jobs",
    "GET /jobs/{number:int}": "one's own job",
    "GET /jobs/{number:int}/failed.csv": "rows that one sent oneself",
    "GET /jobs/{number:int}/file": "the same file as the API's result, whose check covers it",
    "GET /logs": "leads to the logs that one may read",
    "GET /logs/data": "the same lines as the API's, whose check covers it",
    "POST /logs/data/export": "the same lines as the API's, whose check covers it",
    "GET /lookup/regions": "a list of places",
    "GET /new-password": "oneself",
    "GET /profile": "oneself",
    "GET /profile/second-factor": "oneself",
    "GET /o/{object_key:str}/columns": "fields, by the same list as the columns of the page",
    "GET /o/{object_key:str}/filter": "fields of a filter",
    "GET /o/{object_key:str}/filter/group": "fields of a filter",
    "GET /o/{object_key:str}/import": "a form",
    "GET /o/{object_key:str}/import/template.xlsx": "headings",
    "GET /o/{object_key:str}/import/{file_id:str}": "a file of one's own",
    "GET /o/{object_key:str}/new": "an empty form",
    "GET /o/{object_key:str}/scenes": "a scene of one's own",
    "GET /o/{object_key:str}/scenes/pins": "scenes",
    "GET /o/{object_key:str}/scenes/remove": "a scene of one's own",
    "GET /o/{object_key:str}/{record_id:int}/do/{action_key:str}": "a form of its own; its "
    "record is opened as its page is",
    "GET /o/{object_key:str}/{record_id:int}/team/add": "the record is opened as its page is",
    "GET /o/{object_key:str}/{record_id:int}/team/{user_id:int}/remove": "the record is opened "
    "as its page is",
    "GET /api/v1/roles/{role_key:str}/departments": "departments of a role",
    "GET /departments": "the tree of departments, by the right to read people and departments",
    "GET /departments/{record_id:int}/delete": "a department, opened as its page is",
    "GET /people/{record_id:int}/hand_over_account": "a person, opened as his page is",
    "GET /roles/{role_key:str}/departments": "departments of a role",
    "GET /roles": "leads to the first role",
    "GET /roles/_new": "a form",
    "GET /roles/{key:str}": "a document",
    "GET /roles/{key:str}/{tab:str}": "a document",
    "GET /roles/{key:str}/delete": "how many members a role has, and other roles",
    "GET /roles/{key:str}/members": "people, as `ui.roles.members.people_of` reads them",
    "GET /people/{record_id:int}/copy_roles": "a person, opened as his page is",
    "GET /people/{record_id:int}/invite": "a person, opened as his page is",
    "GET /people/{record_id:int}/reset_password": "a person, opened as his page is",
}
"""Routes that answer without what a record holds, or with what another check covers."""
COVERED_BY_CALLERS: Mapping[str, str] = {
    "engine.query.operands.bind": "part of every list",
    "engine.query.search_terms.has_few_owners": "part of every search",
    "engine.query.search_terms.sought": "part of every search",
    "engine.query.selection.choose": "part of every list",
    "engine.query.shapes.scope_of": "part of every list",
    "engine.query.slow.watch": "times lists",
    "engine.records.reach.require_reach": "bounds a write by the predicates that are read by",
    "engine.records.read._scopes": "part of every list with a condition across links",
    "engine.records.team._related": "which related records a change of a team takes with it",
    "engine.webhooks.sender._require_all": "refuses whoever does not read everything",
    "ui.pages.card_faces.movable": "which cards may be dragged, by the right to change them",
    "ui.pages.changed_since.changed_since": "the history of a record that was opened before",
    "ui.roles.members.people_of": "a list of people by the actor's own predicate and fields: "
    "whoever reads no people sees none, as the tests of the screen prove",
    "ui.roles.members._told": "the name of a person that the actor chose, if he may read it",
    "ui.pages.sentences.names_of": "names of records that a change ran into",
}
"""Functions below those that checks call: name -> through which."""


def reading_routes(app: Any) -> Iterator[str]:
    """Give every route that answers with something of records, as ``METHOD /path``."""
    for path, handler in route_handlers(app):
        right = declared(dict(handler.opt))
        for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
            if method in SAFE and right not in RIGHTS_WITHOUT_RECORDS:
                yield f"{method} {path}"


def all_routes(app: Any) -> set[str]:
    """Give every route there is."""
    return {
        f"{method} {path}"
        for path, handler in route_handlers(app)
        for method in handler.http_methods
    }


def reading_functions() -> Iterator[str]:
    """Give every function that asks for a predicate, or is given one."""
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if "predicate" not in text:
                continue
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for name, node in _functions(ast.parse(text)):
                if _asks(node) or _is_given(node):
                    yield f"{module}.{name}"


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def _asks(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and one.func.attr == "predicate"
        for one in ast.walk(node)
    )


def _is_given(node: ast.FunctionDef) -> bool:
    named = [*node.args.args, *node.args.kwonlyargs]
    return not node.name.startswith("_") and any(
        one.annotation is not None and "AccessPredicate" in ast.unparse(one.annotation)
        for one in named
    )


def covered() -> set[str]:
    """Give every way to read that a check covers."""
    return {way for check in CHECKS.values() for way in check.covers}


def answered(asked: set[tuple[str, str]]) -> set[str]:
    """Give those of the covered routes that answered one of these calls with success."""
    routes = {way: _pattern(way.split(" ", 1)[1]) for way in covered() if " " in way}
    return {
        way
        for way, pattern in routes.items()
        for method, path in asked
        if way.startswith(f"{method} ") and pattern.fullmatch(path)
    }


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+:int\}", r"\\d+", re.sub(r"\{\w+:str\}", "[^/]+", path)))
