"""Drafts: changes become overrides that remember what they replaced, and can all be undone."""

from typing import Any

import pytest

from metadata.documents import look_up
from metadata.errors import MetadataInvalid
from metadata.layers import effective
from metadata.load import (
    Layers,
    apply_changes,
    check_layers,
    conflicts,
    differences,
    expand_changes,
    layers_of,
    load_site,
    parse_changes,
)
from metadata.model import KanbanDef
from tests.unit.metadata.shelf import BOOK, LAYOUT, MANIFEST, TYPES, pack_of, shelf, told

SHELF = {"type": "text", "label": "书架号"}


def change(
    op: str, path: str, value: Any = None, document: str = "object/book", **more: Any
) -> Any:
    data = {"op": op, "document": document, "path": path, **more}
    return data if value is None else {**data, "value": value}


def applied(layers: Layers, *changes: Any) -> Layers:
    return apply_changes(layers, parse_changes(list(changes)))


def refusal(layers: Layers, *changes: Any) -> list[str]:
    with pytest.raises(MetadataInvalid) as caught:
        applied(layers, *changes)
    return [problem.code for problem in told(caught.value.problems)]


def value_at(layers: Layers, document: str, path: str) -> Any:
    return look_up(effective(layers).documents[document].body, path)


def fields(layers: Layers) -> list[str]:
    return list(value_at(layers, "object/book", "fields"))


def test_a_set_remembers_the_value_of_the_pack() -> None:
    layers = applied(shelf(), change("set", "fields/title/label/zh-CN", "题名"))
    assert layers.local["object/book"] == {
        "fields/title/label/zh-CN": {"op": "set", "value": "题名", "base": "书名"}
    }
    assert value_at(layers, "object/book", "fields/title/label") == {
        "zh-CN": "题名",
        "en": "Title",
    }


def test_setting_the_value_of_the_pack_reverts() -> None:
    layers = applied(shelf(), change("set", "fields/title/max_length", 50))
    layers = applied(layers, change("set", "fields/title/max_length", 70))
    assert layers.local["object/book"]["fields/title/max_length"]["base"] == 100
    assert applied(layers, change("set", "fields/title/max_length", 100)).local == {}


def test_a_system_field_can_be_relabelled_and_nothing_else() -> None:
    layers = applied(shelf(), change("set", "fields/created_at/label/en", "Registered"))
    compiled = load_site(layers, TYPES)
    label = compiled.site.objects["book"].fields["created_at"].label
    assert label == {"zh-CN": "创建时间", "en": "Registered"}
    assert refusal(layers, change("remove", "fields/created_at")) == ["system_field"]
    assert refusal(layers, change("set", "fields/owner/type", "text")) == ["system_field"]


def test_a_field_is_added_where_it_is_wanted() -> None:
    wish = change("add", "fields/x_shelf", SHELF, after="title")
    layers = applied(shelf(), wish)
    assert fields(layers)[:2] == ["title", "x_shelf"]
    compiled = load_site(layers, TYPES)
    field = compiled.site.objects["book"].fields["x_shelf"]
    assert field.label == {"": "书架号"}
    assert field.origin == "local"
    assert compiled.site.objects["book"].fields["title"].origin == "shelf"


def test_an_added_field_joins_the_form_unless_told_not_to() -> None:
    site = load_site(shelf(), TYPES).site
    wishes = parse_changes([change("add", "fields/x_shelf", SHELF)])
    joined = expand_changes(wishes, site)
    assert [(c.document, c.path) for c in joined] == [
        ("object/book", "fields/x_shelf"),
        ("form/book.edit", "tabs/basic/sections/more/items/x_shelf"),
    ]
    layers = apply_changes(shelf(), joined)
    assert (
        "x_shelf"
        in load_site(layers, TYPES).site.form_of("book").tabs["basic"].sections["more"].items
    )
    for silent in (
        change("add", "fields/x_shelf", SHELF, place="none"),
        change("add", "fields/x_shelf", {**SHELF, "place": "none"}),
    ):
        assert len(expand_changes(parse_changes([silent]), site)) == 1


def test_a_field_that_is_placed_by_hand_is_not_placed_twice() -> None:
    site = load_site(shelf(), TYPES).site
    by_hand = change(
        "add", "tabs/basic/sections/main/items/x_shelf", {"width": 100}, "form/book.edit"
    )
    wishes = parse_changes([change("add", "fields/x_shelf", SHELF), by_hand])
    assert len(expand_changes(wishes, site)) == 2


def test_a_page_without_a_form_shows_an_added_field_among_its_facts() -> None:
    layers = shelf()
    site = load_site(layers, TYPES).site
    wishes = parse_changes([change("add", "fields/x_note", SHELF, "object/author")])
    joined = expand_changes(wishes, site)
    assert [c.path for c in joined] == ["fields/x_note", "header/facts/x_note"]
    new = load_site(apply_changes(layers, joined), TYPES).site
    assert new.detail_of("author").facts == ("x_note",)
    assert "x_note" in new.form_of("author").tabs["basic"].sections["main"].items


def test_a_hidden_field_leaves_the_layouts_and_comes_back() -> None:
    before = load_site(shelf(), TYPES)
    hidden = applied(before.layers, change("remove", "fields/author"))
    compiled = load_site(hidden, TYPES, before)
    assert list(compiled.layered.removed_fields["book"]) == ["author"]
    assert compiled.layered.removed_fields["book"]["author"]["to"] == "author"
    assert list(compiled.site.list_of("book").columns) == ["title", "kind", "owner"]
    sections = compiled.site.form_of("book").tabs["basic"].sections
    assert list(sections["main"].items) == ["title", "kind"]
    assert compiled.site.detail_of("book").facts == ("owner",)
    assert compiled.site.detail_of("author").tabs == {}
    shown = applied(hidden, change("remove", "fields/author"))
    assert shown.local == {}
    assert load_site(shown, TYPES).site == before.site


def test_the_views_of_a_list_lose_what_is_hidden() -> None:
    more = """
  shelf:
    type: select
    label: {zh-CN: 书架, en: Shelf}
    options: {low: {label: {zh-CN: 下, en: Low}}, high: {label: {zh-CN: 上, en: High}}}
  fee: {type: integer, label: {zh-CN: 费用, en: Fee}}
  due_on: {type: date, label: {zh-CN: 应还, en: Due on}}
  pages:"""
    views = """view: kanban
kanban: {by: shelf, sum: fee, card: {fee: {}, author: {}}}
calendar: {date: due_on}"""
    layers = shelf(
        book=BOOK.replace("\n  pages:", more), layout=LAYOUT.replace("sort: [-title]", views)
    )
    listed = load_site(layers, TYPES).site.list_of("book")
    assert (listed.view, listed.calendar) == ("kanban", "due_on")
    assert listed.kanban == KanbanDef(by="shelf", sum="fee", card=("fee", "author"))
    hidden = applied(layers, change("remove", "fields/fee"), change("remove", "fields/due_on"))
    listed = load_site(hidden, TYPES).site.list_of("book")
    assert (listed.view, listed.calendar) == ("kanban", "")
    assert listed.kanban == KanbanDef(by="shelf", card=("author",))
    gone = applied(layers, change("remove", "fields/shelf"))
    listed = load_site(gone, TYPES).site.list_of("book")
    assert (listed.view, listed.kanban, listed.calendar) == ("table", None, "due_on")


def test_hiding_a_field_that_a_rule_needs_is_refused_by_the_checks() -> None:
    hidden = applied(shelf(), change("remove", "fields/pages"))
    codes = {(p.code, p.document, p.path, p.line) for p in check_layers(hidden, TYPES)}
    rule = ("unknown_field", "object/book", "rules/has_pages/check/field")
    assert any(found[:3] == rule for found in codes)


def test_a_local_field_is_hidden_with_its_definition_and_restored() -> None:
    layers = applied(shelf(), change("add", "fields/x_shelf", SHELF))
    hidden = applied(layers, change("remove", "fields/x_shelf"))
    assert "x_shelf" not in fields(hidden)
    assert effective(hidden).removed_fields == {"book": {"x_shelf": SHELF}}
    assert refusal(hidden, change("add", "fields/x_shelf", SHELF)) == ["key_hidden"]
    assert applied(hidden, change("remove", "fields/x_shelf")) == layers


def test_changes_inside_an_addition_change_the_addition() -> None:
    layers = applied(
        shelf(),
        change("add", "fields/x_shelf", SHELF),
        change("set", "fields/x_shelf/help", "三位数"),
        change("set", "fields/x_shelf/label", "架号"),
        change("remove", "fields/x_shelf/help"),
    )
    assert layers.local["object/book"] == {
        "fields/x_shelf": {"op": "add", "value": {"type": "text", "label": "架号"}}
    }


def test_options_are_retired_not_taken_away() -> None:
    layers = applied(
        shelf(),
        change("remove", "options/novel", document="option_set/book_kind"),
        change("add", "options/x_map", {"label": "地图"}, "option_set/book_kind", after=""),
    )
    options = load_site(layers, TYPES).site.objects["book"].fields["kind"].options
    assert list(options) == ["x_map", "novel", "poetry"]
    assert [option.retired for option in options.values()] == [False, True, False]
    again = applied(layers, change("remove", "options/novel", document="option_set/book_kind"))
    assert not value_at(again, "option_set/book_kind", "options/novel").get("retired")


def test_whole_documents_can_be_added_and_taken_back() -> None:
    scene = {
        "object": "book",
        "label": "厚书",
        "where": {"field": "pages", "op": "gt", "value": 500},
    }
    layers = applied(shelf(), change("add", "", scene, "scene/book.x_thick"))
    assert load_site(layers, TYPES).site.scenes["book.x_thick"].label == {"": "厚书"}
    layers = applied(layers, change("set", "count", True, "scene/book.x_thick"))
    assert load_site(layers, TYPES).site.scenes["book.x_thick"].count is True
    assert applied(layers, change("remove", "", document="scene/book.x_thick")).local == {}


def test_an_object_added_on_site_has_screens_and_is_hidden_not_forgotten() -> None:
    magazine = {
        "label": "杂志",
        "name_field": "x_name",
        "fields": {"x_name": {"type": "text", "label": "刊名"}},
    }
    layers = applied(shelf(), change("add", "", magazine, "object/x_magazine"))
    site = load_site(layers, TYPES).site
    assert list(site.list_of("x_magazine").columns) == ["x_name"]
    hidden = applied(layers, change("remove", "", document="object/x_magazine"))
    assert list(effective(hidden).removed_documents) == ["object/x_magazine"]
    assert applied(hidden, change("remove", "", document="object/x_magazine")) == layers


def test_what_leads_to_a_hidden_object_is_hidden_with_it() -> None:
    unlinked = applied(
        shelf(),
        change("remove", "fields/author"),
        change("remove", "", document="object/author"),
    )
    assert check_layers(unlinked, TYPES) == []
    site = load_site(unlinked, TYPES).site
    assert "author" not in site.objects
    assert "author.detail" not in site.details
    assert list(site.menus["desk"].items) == ["books"]
    assert list(site.roles["clerk"].objects) == ["book"]
    assert site.roles["clerk"].menus == {"desk": frozenset({"books"})}
    linked = applied(shelf(), change("remove", "", document="object/author"))
    assert ("unknown_object", "fields/author/to") in {
        (p.code, p.path) for p in check_layers(linked, TYPES)
    }


def test_the_tab_of_a_hidden_object_leaves_the_pages_of_others() -> None:
    hidden = applied(shelf(), change("remove", "", document="object/book"))
    site = load_site(hidden, TYPES).site
    assert site.detail_of("author").tabs == {}
    assert site.menus["desk"].items["people"].items
    assert "book.edit" not in site.forms


def test_a_hidden_scene_leaves_its_list() -> None:
    layers = applied(shelf(), change("remove", "", document="scene/book.mine"))
    site = load_site(layers, TYPES).site
    assert site.scenes == {}
    assert site.list_of("book").scenes == {}
    assert load_site(
        applied(layers, change("remove", "", document="scene/book.mine")), TYPES
    ).site.scenes


def test_places_are_names_of_neighbours() -> None:
    layers = applied(
        shelf(),
        change("place", "columns/owner", document="list/book.main", after="title"),
        change("place", "columns/title", document="list/book.main", after="kind"),
    )
    columns = list(load_site(layers, TYPES).site.list_of("book").columns)
    assert columns == ["kind", "title", "owner", "author", "author.born_on"]


def test_a_neighbour_that_is_gone_means_the_end_with_a_warning() -> None:
    layers = applied(shelf(), change("add", "fields/x_shelf", SHELF, after="lost"))
    layered = effective(layers)
    assert fields(layers)[-1] == "x_shelf"
    assert [(w.code, w.path) for w in told(layered.warnings)] == [
        ("anchor_gone", "fields/x_shelf")
    ]


def test_neighbours_in_a_circle_come_last_and_none_is_lost() -> None:
    layers = applied(
        shelf(),
        change("place", "columns/kind", document="list/book.main", after="author"),
        change("place", "columns/author", document="list/book.main", after="kind"),
    )
    columns = list(value_at(layers, "list/book.main", "columns"))
    assert columns[:3] == ["title", "author.born_on", "owner"]
    assert set(columns[3:]) == {"kind", "author"}


REFUSED = {
    "no prefix": (change("add", "fields/shelf", SHELF), "bad_prefix"),
    "option without prefix": (
        change("add", "fields/state/options/lost", {"label": "丢失"}),
        "bad_prefix",
    ),
    "document without prefix": (
        change("add", "", {"object": "book", "label": "旧"}, "scene/book.old"),
        "bad_prefix",
    ),
    "taken": (change("add", "columns/kind", {}, "list/book.main"), "already_exists"),
    "taken document": (change("add", "", {}, "option_set/x_a"), ""),
    "no such document": (change("set", "label", "书", "object/x_boot"), "unknown_document"),
    "no such path": (change("remove", "fields/x_lost"), "unknown_path"),
    "nothing to place": (
        change("place", "columns/pages", document="list/book.main", after=""),
        "unknown_path",
    ),
    "kernel field": (change("set", "fields/id/type", "text"), "system_field"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_change_that_cannot_be_made_says_why(case: str) -> None:
    wish, code = REFUSED[case]
    if code:
        assert refusal(shelf(), wish) == [code]
    else:
        once = applied(shelf(), wish)
        assert refusal(once, wish) == ["already_exists"]


def test_sealed_things_stay_as_they_are() -> None:
    rule = "customise: {default: open, fields: {title: [type, required], state: sealed}}\n"
    layers = shelf(book=BOOK + rule)
    assert refusal(layers, change("set", "fields/title/required", False)) == ["sealed"]
    assert refusal(layers, change("remove", "fields/title")) == ["sealed"]
    assert refusal(layers, change("set", "fields/state/label/en", "S")) == ["sealed"]
    assert applied(layers, change("set", "fields/title/max_length", 9)).local
    sealed = shelf(pack=MANIFEST + "policy: {customise: sealed}\n")
    assert refusal(sealed, change("add", "fields/x_a", SHELF)) == ["sealed"]
    extend = shelf(pack=MANIFEST + "policy: {customise: extend}\n")
    assert refusal(extend, change("set", "fields/title/max_length", 9)) == ["sealed"]
    assert applied(extend, change("add", "fields/x_a", SHELF)).local
    role = shelf(layout=LAYOUT.replace("key: clerk\n", "key: clerk\nsealed: true\n"))
    assert refusal(role, change("set", "label/en", "C", "role/clerk")) == ["sealed"]


SHAPES = [
    "text",
    [1],
    [{}],
    [{"op": "drop", "document": "object/book", "path": ""}],
    [{"op": ["set"], "document": "object/book", "path": ""}],
    [{"op": "set", "document": "pack/shelf", "path": "label", "value": "x"}],
    [{"op": "set", "document": 7, "path": "label", "value": "x"}],
    [{"op": "set", "document": "object/book", "path": "/label", "value": "x"}],
    [{"op": "set", "document": "object/book", "path": None, "value": "x"}],
    [{"op": "set", "document": "object/book", "path": "label"}],
    [{"op": "place", "document": "object/book", "path": "fields/title"}],
    [{"op": "remove", "document": "object/book", "path": "fields/a", "after": 3}],
    [{"op": "remove", "document": "object/book", "path": "fields/a", "position": 3}],
    [{"op": "add", "document": "object/book", "path": "fields/a", "value": {}, "place": "form"}],
]


@pytest.mark.parametrize("raw", SHAPES, ids=str)
def test_what_is_no_list_of_changes_is_refused(raw: Any) -> None:
    with pytest.raises(MetadataInvalid) as caught:
        parse_changes(raw)
    assert {problem.code for problem in told(caught.value.problems)} == {"bad_change"}


def test_a_local_value_that_the_schema_does_not_know_is_refused_without_a_line() -> None:
    layers = applied(shelf(), change("set", "fields/title/max_lenght", 9))
    (problem,) = check_layers(layers, TYPES)
    assert (problem.code, problem.path) == ("unknown_property", "fields/title/max_lenght")
    assert (problem.file, problem.line) == ("", 0)


def test_an_upgrade_keeps_the_local_value_and_lists_the_conflict() -> None:
    layers = applied(
        shelf(),
        change("set", "fields/title/max_length", 50),
        change("set", "fields/pages/label/en", "Leaves"),
    )
    new = shelf(book=BOOK.replace("max_length: 100", "max_length: 200"))
    upgraded = layers_of(new.packs, layers.local)
    assert value_at(upgraded, "object/book", "fields/title/max_length") == 50
    (conflict,) = conflicts(upgraded)
    assert (conflict.path, conflict.base, conflict.mine, conflict.theirs) == (
        "fields/title/max_length",
        100,
        50,
        200,
    )
    assert conflicts(layers) == []


def test_an_override_of_something_that_an_upgrade_took_away_is_only_a_warning() -> None:
    layers = applied(shelf(), change("set", "fields/pages/label/en", "Leaves"))
    gone = BOOK.split("  pages:")[0] + "".join(BOOK.split("min: 1}\n")[1:])
    gone = gone.replace("field: pages", "field: title")
    upgraded = layers_of(shelf(book=gone).packs, layers.local)
    assert "pages" not in fields(upgraded)
    assert [w.code for w in told(effective(upgraded).warnings)] == ["path_gone"]


def test_a_pack_changes_another_under_its_own_prefix() -> None:
    manifest = "kind: pack\nkey: rare\nlabel: {zh-CN: 善本, en: Rare}\nversion: 1.0.0\n"
    manifest += 'engine: ">=0.1,<2"\nlanguages: [zh-CN, en]\nrequires: {shelf: ">=1.0"}\n'
    text = """
kind: overrides
key: rare
changes:
  object/book:
    fields/%s: {op: add, value: {type: text, label: {zh-CN: 藏印, en: Seal}}, after: title}
    fields/title/max_length: {op: set, value: 200, base: 100}
"""

    def both(key: str) -> Layers:
        rare = pack_of({"pack.yaml": manifest, "changes.yaml": text % key})
        return layers_of([rare, *shelf().packs])

    layers = both("rare_seal")
    assert [pack.key for pack in layers.packs] == ["shelf", "rare"]
    compiled = load_site(layers, TYPES)
    field = compiled.site.objects["book"].fields["rare_seal"]
    assert field.origin == "rare"
    assert compiled.site.objects["book"].fields["title"].props["max_length"] == 200
    assert [p.code for p in check_layers(both("seal"), TYPES)] == ["bad_prefix"]
    local = applied(layers, change("add", "fields/x_a", SHELF, after="title"))
    assert fields(local)[:3] == ["title", "rare_seal", "x_a"]


def test_differences_say_what_a_person_calls_it() -> None:
    before = effective(shelf())
    layers = applied(
        shelf(),
        change("set", "fields/title/max_length", 50),
        change("add", "fields/x_shelf", SHELF),
        change("remove", "fields/pages"),
        change("place", "columns/owner", document="list/book.main", after="title"),
    )
    found = {(d.document, d.path): d for d in differences(before, effective(layers))}
    length = found["object/book", "fields/title/max_length"]
    assert (length.op, length.before, length.after) == ("changed", 100, 50)
    assert length.label == {"zh-CN": "书名", "en": "Title"}
    assert found["object/book", "fields/x_shelf"].op == "added"
    assert found["object/book", "fields/pages"].op == "removed"
    assert found["list/book.main", "columns/owner"].op == "moved"
    assert found["form/book.edit", "tabs/basic/sections/more/items/pages"].op == "removed"
    assert differences(before, before) == []


def test_a_character_that_no_file_can_hold_is_refused_in_a_text() -> None:
    layers = applied(shelf(), change("set", "fields/title/label/en", "Ti\ufefftle"))
    (problem,) = told(check_layers(layers, TYPES))
    assert problem.code == "character_not_allowed"
    assert problem.params["character"] == "U+FEFF"
