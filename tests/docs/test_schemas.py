"""The schemas that `heddle schema` writes tell an editor what the loader would say."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from engine.fields.registry import FIELD_TYPES, TYPES
from metadata.editor import ENTRY, editor_schemas
from metadata.load import read_pack, read_shipped
from tests.support.library import LIBRARY
from ui.cli.schema import schema

FILES = editor_schemas(TYPES)
RESOURCES: list[tuple[str, Resource[Any]]] = [
    (name, Resource.from_contents(body)) for name, body in FILES.items()
]
REGISTRY: Registry[Any] = Registry().with_resources(RESOURCES)
VALIDATOR = Draft202012Validator(FILES[ENTRY], registry=REGISTRY)
DOCUMENTS = [
    pytest.param(one.full(), id=f"{pack.key}:{one.id}")
    for pack in (*read_shipped().packs, *read_pack(LIBRARY).packs)
    for one in (pack.manifest, *pack.documents)
]


def book(**field: Any) -> dict[str, Any]:
    """Give an object with one field."""
    body = {"kind": "object", "key": "book", "label": "Book", "name_field": "title"}
    return body | {"fields": {"title": {"label": "Title", **field}}}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_real_documents_are_valid(document: dict[str, Any]) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


@pytest.mark.parametrize("key", FIELD_TYPES)
def test_a_property_that_its_type_does_not_know_is_marked(key: str) -> None:
    smallest = dict(FIELD_TYPES[key].smallest)
    assert VALIDATOR.is_valid(book(type=key, **smallest))
    assert not VALIDATOR.is_valid(book(type=key, **smallest, colour="red"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "shelf", "key": "a"},
        book(type="novel"),
        book(max_length=10),
        book(type="link", to="reader"),
    ],
    ids=["unknown kind", "unknown type", "no type", "link without on_delete"],
)
def test_mistakes_are_marked(wrong: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(wrong)


def test_the_command_writes_files_that_find_each_other(tmp_path: Path) -> None:
    done = CliRunner().invoke(schema, [str(tmp_path / "schemas")])
    assert done.exit_code == 0
    written = {
        path.name: json.loads(path.read_text()) for path in (tmp_path / "schemas").iterdir()
    }
    assert written == FILES
    for body in written.values():
        Draft202012Validator.check_schema(body)


def test_a_folder_that_cannot_be_written_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(schema, [str(tmp_path / "file" / "schemas")])
    assert done.exit_code == 1
    assert "file" in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
