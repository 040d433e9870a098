"""What is remembered of earlier checks never differs from checking everything again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata import checked
from metadata.errors import Problem
from metadata.load import Compiled, Layers, check_layers, load_site, parse_layers
from tests.unit.metadata.shelf import TYPES, shelf
from tests.unit.metadata.test_draft_laws import KEYS, SHELF, WISHES, applied, change, tried

LINK = {"type": "link", "to": "author", "on_delete": "clear", "label": "译者"}
FIELDS = st.sampled_from(["title", "kind", "author", "pages", "state", "x_a", "x_b", "x_gone"])
LISTS = st.sampled_from(["books", "x_more"])
WILD = st.one_of(
    st.builds(lambda key: change("add", f"fields/{key}", LINK), KEYS),
    st.builds(lambda key: change("remove", f"fields/{key}"), FIELDS),
    st.builds(lambda key: change("set", "default_sort", [key], document="list/book.main"), FIELDS),
    st.builds(
        lambda key, to: change("set", f"fields/{key}/inverse", {"key": to, "label": "书"}),
        st.sampled_from(["author", "x_a", "x_b"]),
        LISTS,
    ),
    st.builds(
        lambda key, value: change("set", f"fields/{key}/required", value),
        FIELDS,
        st.sampled_from([True, False, 1, 0]),
    ),
    st.builds(
        lambda key, by: change(
            "set", f"fields/{key}/visible_if", {"field": by, "op": "not_empty"}
        ),
        FIELDS,
        FIELDS,
    ),
    st.builds(
        lambda key: change(
            "add", "", {"object": "book", "columns": {key: {}}}, document="list/book.x_other"
        ),
        FIELDS,
    ),
    st.builds(lambda: change("remove", "", document="list/book.x_other")),
    st.builds(
        lambda where: change("add", "", where, document="scene/book.x_seen"),
        st.one_of(
            st.builds(lambda key: scene({"field": key, "op": "not_empty"}), FIELDS),
            st.builds(lambda key: scene({"exists": {"list": key}}, "author"), LISTS),
        ),
    ),
    st.builds(lambda: change("remove", "", document="option_set/book_kind")),
    st.builds(lambda: change("remove", "", document="object/author")),
)


def scene(where: Any, of: str = "book") -> Any:
    return {"object": of, "label": "见过", "where": where}


def told(problems: list[Problem]) -> list[Any]:
    """Give problems in any order, without the places in files that stored layers do not have."""
    return sorted((one.code, one.document, one.path, repr(one.params)) for one in problems)


def from_scratch(layers: Layers) -> list[Problem]:
    remembered = dict(checked._well)
    checked._well.clear()
    try:
        return check_layers(parse_layers(layers.dump()), TYPES)
    finally:
        checked._well.update(remembered)


@settings(max_examples=40)
@given(st.lists(st.one_of(WISHES, WILD), min_size=1, max_size=8))
def test_remembering_finds_what_checking_from_scratch_finds(wishes: list[Any]) -> None:
    layers = shelf()
    compiled: Compiled = load_site(layers, TYPES)
    for wish in wishes:
        layers = tried(layers, wish)
        found = check_layers(layers, TYPES, compiled)
        assert told(found) == told(from_scratch(layers))
        if found:
            continue
        compiled = load_site(layers, TYPES, compiled)
        alone = load_site(parse_layers(layers.dump()), TYPES, check=False)
        assert compiled.site == alone.site


X_LINK = {**LINK, "inverse": {"key": "x_more", "label": "译作"}}
OPTIONS = {"options": {"a": {"label": "甲"}}}
X_SET = {"label": "集", **OPTIONS}
X_OF_SET = {"type": "select", "label": "选", "options_from": "x_set"}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (
            [
                change("add", "fields/x_a", SHELF),
                change("add", "", scene({"field": "x_a", "op": "not_empty"}), "scene/book.x_s"),
            ],
            change("remove", "fields/x_a"),
        ),
        (
            [
                change("add", "fields/x_a", X_LINK),
                change(
                    "add", "", scene({"exists": {"list": "x_more"}}, "author"), "scene/author.x_s"
                ),
            ],
            change("remove", "fields/x_a"),
        ),
        (
            [
                change("add", "", {**X_SET, "label": "集"}, "option_set/x_set"),
                change("add", "fields/x_a", X_OF_SET),
                change(
                    "add", "", scene({"field": "x_a", "op": "eq", "value": "a"}), "scene/book.x_s"
                ),
            ],
            change("set", "options", {"b": {"label": "乙"}}, "option_set/x_set"),
        ),
        (
            [change("add", "", X_SET, "option_set/x_set"), change("add", "fields/x_a", X_OF_SET)],
            change("remove", "", document="option_set/x_set"),
        ),
    ],
)
def test_what_breaks_another_document_is_told(first: list[Any], then: Any) -> None:
    layers = shelf()
    for wish in first:
        layers = applied(layers, wish)
    compiled = load_site(layers, TYPES)
    broken = applied(layers, then)
    found = told(check_layers(broken, TYPES, compiled))
    assert found
    assert found == told(from_scratch(broken))


def test_what_is_known_is_not_checked_again() -> None:
    layers = shelf()
    load_site(layers, TYPES)
    before = {key: known for (types, key), known in checked._well.items() if types == id(TYPES)}
    load_site(tried(layers, change("set", "fields/pages/help", "页数")), TYPES)
    after = {key: known for (types, key), known in checked._well.items() if types == id(TYPES)}
    assert after["object/author"] is before["object/author"]
    assert after["object/book"] is not before["object/book"]
