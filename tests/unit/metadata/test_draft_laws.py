"""Laws of drafts: whatever was changed can be stored, ordered and taken back."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from metadata.documents import look_up
from metadata.errors import MetadataInvalid
from metadata.layers import effective
from metadata.load import Layers, apply_changes, load_site, parse_changes, parse_layers
from tests.unit.metadata.shelf import TYPES, shelf

SHELF = {"type": "text", "label": "书架号"}


def change(
    op: str, path: str, value: Any = None, document: str = "object/book", **more: Any
) -> Any:
    data = {"op": op, "document": document, "path": path, **more}
    return data if value is None else {**data, "value": value}


def applied(layers: Layers, *changes: Any) -> Layers:
    return apply_changes(layers, parse_changes(list(changes)))


def value_at(layers: Layers, document: str, path: str) -> Any:
    return look_up(effective(layers).documents[document].body, path)


PATHS = [
    ("object/book", "fields/title/max_length", st.integers(1, 99)),
    ("object/book", "fields/title/label/en", st.text("abc", min_size=1, max_size=5)),
    ("object/book", "fields/pages/help", st.text("abc", min_size=1, max_size=5)),
    ("list/book.main", "page_size", st.integers(5, 50)),
    ("role/clerk", "objects/author/update", st.sampled_from(["own", "all"])),
]
KEYS = st.sampled_from(["x_a", "x_b", "x_c"])
WISHES = st.one_of(
    *(
        st.builds(lambda value, d=document, p=path: change("set", p, value, d), values)
        for document, path, values in PATHS
    ),
    st.builds(
        lambda key, after: change("add", f"fields/{key}", SHELF, after=after),
        KEYS,
        st.sampled_from(["", "title", "x_a", "x_b", "state", "gone"]),
    ),
    st.builds(lambda key: change("remove", f"fields/{key}"), KEYS | st.just("author")),
    st.builds(
        lambda key, after: change(
            "place", f"columns/{key}", document="list/book.main", after=after
        ),
        st.sampled_from(["title", "kind", "author", "owner"]),
        st.sampled_from(["", "title", "kind", "author", "owner"]),
    ),
    st.builds(lambda: change("remove", "options/poetry", document="option_set/book_kind")),
)


EXPECTED = {"already_exists", "unknown_path", "key_hidden"}


def tried(layers: Layers, wish: Any) -> Layers:
    """Apply a wish, or give the layers back when it cannot be made for a usual reason."""
    try:
        return applied(layers, wish)
    except MetadataInvalid as error:
        if {problem.code for problem in error.problems} <= EXPECTED:
            return layers
        raise


@given(st.lists(WISHES, max_size=12))
def test_whatever_was_changed_can_be_stored_and_taken_back(wishes: list[Any]) -> None:
    original = shelf()
    layers = original
    for wish in wishes:
        layers = tried(layers, wish)
    assert parse_layers(layers.dump()).dump() == layers.dump()
    assert effective(parse_layers(layers.dump())).documents == effective(layers).documents
    compiled = load_site(layers, TYPES, check=False)
    assert compiled.site == load_site(parse_layers(layers.dump()), TYPES, check=False).site
    undone = Layers(layers.packs)
    assert effective(undone).documents == effective(original).documents


@given(st.lists(WISHES, max_size=8))
def test_entries_are_never_lost_or_doubled_by_ordering(wishes: list[Any]) -> None:
    layers = shelf()
    for wish in wishes:
        layers = tried(layers, wish)
    columns = value_at(layers, "list/book.main", "columns")
    hidden = effective(layers).removed_fields.get("book", {})
    expected = {"title", "kind", "author", "author.born_on", "owner"}
    if "author" in hidden:
        expected -= {"author", "author.born_on"}
    assert set(columns) == expected


@given(st.lists(st.sampled_from(PATHS), min_size=1, unique_by=lambda path: path[1]), st.data())
def test_setting_back_the_old_values_leaves_no_override(paths: Any, data: st.DataObject) -> None:
    original = shelf()
    layers = original
    for document, path, values in paths:
        layers = applied(layers, change("set", path, data.draw(values), document))
    for document, path, _ in paths:
        base = value_at(original, document, path)
        op = "remove" if base is None else "set"
        if path in layers.local.get(document, {}):
            layers = applied(layers, change(op, path, base, document))
    assert layers == original
