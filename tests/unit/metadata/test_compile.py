"""What documents compile to, and what is taken over from before."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from metadata.catalog import kernel
from metadata.conditions import AllOf, Test
from metadata.layers import effective
from metadata.load import Layers, apply_changes, load_site, parse_changes, parse_layers
from metadata.schemas import FOLDER, schema_of
from tests.unit.metadata.shelf import AUTHOR, BOOK, LAYOUT, TYPES, shelf


def set_to(layers: Layers, document: str, path: str, value: object) -> Layers:
    change = {"op": "set", "document": document, "path": path, "value": value}
    return apply_changes(layers, parse_changes([change]))


def test_own_fields_come_first_then_abilities_then_the_system() -> None:
    book = load_site(shelf(), TYPES).site.objects["book"]
    keys = list(book.fields)
    assert keys[:6] == ["title", "owner", "author", "kind", "state", "pages"]
    assert keys[6:10] == ["owner_department", "former_owner", "received_at", "received_via"]
    assert keys[-6:] == list(kernel().fields)
    assert book.fields["owner"].label == {"zh-CN": "保管人", "en": "Keeper"}
    assert book.fields["owner"].system
    assert book.fields["owner"].origin == "kernel"
    assert not book.fields["title"].system


def test_abilities_are_maps_and_what_is_off_is_not_there() -> None:
    text = BOOK.replace("star: true", "star: false, calendar: {}")
    book = load_site(shelf(book=text, layout="# none"), TYPES).site.objects["book"]
    assert book.abilities == {"owner": {}, "history": {}, "calendar": {}}
    assert "star" not in book.actions


def test_options_are_resolved_whatever_their_source() -> None:
    site = load_site(shelf(), TYPES).site
    book = site.objects["book"]
    assert list(book.fields["kind"].options) == ["novel", "poetry"]
    assert book.fields["kind"].options["novel"].color == "blue"
    assert list(book.fields["state"].options) == ["in", "out"]
    assert "created" in book.fields["received_via"].options
    assert list(site.objects["user"].fields["roles"].options) == ["clerk"]


def test_what_only_the_type_knows_is_kept_as_it_is() -> None:
    book = load_site(shelf(), TYPES).site.objects["book"]
    assert book.fields["title"].props == {"max_length": 100}
    assert book.fields["author"].props["to"] == "author"
    assert book.fields["author"].props["on_delete"] == "restrict"
    assert book.fields["title"].required


def test_actions_are_standard_of_abilities_and_declared() -> None:
    actions = load_site(shelf(), TYPES).site.objects["book"].actions
    assert {"create", "read", "update", "delete", "transfer", "star", "lend"} <= set(actions)
    assert not actions["lend"].standard
    assert actions["lend"].when == Test("state", "eq", "in")
    assert actions["lend"].set == {"state": "out"}
    assert not actions["star"].right
    assert actions["transfer"].right


def test_rules_and_scenes_hold_condition_trees() -> None:
    site = load_site(shelf(), TYPES).site
    rule = site.objects["book"].rules["has_pages"]
    assert (rule.when, rule.check) == (Test("kind", "eq", "novel"), Test("pages", "not_empty"))
    assert site.scenes["book.mine"].where == AllOf(
        (Test("owner", "is_me"), Test("id", "is_starred"))
    )


def test_related_lists_are_the_other_side_of_links() -> None:
    related = load_site(shelf(), TYPES).site.related
    assert related["author"]["books"].object == "book"
    assert related["author"]["books"].field == "author"
    assert "book" not in related


def test_roles_grant_scopes_fields_and_menu_items() -> None:
    clerk = load_site(shelf(), TYPES).site.roles["clerk"]
    grant = clerk.objects["book"]
    assert grant.actions == {"read": "all", "create": "all", "update": "own", "lend": "all"}
    assert grant.fields["pages"].level == "read"
    assert clerk.menus == {"desk": frozenset({"books", "author"})}


def test_an_object_without_layouts_gets_some() -> None:
    site = load_site(shelf(), TYPES).site
    assert site.default_lists == {
        "book": "book.main",
        "author": "author.main",
        "user": "user.main",
    }
    assert list(site.list_of("author").columns) == ["name", "born_on"]
    assert site.list_of("author").columns["name"].opens == "record"
    assert list(site.form_of("author").tabs["basic"].sections["main"].items) == ["name", "born_on"]
    assert site.detail_of("user").tabs["fields"].form == "user.edit"
    assert "list/author.main" not in site.hashes


def test_a_made_up_page_shows_the_related_lists() -> None:
    bare = LAYOUT.split("---\nkind: detail\nkey: author.detail")
    rest = bare[1].split("---", 1)[1]
    site = load_site(shelf(layout=bare[0] + "---" + rest), TYPES).site
    tabs = site.detail_of("author").tabs
    assert [(tab.type, tab.list) for tab in tabs.values()] == [("form", ""), ("related", "books")]


def test_the_first_list_is_the_default_when_none_is_called_main() -> None:
    text = LAYOUT.replace("key: book.main", "key: book.shelf").replace("book.main", "book.shelf")
    assert load_site(shelf(layout=text), TYPES).site.default_lists["book"] == "book.shelf"


def test_one_changed_field_compiles_one_object() -> None:
    before = load_site(shelf(), TYPES)
    layers = set_to(before.layers, "object/book", "fields/title/label/en", "Name")
    after = load_site(layers, TYPES, before)
    assert after.site.objects["book"] is not before.site.objects["book"]
    assert after.site.objects["author"] is before.site.objects["author"]
    assert after.site.lists["book.main"] is before.site.lists["book.main"]
    changed = {k for k, mark in after.site.hashes.items() if before.site.hashes.get(k) != mark}
    assert changed == {"object/book"}


def test_a_changed_option_compiles_the_objects_that_use_it() -> None:
    before = load_site(shelf(), TYPES)
    layers = set_to(before.layers, "option_set/book_kind", "options/novel/label/en", "Story")
    after = load_site(layers, TYPES, before)
    label = after.site.objects["book"].fields["kind"].options["novel"].label
    assert label["en"] == "Story"
    assert after.site.objects["author"] is before.site.objects["author"]
    role = set_to(before.layers, "role/clerk", "label/en", "Librarian")
    after = load_site(role, TYPES, before)
    assert after.site.objects["user"].fields["roles"].options["clerk"].label["en"] == "Librarian"
    assert after.site.objects["book"] is before.site.objects["book"]


def test_a_reused_site_is_equal_to_a_fresh_one() -> None:
    before = load_site(shelf(), TYPES)
    layers = set_to(before.layers, "object/author", "fields/born_on/help", "可空")
    assert load_site(layers, TYPES, before).site == load_site(layers, TYPES).site


def test_stored_layers_give_the_same_site() -> None:
    layers = set_to(shelf(), "object/book", "label/en", "Volume")
    stored = parse_layers(layers.dump())
    assert stored.hash == layers.hash
    assert load_site(stored, TYPES, check=False).site == load_site(layers, TYPES).site


def test_a_translation_adds_a_language() -> None:
    text = (
        "kind: translation\nkey: shelf.ja\nlanguage: ja\ntexts:\n  object/book:\n"
        "    label: 本\n    fields/title/label: 書名\n    fields/state/options/in/label: 在架\n"
    )
    site = load_site(shelf(extra=text), TYPES).site
    book = site.objects["book"]
    assert site.languages == ("zh-CN", "en", "ja")
    assert book.label["ja"] == "本"
    assert book.fields["title"].label["ja"] == "書名"
    assert book.fields["state"].options["in"].label["ja"] == "在架"


def test_numbering_hands_its_rule_to_the_number() -> None:
    rule = (
        "kind: number_rule\nkey: author.number\nobject: author\nfield: number\n"
        "segments: {a: {text: A}, n: {digits: 3}}\n"
    )
    author = AUTHOR.replace(
        "name_field: name\n", "name_field: name\nabilities: {numbering: {rule: author.number}}\n"
    )
    site = load_site(shelf(author=author, extra=rule), TYPES).site
    assert site.objects["author"].fields["number"].props["rule"] == "author.number"
    assert list(site.number_rules["author.number"].segments) == ["a", "n"]


def test_documents_are_where_they_were_born() -> None:
    documents = effective(shelf()).documents
    assert documents["object/book"].layer == "shelf"
    assert documents["option_set/received_via"].layer == "kernel"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.schema.json")), ids=lambda p: p.name)
def test_every_schema_is_one(path: Path) -> None:
    Draft202012Validator.check_schema(schema_of(path.name.removesuffix(".schema.json")))
