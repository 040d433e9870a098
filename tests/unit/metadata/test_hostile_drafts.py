"""Drafts that make no sense: a list of problems, never a crash."""

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from metadata.errors import MetadataInvalid
from metadata.layers import effective
from metadata.load import (
    apply_changes,
    check_layers,
    expand_changes,
    load_site,
    parse_changes,
    parse_layers,
)
from tests.unit.metadata.shelf import TYPES, shelf, told

LAYERS = shelf()
SITE = load_site(LAYERS, TYPES).site


def paths(value: Any, base: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            path = f"{base}/{key}" if base else key
            yield path
            yield from paths(inner, path)


PLACES = sorted(
    (doc.id, path)
    for doc in effective(LAYERS).documents.values()
    if doc.kind != "pack"
    for path in ["", *paths(doc.body), "fields/x_a", "fields/x_a/options/x_b", "a/b/c", "sort/0"]
)
VALUES = st.recursive(
    st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "title", "text", "book", "link", "x_a", "书\n<b>a</b>"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "label", "to", "x_a", "options", "all", "field", "op", "items"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@st.composite
def wishes(draw: st.DrawFn) -> dict[str, Any]:
    document, path = draw(st.sampled_from(PLACES))
    op = draw(st.sampled_from(["set", "add", "remove", "place"]))
    wish: dict[str, Any] = {"op": op, "document": document, "path": path}
    if op in {"set", "add"}:
        wish["value"] = draw(VALUES)
    if op == "place" or draw(st.booleans()):
        wish["after"] = draw(st.sampled_from(["", "title", "x_a", "gone"]))
    return wish


@given(st.lists(wishes(), min_size=1, max_size=4))
def test_nonsense_is_refused_with_reasons_or_is_no_nonsense(raw: list[dict[str, Any]]) -> None:
    layers = LAYERS
    for wish in raw:
        try:
            changes = expand_changes(parse_changes([wish]), SITE)
            layers = apply_changes(layers, changes)
        except MetadataInvalid as error:
            told(error.problems)
    problems = told(check_layers(layers, TYPES))
    if not problems:
        compiled = load_site(layers, TYPES)
        again = load_site(parse_layers(layers.dump()), TYPES, check=False)
        assert again.site == compiled.site
