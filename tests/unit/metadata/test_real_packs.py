"""The packs that are shipped, the library of the tests, and documents with one mistake each."""

import re
from pathlib import Path

import pytest

from engine.fields.registry import TYPES
from metadata.errors import Problem
from metadata.load import (
    Pack,
    check_layers,
    layers_of,
    load_site,
    parse_layers,
    read_pack,
    read_shipped,
)
from metadata.packs import assemble
from tests.unit.metadata.shelf import told

PACKS = Path(__file__).parents[2] / "packs"
LIBRARY = PACKS / "library"
BAD = sorted((PACKS / "bad").glob("*.yaml"))
_EXPECTED = re.compile(r"# expect: (\S+) (\d+):(\d+)\n")


def shipped(*keys: str) -> list[Pack]:
    reading = read_shipped(keys or None)
    assert reading.problems == ()
    return list(reading.packs)


def library_with(text: bytes, name: str) -> list[Problem]:
    """Read the library with one more file (or another manifest) and say what is wrong."""
    files = {
        path.relative_to(LIBRARY).as_posix(): path.read_bytes() for path in LIBRARY.rglob("*.yaml")
    }
    files["pack.yaml" if b"kind: pack" in text else name] = text
    reading = assemble(files, "library")
    if reading.problems:
        return list(reading.problems)
    return check_layers(layers_of([*shipped("base"), *reading.packs]), TYPES)


def test_the_shipped_packs_have_no_problems() -> None:
    layers = layers_of(shipped())
    assert {pack.key for pack in layers.packs} >= {"base", "crm"}
    assert check_layers(layers, TYPES) == []


def test_the_library_works_without_a_line_of_python() -> None:
    reading = read_pack(LIBRARY)
    assert reading.problems == ()
    site = load_site(layers_of([*shipped("base"), *reading.packs]), TYPES).site
    assert {"book", "reader", "loan"} <= set(site.objects)
    for key in site.objects:
        assert site.list_of(key).columns
        assert site.form_of(key).tabs
        assert site.detail_of(key).tabs


def test_all_packs_stand_together_and_survive_storage() -> None:
    layers = layers_of([*shipped(), *read_pack(LIBRARY).packs])
    compiled = load_site(layers, TYPES)
    again = load_site(parse_layers(layers.dump()), TYPES, check=False)
    assert again.site == compiled.site


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_mistake_is_found_once_where_it_stands(path: Path) -> None:
    text = path.read_bytes()
    expected = _EXPECTED.match(text.decode())
    assert expected is not None
    code, line, column = expected[1], int(expected[2]), int(expected[3])
    problems = told(library_with(text, path.name))
    assert [(p.code, p.line, p.column) for p in problems] == [(code, line, column)]
    assert problems[0].file in {path.name, "pack.yaml"}


def test_every_mistake_has_a_document() -> None:
    assert len(BAD) > 20
