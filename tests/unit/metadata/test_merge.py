"""Packs are upgraded under local changes: what is taken, kept, asked and adopted."""

from typing import Any

from metadata.documents import look_up
from metadata.layers import effective
from metadata.load import (
    Layers,
    apply_changes,
    asleep,
    conflicts,
    kept,
    load_site,
    parse_changes,
    settle,
    upgrade,
)
from metadata.packs import Pack
from tests.unit.metadata.shelf import AUTHOR, BOOK, FILES, KINDS, LAYOUT, MANIFEST, TYPES, pack_of

WITHOUT_PAGES = (
    BOOK.replace("  pages: {type: integer, label: {zh-CN: 页数, en: Pages}, min: 1}\n", "")
    .replace("field: pages, op: not_empty", "field: title, op: not_empty")
)  # fmt: skip
LAYOUT_WITHOUT_PAGES = (
    LAYOUT.replace("      more: {items: {pages: {}}}\n", "")
    .replace("columns: {title: {}, pages: {}}", "columns: {title: {}, kind: {}}")
    .replace(", fields: {pages: read}", "")
)  # fmt: skip


def packs(**changed: str) -> list[Pack]:
    files = dict(FILES)
    by_word = {name.rpartition("/")[2].removesuffix(".yaml"): name for name in FILES}
    for word, text in changed.items():
        files[by_word.get(word, f"{word}.yaml")] = text
    return [pack_of(files)]


def change(
    op: str, path: str, value: Any = None, document: str = "object/book", **more: Any
) -> Any:
    data = {"op": op, "document": document, "path": path, **more}
    return data if value is None else {**data, "value": value}


def local(*changes: Any) -> Layers:
    return apply_changes(Layers(tuple(packs())), parse_changes(list(changes)))


def settled(layers: Layers, *, mine: bool) -> Layers:
    wishes = [settle(one, mine=mine) for one in conflicts(layers)]
    return apply_changes(layers, parse_changes(wishes))


def value_at(layers: Layers, path: str, document: str = "object/book") -> Any:
    return look_up(effective(layers).documents[document].body, path)


def test_what_only_the_pack_changed_is_taken() -> None:
    layers = local(change("set", "fields/title/label/en", "Name"))
    new = upgrade(layers, packs(book=BOOK.replace("max_length: 100", "max_length: 200")))
    assert value_at(new, "fields/title/max_length") == 200
    assert value_at(new, "fields/title/label/en") == "Name"
    assert conflicts(new) == []


def test_both_saying_the_same_is_no_override_any_more() -> None:
    layers = local(change("set", "fields/title/max_length", 200))
    new = upgrade(layers, packs(book=BOOK.replace("max_length: 100", "max_length: 200")))
    assert new.local == {}


def test_a_conflict_is_settled_for_either_side() -> None:
    layers = local(change("set", "fields/title/max_length", 50))
    new = upgrade(layers, packs(book=BOOK.replace("max_length: 100", "max_length: 200")))
    (conflict,) = conflicts(new)
    assert (conflict.base, conflict.mine, conflict.theirs) == (100, 50, 200)
    assert value_at(new, "fields/title/max_length") == 50
    mine, theirs = settled(new, mine=True), settled(new, mine=False)
    assert conflicts(mine) == conflicts(theirs) == []
    assert value_at(mine, "fields/title/max_length") == 50
    assert mine.local["object/book"]["fields/title/max_length"]["base"] == 200
    assert value_at(theirs, "fields/title/max_length") == 200
    assert theirs.local == {}


def test_a_text_is_merged_language_by_language() -> None:
    layers = local(change("set", "fields/title/label", {"zh-CN": "题名", "en": "Title"}))
    new = upgrade(layers, packs(book=BOOK.replace("en: Title}", "en: Full title}")))
    assert conflicts(new) == []
    assert value_at(new, "fields/title/label") == {"zh-CN": "题名", "en": "Full title"}


def test_a_condition_is_one_thing() -> None:
    mine = {"field": "kind", "op": "eq", "value": "poetry"}
    layers = local(change("set", "rules/has_pages/when", mine))
    other = BOOK.replace(
        "{field: kind, op: eq, value: novel}", "{field: kind, op: ne, value: novel}"
    )
    new = upgrade(layers, packs(book=other))
    assert value_at(new, "rules/has_pages/when") == mine
    assert [one.path for one in conflicts(new)] == ["rules/has_pages/when"]


def test_a_removal_against_a_change_is_a_conflict() -> None:
    columns = change("remove", "columns/owner", document="list/book.main")
    new = upgrade(
        local(columns),
        packs(layout=LAYOUT.replace("owner: {}}\nsort", "owner: {width: 90}}\nsort")),
    )
    (conflict,) = conflicts(new)
    assert (conflict.base, conflict.mine, conflict.theirs) == ({}, None, {"width": 90})
    mine, theirs = settled(new, mine=True), settled(new, mine=False)
    assert "owner" not in value_at(mine, "columns", "list/book.main")
    assert conflicts(mine) == []
    assert value_at(theirs, "columns/owner", "list/book.main") == {"width": 90}


def test_a_field_that_the_pack_left_out_is_kept_and_goes_back_to_it() -> None:
    layers = local(change("set", "fields/pages/label/en", "Leaves"))
    new = upgrade(layers, packs(book=WITHOUT_PAGES, layout=LAYOUT_WITHOUT_PAGES))
    compiled = load_site(new, TYPES)
    assert compiled.site.objects["book"].fields["pages"].label["en"] == "Leaves"
    (one,) = kept(new, compiled.layered)
    assert (one.document, one.path, one.pack, one.hidden) == (
        "object/book", "fields/pages", "shelf", False,
    )  # fmt: skip
    assert conflicts(new) == []
    back = upgrade(new, packs())
    assert back.local == layers.local


def test_a_field_that_the_manifest_removes_goes_into_the_bin() -> None:
    removed = MANIFEST + "removed: {fields: {book.pages: {since: 1.1.0, data: keep}}}\n"
    new = upgrade(
        Layers(tuple(packs())),
        packs(pack=removed, book=WITHOUT_PAGES, layout=LAYOUT_WITHOUT_PAGES),
    )
    layered = load_site(new, TYPES).layered
    assert "pages" in layered.removed_fields["book"]
    assert [one.hidden for one in kept(new, layered)] == [True]
    restored = apply_changes(new, parse_changes([change("remove", "fields/pages")]))
    assert "pages" in load_site(restored, TYPES).site.objects["book"].fields
    assert upgrade(new, packs()).local == {}


def test_a_field_that_was_hidden_on_site_stays_hidden_all_the_way() -> None:
    hidden = local(
        change("remove", "fields/pages"),
        change("set", "rules/has_pages/check", {"field": "title", "op": "not_empty"}),
    )
    new = upgrade(hidden, packs(book=WITHOUT_PAGES, layout=LAYOUT_WITHOUT_PAGES))
    assert "pages" in load_site(new, TYPES).layered.removed_fields["book"]
    assert new.local["object/book"]["fields/pages"]["from"] == "shelf"
    back = upgrade(new, packs())
    assert back.local["object/book"]["fields/pages"] == {"op": "remove"}


def test_an_option_that_the_pack_left_out_is_retired_and_comes_back() -> None:
    fewer = KINDS.replace("  poetry: {label: {zh-CN: 诗歌, en: Poetry}}\n", "")
    new = upgrade(Layers(tuple(packs())), packs(kinds=fewer))
    assert value_at(new, "options/poetry/retired", "option_set/book_kind") is True
    assert upgrade(new, packs()).local == {}


def test_an_object_that_the_pack_left_out_is_kept_with_what_was_changed_in_it() -> None:
    layers = local(
        change("add", "fields/x_note", {"type": "text", "label": "备注"}, "object/author"),
        change("remove", "fields/born_on", document="object/author"),
        change("set", "columns/author.born_on", {}, "list/book.main"),
    )
    files = {name: text for name, text in FILES.items() if name != "objects/author.yaml"}
    files["objects/book.yaml"] = BOOK
    new = upgrade(layers, [pack_of(files)])
    compiled = load_site(new, TYPES)
    assert "x_note" in compiled.site.objects["author"].fields
    assert "born_on" in compiled.layered.removed_fields["author"]
    back = upgrade(new, packs())
    assert effective(back).documents == effective(layers).documents


def test_an_addition_in_a_section_that_is_gone_keeps_the_section_and_is_told() -> None:
    layers = local(
        change("add", "fields/x_note", {"type": "text", "label": "备注"}),
        change("add", "tabs/basic/sections/more/items/x_note", {}, "form/book.edit"),
    )
    moved = LAYOUT.replace("      more: {items: {pages: {}}}\n", "").replace(
        "kind: {}}}\n---\nkind: detail", "kind: {}, pages: {}}}\n---\nkind: detail"
    )
    assert "more:" not in moved
    new = upgrade(layers, packs(layout=moved))
    form = value_at(new, "tabs/basic/sections", "form/book.edit")
    assert list(form["more"]["items"]) == ["x_note"]
    assert [one.path for one in conflicts(new)] == ["tabs/basic/sections/more"]
    load_site(new, TYPES)
    assert conflicts(settled(new, mine=True)) == []
    gone = settled(new, mine=False)
    assert "more" not in value_at(gone, "tabs/basic/sections", "form/book.edit")


def test_what_was_moved_and_then_dropped_by_the_pack_stays_where_it_was_moved_to() -> None:
    layers = local(change("place", "columns/owner", None, "list/book.main", after="title"))
    new = upgrade(layers, packs(layout=LAYOUT.replace(", owner: {}}\nsort", "}\nsort")))
    assert list(value_at(new, "columns", "list/book.main"))[1] == "owner"
    (conflict,) = conflicts(new)
    assert (conflict.mine, conflict.theirs) == ({}, None)
    assert "owner" not in value_at(settled(new, mine=False), "columns", "list/book.main")


def test_a_renamed_field_takes_its_local_changes_along() -> None:
    layers = local(
        change("set", "fields/pages/label/en", "Leaves"),
        change("add", "columns/pages", {"width": 80}, "list/book.main"),
    )
    manifest = MANIFEST + "renames: {fields: {book.pages: book.leaves}}\n"
    new = upgrade(
        layers,
        packs(
            pack=manifest,
            book=BOOK.replace("  pages:", "  leaves:").replace("field: pages", "field: leaves"),
            layout=LAYOUT.replace("pages: {}", "leaves: {}").replace(
                "pages: read", "leaves: read"
            ),
        ),
    )
    assert value_at(new, "fields/leaves/label/en") == "Leaves"
    assert value_at(new, "columns/leaves", "list/book.main") == {"width": 80}
    assert kept(new, effective(new)) == []
    load_site(new, TYPES)
    assert upgrade(new, new.packs) == new


def test_what_belongs_to_a_pack_that_is_uninstalled_sleeps_until_it_is_back() -> None:
    extra = pack_of(
        {
            "pack.yaml": MANIFEST.replace("key: shelf", "key: more")
            + "requires: {shelf: '>=1.0'}\n",
            "room.yaml": AUTHOR.replace("key: author", "key: room"),
        }
    )
    both = Layers((*packs(), extra))
    layers = apply_changes(
        both, parse_changes([change("set", "fields/name/max_length", 9, "object/room")])
    )
    without = upgrade(layers, packs())
    assert asleep(without) == ["object/room"]
    assert conflicts(without) == []
    assert "room" not in load_site(without, TYPES).site.objects
    again = upgrade(without, [*packs(), extra])
    assert again == layers
