"""The strict reader of YAML."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from metadata.strict_yaml import DEEPEST, LARGEST_FILE, MOST_NODES, read_yaml
from tests.unit.metadata.shelf import told

PLAIN = {
    "true": True,
    "false": False,
    "True": "True",
    "yes": "yes",
    "no": "no",
    "on": "on",
    "0": 0,
    "-17": -17,
    "0123": "0123",
    "+5": "+5",
    "0x1F": "0x1F",
    "0o14": "0o14",
    "12:30:00": "12:30:00",
    "2026-11-23": "2026-11-23",
    "1.4.0": "1.4.0",
    "1_000": "1_000",
    "'1.5'": "1.5",
    '"null"': "null",
    "nullable": "nullable",
    "中文": "中文",
}
REFUSED = {
    "a: 1.5": ("float_not_allowed", 1, 4),
    "a: -.5": ("float_not_allowed", 1, 4),
    "a: 1e5": ("float_not_allowed", 1, 4),
    "a: .NaN": ("float_not_allowed", 1, 4),
    "a:": ("null_not_allowed", 1, 3),
    "a: ~": ("null_not_allowed", 1, 4),
    "a: NULL": ("null_not_allowed", 1, 4),
    "~: a": ("null_not_allowed", 1, 1),
    "a: [1, null]": ("null_not_allowed", 1, 8),
    "a: !!int 3": ("tag_not_allowed", 1, 4),
    "a: ! b": ("tag_not_allowed", 1, 4),
    "a: &x {}": ("alias_not_allowed", 1, 4),
    "a: *x": ("alias_not_allowed", 1, 4),
    "<<: {a: b}": ("merge_not_allowed", 1, 1),
    "a: 1\nb: 2\na: 3": ("duplicate_key", 3, 1),
    "a: {b: 1, b: 2}": ("duplicate_key", 1, 11),
    "? [a]\n: b": ("key_not_text", 1, 3),
    "- a": ("not_a_document", 1, 1),
    "just text": ("not_a_document", 1, 1),
    "%YAML 1.1\n---\na: 1": ("directive_not_allowed", 1, 1),
    "a:\n\tb: 1": ("tab_not_allowed", 2, 1),
    "a: [": ("yaml_invalid", 2, 1),
    "a: 1\n  b: 2": ("yaml_invalid", 2, 4),
    "a: \x07": ("character_not_allowed", 1, 4),
    "a: 1234567890123456789": ("number_too_large", 1, 4),
}


@pytest.mark.parametrize(("text", "value"), PLAIN.items())
def test_scalars_follow_yaml_1_2_and_nothing_else(text: str, value: object) -> None:
    documents, problems = read_yaml(f"a: {text}".encode(), "f.yaml")
    assert problems == []
    found = documents[0].data["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("text", "expected"), REFUSED.items())
def test_what_is_refused_says_where(text: str, expected: tuple[str, int, int]) -> None:
    _, problems = read_yaml(text.encode(), "f.yaml")
    assert [(p.code, p.line, p.column) for p in told(problems)] == [expected]
    assert problems[0].file == "f.yaml"


def test_keys_are_text_whatever_they_look_like() -> None:
    documents, problems = read_yaml(b"{no: a, 1: b, true: c, 1.5: d}", "f.yaml")
    assert problems == []
    assert documents[0].data == {"no": "a", "1": "b", "true": "c", "1.5": "d"}


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    _, problems = read_yaml(b"a: 1.5\nb: ~\na: 2\n", "f.yaml")
    assert [(p.code, p.line) for p in problems] == [
        ("float_not_allowed", 1),
        ("null_not_allowed", 2),
        ("duplicate_key", 3),
    ]
    assert problems[2].params["first_line"] == 1


def test_places_of_keys_and_values_are_kept_in_every_document() -> None:
    text = "# 说明\nkind: list\nkey: a\n---\nkind: menu\nitems:\n  书: {x: [1, {y: z}]}\n"
    documents, problems = read_yaml(text.encode(), "f.yaml")
    assert problems == []
    first, second = documents
    assert first.source.locate("key") == (3, 1)
    assert first.source.locate("key", value=True) == (3, 6)
    assert second.source.locate("") == (5, 1)
    assert second.source.locate("items/书") == (7, 3)
    assert second.source.locate("items/书/x/1/y", value=True) == (7, 18)
    assert second.source.locate("items/书/gone/deeper") == (7, 3)


def test_fifty_thousand_brackets_are_refused_at_the_limit() -> None:
    _, problems = read_yaml(b"[" * 50_000, "f.yaml")
    assert [p.code for p in problems] == ["too_deep"]
    assert problems[0].column == DEEPEST + 1


def test_nested_mappings_are_refused_at_the_limit() -> None:
    _, problems = read_yaml(b"{a: " * 50_000, "f.yaml")
    assert [p.code for p in problems] == ["too_deep"]


def test_too_many_nodes_are_refused() -> None:
    _, problems = read_yaml(b"a: [" + b"1," * (MOST_NODES + 1) + b"]", "f.yaml")
    assert [p.code for p in problems] == ["too_many_nodes"]


def test_too_large_a_file_is_refused_unread() -> None:
    _, problems = read_yaml(b"#" * (LARGEST_FILE + 1), "f.yaml")
    assert [p.code for p in problems] == ["file_too_large"]


def test_broken_utf8_says_where() -> None:
    _, problems = read_yaml("a: 书\nb: 书".encode() + b"\xff", "f.yaml")
    assert [(p.code, p.line, p.column) for p in problems] == [("not_utf8", 2, 5)]


def test_a_byte_order_mark_is_no_content() -> None:
    documents, problems = read_yaml(b"\xef\xbb\xbfa: 1", "f.yaml")
    assert problems == []
    assert documents[0].data == {"a": 1}


def test_an_empty_file_holds_no_documents() -> None:
    assert read_yaml(b"# nothing\n", "f.yaml") == ([], [])


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1)
VALUES = st.recursive(
    st.booleans() | st.integers(-(10**17), 10**17) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_json_is_read_as_it_is(data: dict[str, object]) -> None:
    documents, problems = read_yaml(json.dumps(data, ensure_ascii=False).encode(), "f.yaml")
    assert problems == []
    assert documents[0].data == data
    assert list(documents[0].data) == list(data)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_input_breaks_the_reader(data: bytes) -> None:
    documents, problems = read_yaml(data, "f.yaml")
    assert isinstance(documents, list)
    assert all(problem.file == "f.yaml" for problem in problems)


def test_the_fast_parser_is_there() -> None:
    assert yaml.__with_libyaml__
