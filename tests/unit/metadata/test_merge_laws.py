"""Laws of the merge, over packs and local changes made up by chance."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from metadata.documents import Document, look_up
from metadata.layers import effective
from metadata.load import Layers, conflicts, kept, upgrade
from metadata.packs import Pack
from tests.unit.metadata.shelf import pack_of
from tests.unit.metadata.test_draft_laws import WISHES, change, tried
from tests.unit.metadata.test_merge import settled

MISSING = object()
ORIGINAL = pack_of()


def edited(pack: Pack, document: str, path: str, value: Any) -> Pack:
    """Give a pack with one value set, or taken out (`MISSING`)."""
    return Pack(
        pack.key,
        pack.manifest,
        tuple(
            Document(doc.kind, doc.key, put(doc.body, path.split("/"), value), None, doc.layer)
            if doc.id == document
            else doc
            for doc in pack.documents
        ),
    )


def put(body: Mapping[str, Any], parts: list[str], value: Any) -> dict[str, Any]:
    first, *rest = parts
    result = dict(body)
    if rest:
        result[first] = put(result.get(first) or {}, rest, value)
    elif value is MISSING:
        result.pop(first, None)
    else:
        result[first] = value
    return result


def without(pack: Pack, document: str) -> Pack:
    return Pack(pack.key, pack.manifest, tuple(d for d in pack.documents if d.id != document))


TEXTS = st.text("abc", min_size=1, max_size=3)
EDITS = st.one_of(
    st.tuples(st.just("object/book"), st.just("fields/title/max_length"), st.integers(1, 99)),
    st.tuples(st.just("object/book"), st.just("fields/title/label/en"), TEXTS),
    st.tuples(st.just("object/book"), st.just("fields/pages/help"), TEXTS),
    st.tuples(
        st.just("object/book"),
        st.sampled_from(["fields/pages", "fields/author", "fields/isbn", "fields/state"]),
        st.sampled_from([MISSING, {"type": "text", "label": {"zh-CN": "甲", "en": "A"}}]),
    ),
    st.tuples(
        st.just("list/book.main"),
        st.sampled_from(["columns/owner", "columns/kind", "columns/x_a", "page_size"]),
        st.sampled_from([MISSING, {}, {"width": 90}]),
    ),
    st.tuples(
        st.just("form/book.edit"),
        st.sampled_from(["tabs/basic/sections/more", "tabs/basic/sections/main/items/kind"]),
        st.sampled_from([MISSING, {"items": {"state": {}}}]),
    ),
    st.tuples(
        st.just("option_set/book_kind"),
        st.sampled_from(["options/poetry", "options/novel", "options/essay"]),
        st.sampled_from([MISSING, {"label": {"zh-CN": "乙", "en": "B"}}]),
    ),
    st.tuples(
        st.sampled_from(["object/author", "list/book.main", "role/clerk", "scene/book.mine"]),
        st.just(""),
        st.just(MISSING),
    ),
)


def pack_with(edits: list[Any]) -> Pack:
    pack = ORIGINAL
    for document, path, value in edits:
        pack = edited(pack, document, path, value) if path else without(pack, document)
    return pack


PACKS = st.lists(EDITS, max_size=6)
MORE = st.one_of(
    WISHES,
    st.builds(
        lambda width: change(
            "add", "tabs/basic/sections/more/items/x_a", {"width": width}, "form/book.edit"
        ),
        st.sampled_from(["half", "full"]),
    ),
    st.builds(lambda: change("set", "options/novel/color", "red", "option_set/book_kind")),
    st.builds(lambda: change("remove", "columns/owner", document="list/book.main")),
    st.builds(lambda: change("add", "columns/x_a", {"width": 7}, "list/book.main")),
    st.builds(lambda: change("set", "fields/born_on/label/en", "Day", "object/author")),
)


SITES = st.lists(MORE, max_size=8)


def site_with(wishes: list[Any]) -> Layers:
    layers = Layers((ORIGINAL,))
    for wish in wishes:
        layers = tried(layers, wish)
    return layers


def body(layers: Layers, document: str) -> Any:
    found = effective(layers).documents.get(document)
    return found.body if found is not None else MISSING


@given(PACKS)
def test_without_overrides_the_site_says_what_the_pack_says(edits: Any) -> None:
    pack = pack_with(edits)
    merged = upgrade(Layers((ORIGINAL,)), [pack])
    assert conflicts(merged) == []
    left = {(one.document, one.path) for one in kept(merged, effective(merged))}
    mine = {(document, path) for document, entries in merged.local.items() for path in entries}
    assert mine == left
    plain = effective(Layers((pack,))).documents
    for identity, document in effective(merged).documents.items():
        shown = document.body
        for path in (path for name, path in left if name == identity and path):
            shown = put(shown, path.split("/"), MISSING)
        if (identity, "") not in left:
            assert shown == plain[identity].body


@given(SITES)
def test_the_same_pack_is_identity(wishes: Any) -> None:
    layers = site_with(wishes)
    assert upgrade(layers, layers.packs) == layers


@given(SITES, PACKS)
def test_twice_is_once(wishes: Any, edits: Any) -> None:
    layers, pack = site_with(wishes), pack_with(edits)
    once = upgrade(layers, [pack])
    assert upgrade(once, [pack]) == once


@given(SITES, PACKS)
def test_nothing_local_disappears_without_a_conflict(wishes: Any, edits: Any) -> None:
    layers, pack = site_with(wishes), pack_with(edits)
    merged = upgrade(layers, [pack])
    asked = {(one.document, one.path) for one in conflicts(merged)}
    after = effective(merged)
    for document, entries in layers.local.items():
        for path, entry in entries.items():
            if any((document, part) in asked for part in parts_of(path)):
                continue
            found = after.documents.get(document)
            now = MISSING if found is None else look_up(found.body, path, MISSING)
            if entry["op"] == "remove" or entry.get("removed"):
                is_option = document.startswith("option_set/")
                assert now is MISSING or (is_option and look_up(now, "retired"))
            elif entry["op"] in {"set", "add"}:
                assert now == entry["value"] or hidden(after, document, path)


def parts_of(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def hidden(after: Any, document: str, path: str) -> bool:
    """Tell whether a field is hidden, so that layouts leave it out by themselves."""
    gone = after.removed_fields.get(document.partition("/")[2], {})
    parts = [*path.split("/"), ""]
    key = parts[-2] if parts[0] in {"columns", "tabs"} else parts[1]
    return key in gone or key in after.removed_fields.get("book", {})


@given(SITES, PACKS, st.booleans())
def test_every_conflict_can_be_settled_for_good(wishes: Any, edits: Any, mine: bool) -> None:
    layers, pack = site_with(wishes), pack_with(edits)
    merged = upgrade(layers, [pack])
    asked = conflicts(merged)
    done = settled(merged, mine=mine)
    assert conflicts(done) == []
    assert upgrade(done, [pack]) == done
    for one in asked:
        now = look_up(body(done, one.document), one.path)
        wanted = one.mine if mine else one.theirs
        if not one.stranded and not hidden(effective(done), one.document, one.path):
            retired = one.path.startswith("options/") and look_up(now, "retired")
            around = one.path.endswith("/sections/more")  # kept for what was added in it
            assert now == wanted or retired or (mine and around and "items" in now)


@given(PACKS)
def test_what_was_left_out_comes_back_as_it_was(edits: Any) -> None:
    pack = pack_with(edits)
    there = upgrade(Layers((ORIGINAL,)), [pack])
    back = upgrade(there, [ORIGINAL])
    for document, entries in back.local.items():
        shipped = body(Layers((ORIGINAL,)), document)
        for path in entries:
            assert look_up(shipped, path, MISSING) is MISSING
