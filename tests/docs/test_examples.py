"""Every example of a document, a draft or a condition is taken by the product's own readers."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.fields.base import FieldType
from engine.fields.registry import FIELD_TYPES, TYPES, registered
from engine.settings import load_settings
from metadata.check_tests import check_tests
from metadata.conditions import parse_condition
from metadata.load import (
    apply_changes,
    check_layers,
    expand_changes,
    layers_of,
    load_site,
    parse_changes,
    read_pack,
    read_shipped,
)
from metadata.pack_tests import read_tests
from metadata.strict_yaml import read_yaml
from tests.docs.pages import Example, examples, name_of, pages
from tests.support.library import LIBRARY

CONDITIONS = frozenset({"all", "any", "not", "field", "exists", "not_exists"})
MANIFEST = """
kind: pack
key: example
label: {zh-CN: 示例, en: Example}
version: 1.0.0
engine: ">=0.1,<2"
languages: [zh-CN, en]
requires: {base: ">=1.0,<2"}
"""

SHIPPED = (*read_shipped().packs, *read_pack(LIBRARY).packs)
LAYERS = layers_of(SHIPPED)


def of_language(*languages: str) -> list[Example]:
    """Give the examples in these languages, of all pages."""
    return [one for page in pages() for one in examples(page) if one.language in languages]


def documents_of(example: Example) -> list[Mapping[str, Any]]:
    """Read the YAML of an example."""
    found, problems = read_yaml(example.text.encode(), str(example))
    assert not problems
    return [one.data for one in found]


def check_changes(raw: Any) -> None:
    """Put changes on the shipped packs; they must be valid there."""
    changes = expand_changes(parse_changes(raw), load_site(LAYERS, TYPES).site)
    assert not check_layers(apply_changes(LAYERS, changes), TYPES)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_the_documents_of_a_page_are_a_valid_pack(page: Path, tmp_path: Path) -> None:
    written = [
        one
        for one in examples(page)
        if one.language == "yaml" and all("kind" in body for body in documents_of(one))
    ]
    if not written:
        return
    has_own = any(body["kind"] == "pack" for one in written for body in documents_of(one))
    (tmp_path / "pack.yaml").write_text("" if has_own else MANIFEST, "utf-8")
    for number, one in enumerate(written):
        kind = documents_of(one)[0]["kind"]
        name = {"pack": "pack.yaml", "test": f"tests/example{number}.yaml"}.get(
            kind, f"example{number}.yaml"
        )
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(one.text, "utf-8")
    reading = read_pack(tmp_path)
    assert not reading.problems
    layers = layers_of((*SHIPPED, *reading.packs))
    assert not check_layers(layers, TYPES)
    tests, problems = read_tests(tmp_path, "example")
    compiled = load_site(layers, TYPES, check=False)
    assert not [*problems, *check_tests(tests, compiled, TYPES, ("zh-CN", "en"), ())]


@pytest.mark.parametrize("example", of_language("yaml"), ids=str)
def test_other_yaml_is_a_list_of_changes(example: Example) -> None:
    for body in documents_of(example):
        if "kind" not in body:
            check_changes(body["changes"])


@pytest.mark.parametrize("example", of_language("json"), ids=str)
def test_json_can_be_read(example: Example) -> None:
    body = json.loads(example.text)
    if "changes" in body:
        check_changes(body["changes"])
    elif CONDITIONS & set(body):
        assert parse_condition(body) is not None


@pytest.mark.parametrize("example", of_language("toml"), ids=str)
def test_settings_are_taken(example: Example, tmp_path: Path) -> None:
    assert tomllib.loads(example.text)
    (tmp_path / "heddle.toml").write_text(example.text, "utf-8")
    load_settings({}, tmp_path)


@pytest.mark.parametrize("example", of_language("python"), ids=str)
def test_a_field_type_is_taken_by_the_registry(example: Example) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(example.text, str(example), "exec"), names)  # noqa: S102 - our own page
    (made,) = [
        kind
        for kind in names.values()
        if isinstance(kind, type) and issubclass(kind, FieldType) and kind.__module__ == "example"
    ]
    assert made.key in registered((*FIELD_TYPES.values(), made()))


def test_every_language_of_examples_is_checked() -> None:
    known = {"yaml", "json", "toml", "python", "sh", "bash", "csv", "text"}
    assert {one.language for page in pages() for one in examples(page)} <= known
