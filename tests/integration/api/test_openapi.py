"""The OpenAPI document is complete and true."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.fuzz import call_everything
from tests.support.web import Web
from ui.security.rights import route_handlers

Headers = dict[str, str]
ROLES = ("superadmin", "librarian", "people_admin")
BOOK: dict[str, Any] = {"title": "红楼梦", "author": "曹雪芹", "price": "59.70"}
READER = {"name": "王小明", "mobile": "13900000099", "joined_on": "2026-01-05"}
LOAN = {"book": 1, "reader": 1, "lent_on": "2026-11-01", "due_on": "2026-12-01"}
DRAFT = {"op": "add", "document": "object/book", "path": "fields/x_a",
         "value": {"type": "text", "label": "A"}}  # fmt: skip


def fill(web: Web, admin: Headers) -> None:
    """Put a few records, a draft and a job where made-up calls find them."""
    for number in range(4):
        book = {**BOOK, "isbn": f"978-{number}"}
        assert web.client.post("/api/v1/records/book", json=book, headers=admin).status_code == 201
    for key, values in (("reader", READER), ("loan", LOAN)):
        made = web.client.post(f"/api/v1/records/{key}", json=values, headers=admin)
        assert made.status_code == 201, made.text
    web.client.post("/api/v1/metadata/drafts", json={"changes": [DRAFT]}, headers=admin)
    web.client.post("/api/v1/exports/book", json={}, headers=admin)


def test_made_up_calls_get_what_the_document_says(web: Web, admin: Headers) -> None:
    check_calls(web, admin, "superadmin")


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"superadmin"}))
def test_a_role_gets_what_its_own_document_says(quick_web: Web, role: str) -> None:
    check_calls(quick_web, quick_web.token(quick_web.admin_id), role)


def check_calls(web: Web, admin: Headers, role: str) -> None:
    """Call all that the document of a role tells of; the roles' rights are of no database."""
    fill(web, admin)
    caller = web.token(web.person("试用", "13900000077", role))
    seen = call_everything(web, caller, examples=2)
    assert seen.keys() >= {"2xx", "4xx"}
    assert "5xx" not in seen


def test_every_call_there_is_stands_in_the_document(web: Web, admin: Headers) -> None:
    document = web.client.get("/api/v1/openapi.json", headers=admin).json()
    told = {
        (method.upper(), _plain(path))
        for path, part in document["paths"].items()
        for method in part
        if method != "parameters"
    }
    served = {
        (method, _plain(path))
        for path, handler in route_handlers(web.client.app)
        if path.startswith("/api/v1/")
        for method in handler.http_methods - {"HEAD"}
    }
    assert served - told == set()
    assert told - served == set()


def _plain(path: str) -> str:
    """Write an address with a star for whatever varies, an object's key included."""
    path = re.sub(r"/(records|aggregate|imports|exports)/[a-z_]+(?=/|$)", r"/\1/*", path)
    path = re.sub(r"/uploads/[a-z_]+/[a-z_]+$", "/uploads/*/*", path)
    path = re.sub(r"/(related|actions)/[a-z_]+$", r"/\1/*", path)
    return re.sub(r"\{[^}]*\}", "*", path)


def test_the_document_is_valid_openapi(web: Web, admin: Headers) -> None:
    document = web.client.get("/api/v1/openapi.json", headers=admin).json()
    names = [
        part["operationId"]
        for item in document["paths"].values()
        for method, part in item.items()
        if method != "parameters"
    ]
    assert len(names) == len(set(names))
    for reference in re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', json.dumps(document)):
        assert reference in document["components"]["schemas"], reference
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert name
