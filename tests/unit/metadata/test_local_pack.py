"""What was changed on site becomes a pack that another site installs, equal to the byte."""

from typing import Any

from metadata.archive import export_pack
from metadata.layers import effective
from metadata.load import (
    Layers,
    apply_changes,
    check_layers,
    layers_of,
    load_site,
    parse_changes,
    read_archive,
    upgrade,
)
from metadata.local_pack import local_pack
from tests.unit.metadata.shelf import TYPES
from tests.unit.metadata.test_merge import (
    LAYOUT_WITHOUT_PAGES,
    WITHOUT_PAGES,
    change,
    local,
    packs,
    value_at,
)

LABEL = {"zh-CN": "我们的改动", "en": "Our changes"}
ROOM = {
    "label": "阅览室",
    "name_field": "name",
    "fields": {
        "name": {"type": "text", "label": "名称"},
        "x_of": {"type": "link", "label": "书", "to": "book", "on_delete": "clear"},
    },
}


def changed() -> Layers:
    return local(
        change("set", "fields/title/label/en", "Name"),
        change("add", "fields/x_note", {"type": "text", "label": "备注 x_note"}),
        change("add", "fields/x_gone", {"type": "text", "label": "不要了"}),
        change("remove", "fields/x_gone"),
        change("remove", "columns/owner", document="list/book.main"),
        change("add", "columns/x_note", {"width": 90}, "list/book.main", after="title"),
        change("add", "tabs/basic/sections/main/items/x_note", {}, "form/book.edit"),
        change("add", "", ROOM, "object/x_room"),
        change("add", "", {"object": "book", "label": "有备注", "where":
               {"field": "x_note", "op": "not_empty"}}, "scene/book.x_noted"),
        change("add", "options/x_essay", {"label": "随笔"}, "option_set/book_kind", after=""),
    )  # fmt: skip


def test_the_pack_says_elsewhere_what_the_site_said_here() -> None:
    made = local_pack(changed(), key="acme", label=LABEL)
    there = layers_of([*packs(), made])
    assert check_layers(there, TYPES) == []
    site = load_site(there, TYPES).site
    assert site.objects["book"].fields["acme_note"].label["en"] == "备注 x_note"
    assert list(site.lists["book.main"].columns)[:2] == ["title", "acme_note"]
    assert "owner" not in site.lists["book.main"].columns
    assert "acme_gone" not in site.objects["book"].fields
    assert set(site.objects["acme_room"].fields) >= {"name", "acme_of"}
    assert next(iter(value_at(there, "options", "option_set/book_kind"))) == "acme_essay"
    assert made.requires == {"shelf": ">=1.0.0,<2"}


def test_export_install_elsewhere_export_is_equal_to_the_byte() -> None:
    first = export_pack(local_pack(changed(), key="acme", label=LABEL))
    (installed,) = read_archive(first, "acme.zip").packs
    there = layers_of([*packs(), installed])
    stored = next(pack for pack in there.packs if pack.key == "acme")
    assert export_pack(stored) == first


def test_what_a_pack_left_out_goes_along_under_a_name_of_its_own() -> None:
    kept = upgrade(local(change("add", "columns/pages", {"width": 70}, "list/book.main")),
                   packs(book=WITHOUT_PAGES, layout=LAYOUT_WITHOUT_PAGES))  # fmt: skip
    made = local_pack(kept, key="acme", label=LABEL)
    there = layers_of([*packs(book=WITHOUT_PAGES, layout=LAYOUT_WITHOUT_PAGES), made])
    assert check_layers(there, TYPES) == []
    found: Any = effective(there).documents
    assert "acme_pages" in found["object/book"].body["fields"]
    assert "acme_pages" in found["list/book.main"].body["columns"]


def test_nothing_changed_is_an_empty_pack() -> None:
    made = local_pack(Layers(tuple(packs())), key="acme", label=LABEL)
    assert made.documents == ()
    assert apply_changes(Layers(tuple(packs())), parse_changes([])).local == {}
