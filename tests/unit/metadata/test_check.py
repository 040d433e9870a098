"""What the checks of documents find, and where."""

import pytest

from metadata.load import Layers, check_layers, load_site
from tests.unit.metadata.shelf import (
    AUTHOR,
    BOOK,
    KINDS,
    LAYOUT,
    MANIFEST,
    TYPES,
    USER,
    shelf,
    told,
)

SAYS = "label: {zh-CN: 甲, en: A}"


def found(layers: Layers) -> list[tuple[str, str, str]]:
    return [(p.code, p.document, p.path) for p in told(check_layers(layers, TYPES))]


def book(old: str, new: str) -> Layers:
    assert old in BOOK
    return shelf(book=BOOK.replace(old, new))


def layout(old: str, new: str) -> Layers:
    assert old in LAYOUT
    return shelf(layout=LAYOUT.replace(old, new))


def field(text: str) -> Layers:
    return shelf(book=BOOK.replace("  pages:", f"  extra: {text}\n  pages:"))


def extra(text: str) -> Layers:
    return shelf(extra=text)


def test_the_small_library_is_right() -> None:
    assert found(shelf()) == []


FIELDS = {
    "{type: text}": ("missing_property", ""),
    f"{{type: text, {SAYS}, max_length: long}}": ("wrong_type", "/max_length"),
    f"{{type: text, {SAYS}, required: 1}}": ("wrong_type", "/required"),
    f"{{type: text, {SAYS}, scale: 2}}": ("unknown_property", "/scale"),
    f"{{type: long_text, {SAYS}, unique: true}}": ("trait_not_possible", "/unique"),
    f"{{type: 7, {SAYS}}}": ("wrong_type", "/type"),
    "{type: text, label: 'only one'}": ("missing_language", "/label"),
    "{type: text, label: {zh-CN: 甲, en: ''}}": ("too_few", "/label/en"),
    "{type: text, label: {zh-CN: 甲, en: A, English: A}}": ("bad_language", "/label/English"),
    f"{{type: text, label: {{zh-CN: 甲, en: {'A' * 121}}}}}": ("too_long", "/label/en"),
    "{type: text, label: {zh-CN: 甲, en: <b>A</b>}}": ("markup_not_allowed", "/label/en"),
    f"{{type: select, {SAYS}}}": ("missing_property", ""),
    f"{{type: select, {SAYS}, options: {{}}}}": ("too_few", "/options"),
    f"{{type: select, {SAYS}, options_from: gone}}": ("unknown_option_set", "/options_from"),
    f"{{type: select, {SAYS}, options_from: book_kind, default: x}}": (
        "unknown_option",
        "/default",
    ),
    f"{{type: select, {SAYS}, options_from: book_kind, options: {{a: {{{SAYS}}}}}}}": (
        "options_twice",
        "/options_from",
    ),
    f"{{type: link, {SAYS}, to: autor, on_delete: clear}}": ("unknown_object", "/to"),
    f"{{type: link, {SAYS}, to: author, on_delete: drop}}": ("value_not_allowed", "/on_delete"),
    f"{{type: link, {SAYS}, to: author, on_delete: clear, inverse: {{key: books, {SAYS}}}}}": (
        "duplicate_inverse",
        "/inverse/key",
    ),
    f"{{type: link, {SAYS}, to: author, on_delete: clear, copies: {{pages: age}}}}": (
        "unknown_field",
        "/copies/pages",
    ),
    f"{{type: link, {SAYS}, to: author, on_delete: clear, where: {{field: age, op: empty}}}}": (
        "unknown_field",
        "/where/field",
    ),
    f"{{type: department, {SAYS}}}": ("unknown_object", "/type"),
    f"{{type: text, {SAYS}, visible_if: {{field: kind, op: gt, value: novel}}}}": (
        "unknown_operator",
        "/visible_if/op",
    ),
    f"{{type: text, {SAYS}, visible_if: {{field: kind, op: like, value: novel}}}}": (
        "unknown_operator",
        "/visible_if/op",
    ),
    f"{{type: text, {SAYS}, required_if: {{field: kind}}}}": ("bad_condition", "/required_if"),
    f"{{type: text, {SAYS}, required_if: {{field: kind, op: in, value: [novel, x]}}}}": (
        "unknown_option",
        "/required_if/value/1",
    ),
    f"{{type: text, {SAYS}, required_if: {{field: a.b.c.d, op: empty}}}}": (
        "unknown_field",
        "/required_if/field",
    ),
    f"{{type: text, {SAYS}, required_if: {{field: title, op: eq, value: {{field: this.id}}}}}}": (
        "this_not_allowed",
        "/required_if/value/field",
    ),
    f"{{type: text, {SAYS}, required_if: {{exists: {{list: lost}}}}}}": (
        "unknown_list",
        "/required_if/exists/list",
    ),
    f"{{{SAYS}}}": ("missing_property", ""),
}


@pytest.mark.parametrize(("text", "expected"), FIELDS.items())
def test_a_wrong_field_is_told_at_its_place(text: str, expected: tuple[str, str]) -> None:
    code, inside = expected
    assert found(field(text)) == [(code, "object/book", f"fields/extra{inside}")]


BOOKS = {
    ("name_field: title", "name_field: name"): ("unknown_field", "name_field"),
    ("star: true", "starr: true"): ("unknown_property", "abilities/starr"),
    ("star: true", "star: 1"): ("wrong_type", "abilities/star"),
    ("{owner: true,", "{owner: {cascade: [pages]},"): (
        "unknown_list",
        "abilities/owner/cascade/0",
    ),
    ("star: true", "star: true, calendar: {pages: {}}"): (
        "not_a_date",
        "abilities/calendar/pages",
    ),
    ("star: true", "star: true, numbering: {rule: book.number}"): (
        "unknown_document",
        "abilities/numbering/rule",
    ),
    ("field: pages, op: not_empty", "field: leaves, op: not_empty"): (
        "unknown_field",
        "rules/has_pages/check/field",
    ),
    ("check: {field: pages, op: not_empty}", "check: {all: []}"): (
        "bad_condition",
        "rules/has_pages/check",
    ),
    ("set: {state: out}", "set: {status: out}"): ("unknown_field", "actions/lend/set/status"),
    ("bulk: true", "form: [status]"): ("unknown_field", "actions/lend/form/0"),
    ("  lend:", "  update:"): ("reserved_key", "actions/update"),
    ("set: {state: out}", "icon: check"): ("action_does_nothing", "actions/lend"),
    ("set: {state: out}", "set: {state: lost}"): ("unknown_option", "actions/lend/set/state"),
    ("set: {state: out}", "set: {pages: many}"): ("bad_set", "actions/lend/set/pages"),
    ("set: {state: out}", "set: {author: 7}"): ("bad_set", "actions/lend/set/author"),
    ("set: {state: out}", "set: {pages: {now: true}}"): ("bad_set", "actions/lend/set/pages"),
    ("set: {state: out}", "set: {title: {empty: true}}"): ("bad_set", "actions/lend/set/title"),
    ("set: {state: out}", "set: {pages: {field: leaves}}"): (
        "unknown_field",
        "actions/lend/set/pages/field",
    ),
    ("set: {state: out}", "set: {pages: {field: title}}"): (
        "set_of_other_kind",
        "actions/lend/set/pages/field",
    ),
    ("set: {state: out}", "set: {owner: {me: true}}"): (
        "action_field",
        "actions/lend/set/owner",
    ),
    ("set: {state: out}", "form: [received_at]"): ("action_field", "actions/lend/form/0"),
    ("set: {state: out}", "form: [state]\n    set: {state: out}"): (
        "action_field",
        "actions/lend/set/state",
    ),
    ("set: {state: out}", "set: {state: out}\n    confirm: {en: Sure?}"): (
        "missing_language",
        "actions/lend/confirm",
    ),
    ("  pages: {type", "  owner_department: {type"): ("reserved_key", "fields/owner_department"),
    ("  pages: {type", "  deleted_at: {type"): ("reserved_key", "fields/deleted_at"),
    ("key: book\n", "key: Book\n"): ("bad_key", "key"),
    ("key: book\n", 'key: "book\\n"\n'): ("bad_key", "key"),
    ("fields:\n", "field:\n"): ("unknown_property", "field"),
}


@pytest.mark.parametrize(("change", "expected"), BOOKS.items())
def test_a_wrong_object_is_told_at_its_place(
    change: tuple[str, str], expected: tuple[str, str]
) -> None:
    code, path = expected
    problems = told(check_layers(book(*change), TYPES))
    assert (code, path) in [(p.code, p.path) for p in problems if p.document.startswith("object/")]
    assert all(p.line and p.column for p in problems)


LAYOUTS = {
    ("columns: {title: {width: 240}", "columns: {titel: {width: 240}"): (
        "unknown_field",
        "list/book.main",
        "columns/titel",
    ),
    ("author.born_on: {}", "author.died_on: {}"): (
        "unknown_field",
        "list/book.main",
        "columns/author.died_on",
    ),
    ("width: 240", "width: wide"): ("wrong_type", "list/book.main", "columns/title/width"),
    ("sort: [-title]", "sort: [-titel]"): ("unknown_field", "list/book.main", "sort/0"),
    ("sort: [-title]", "kanban: {by: title}"): ("not_a_choice", "list/book.main", "kanban/by"),
    ("sort: [-title]", "kanban: {by: kind, sum: title}"): (
        "not_summable",
        "list/book.main",
        "kanban/sum",
    ),
    ("sort: [-title]", "kanban: {by: kind, card: {titel: {}}}"): (
        "unknown_field",
        "list/book.main",
        "kanban/card/titel",
    ),
    ("sort: [-title]", "calendar: {date: title}"): (
        "not_a_date",
        "list/book.main",
        "calendar/date",
    ),
    ("sort: [-title]", "view: kanban"): ("missing_property", "list/book.main", ""),
    ("{book.mine: {default: true}}", "{book.all: {}}"): (
        "unknown_document",
        "list/book.main",
        "scenes/book.all",
    ),
    ("row_actions: {update: {}}", "row_actions: {burn: {}}"): (
        "unknown_action",
        "list/book.main",
        "row_actions/burn",
    ),
    ("row_actions: {update: {}}", "bulk_actions: {read_again: {}}"): (
        "unknown_action",
        "list/book.main",
        "bulk_actions/read_again",
    ),
    ("op: is_starred", "op: is_team_member"): (
        "ability_missing",
        "scene/book.mine",
        "where/all/1/op",
    ),
    ("field: id, op: is_starred", "field: title, op: is_starred"): (
        "unknown_operator",
        "scene/book.mine",
        "where/all/1/op",
    ),
    ("key: book.mine\nobject: book", "key: book.mine\nobject: boot"): (
        "unknown_object",
        "scene/book.mine",
        "object",
    ),
    ("key: book.edit\nobject: book", "key: book.edit\nobject: author"): (
        "key_of_other",
        "form/book.edit",
        "key",
    ),
    ("items: {pages: {}}", "items: {title: {}}"): (
        "field_twice",
        "form/book.edit",
        "tabs/basic/sections/more/items/title",
    ),
    ("items: {pages: {}}", "items: {author.name: {}}"): (
        "bad_key",
        "form/book.edit",
        "tabs/basic/sections/more/items/author.name",
    ),
    ("badges: {kind: {}}", "badges: {sort: {}}"): (
        "unknown_field",
        "detail/book.detail",
        "header/badges/sort",
    ),
    ("form: book.edit}", "form: author.edit}"): (
        "unknown_document",
        "detail/book.detail",
        "tabs/fields/form",
    ),
    ("history: {type: history}", "files: {type: files}"): (
        "ability_missing",
        "detail/book.detail",
        "tabs/files/type",
    ),
    ("list: books, columns", "list: novels, columns"): (
        "unknown_list",
        "detail/author.detail",
        "tabs/books/list",
    ),
    ("columns: {title: {}, pages: {}}", "columns: {title: {}, born_on: {}}"): (
        "unknown_field",
        "detail/author.detail",
        "tabs/books/columns/born_on",
    ),
    ("opens: object/author", "opens: object/autor"): (
        "unknown_object",
        "menu/desk",
        "items/people/items/author/opens",
    ),
    ("opens: list/book.main", "opens: list/book.other"): (
        "unknown_document",
        "menu/desk",
        "items/books/opens",
    ),
    ("  author: {read: all}", "  autor: {read: all}"): (
        "unknown_object",
        "role/clerk",
        "objects/autor",
    ),
    ("lend: all", "borrow: all"): ("unknown_action", "role/clerk", "objects/book/borrow"),
    ("update: own", "update: mine"): ("value_not_allowed", "role/clerk", "objects/book/update"),
    ("{read: all, create: true, update: own", "{read: own, update: all"): (
        "scope_too_wide",
        "role/clerk",
        "objects/book/update",
    ),
    ("fields: {pages: read}", "fields: {page: read}"): (
        "unknown_field",
        "role/clerk",
        "objects/book/fields/page",
    ),
    ("menus: {desk: {books: true,", "menus: {desk: {book: true,"): (
        "unknown_menu_item",
        "role/clerk",
        "menus/desk/book",
    ),
    ("menus: {desk:", "menus: {disk:"): ("unknown_menu", "role/clerk", "menus/disk"),
}


@pytest.mark.parametrize(("change", "expected"), LAYOUTS.items())
def test_a_wrong_layout_is_told_at_its_place(
    change: tuple[str, str], expected: tuple[str, str, str]
) -> None:
    assert expected in found(layout(*change))


RULE = """
kind: object
key: paper
label: {{zh-CN: 论文, en: Paper}}
name_field: name
abilities: {{numbering: true}}
fields:
  name: {{type: text, label: {{zh-CN: 名称, en: Name}}}}
  handed_in: {{type: date, label: {{zh-CN: 提交, en: Handed in}}}}
---
kind: number_rule
key: paper.number
object: paper
field: number
segments: {{{segments}}}
"""
SEGMENTS = {
    "a: {text: B}, n: {digits: 4}": None,
    "a: {text: B}, d: {date: created_at, format: yyyyMM}, n: {digits: 4, reset: monthly}": None,
    "n: {digits: 4}, a: {text: B}": ("digits_missing", "segments"),
    "a: {digits: 4}, n: {digits: 4}": ("digits_missing", "segments"),
    "a: {text: B}, d: {date: published, format: yyyy}, n: {digits: 4}": (
        "unknown_field",
        "segments/d/date",
    ),
    "a: {text: B}, d: {date: created_at, format: yyyy}, n: {digits: 4, reset: daily}": (
        "reset_too_fine",
        "segments/n/reset",
    ),
    "a: {text: B, date: created_at}, n: {digits: 4}": ("bad_segment", "segments/a"),
    "a: {date: created_at}, n: {digits: 4}": ("bad_segment", "segments/a"),
    "a: {text: B, format: yyyy}, n: {digits: 4}": ("bad_segment", "segments/a"),
    "a: {date: name, format: yy}, n: {digits: 4}": ("not_a_date", "segments/a/date"),
    "a: {date: handed_in, format: yy, or: name}, n: {digits: 4}": ("not_a_date", "segments/a/or"),
    "d: {date: handed_in, format: yyMMdd, or: created_at}, n: {digits: 4, reset: daily}": None,
}


@pytest.mark.parametrize(("segments", "expected"), SEGMENTS.items())
def test_number_rules_count_last_and_start_again_by_their_date(
    segments: str, expected: tuple[str, str] | None
) -> None:
    problems = found(extra(RULE.format(segments=segments)))
    assert [(code, path) for code, _, path in problems] == ([expected] if expected else [])


def test_every_numbered_field_has_one_rule_of_its_own() -> None:
    paper, rule = RULE.format(segments="a: {text: B}, n: {digits: 4}").split("---")
    assert found(extra(paper)) == [("number_rule_missing", "object/paper", "abilities/numbering")]
    another = rule.replace("paper.number", "paper.other")
    assert found(extra(f"{paper}---{rule}---{another}")) == [
        ("numbered_twice", "number_rule/paper.other", "field")
    ]
    assert found(extra(f"{paper}---{rule.replace('field: number', 'field: name')}")) == [
        ("not_numbered", "number_rule/paper.number", "field"),
        ("number_rule_missing", "object/paper", "abilities/numbering"),
    ]
    field = "  no: {type: auto_number, rule: %s, label: {zh-CN: 号, en: No.}}\n"
    own = paper.replace("{numbering: true}", "{}") + field
    named = rule.replace("field: number", "field: no")
    assert found(extra(f"{own % 'paper.number'}---{named}")) == []
    assert found(extra(f"{own % 'paper.lost'}---{named}")) == [
        ("unknown_document", "object/paper", "fields/no/rule")
    ]


def test_translations_name_texts_that_are_there() -> None:
    text = "kind: translation\nkey: shelf.ja\nlanguage: ja\ntexts:\n  object/book: {%s: 本}\n"
    assert found(extra(text % "label")) == []
    assert found(extra(text % "fields/title/label")) == []
    path = "texts/object/book/fields/title/type"
    assert found(extra(text % "fields/title/type")) == [
        ("unknown_path", "translation/shelf.ja", path)
    ]
    assert found(extra(text.replace("object/book", "object/boot") % "label")) == [
        ("unknown_document", "translation/shelf.ja", "texts/object/boot")
    ]


def test_a_pack_seeds_objects_and_fields_that_are_there() -> None:
    seeds = "seeds:\n  %s: {mode: once, rows: {first: {%s: A}}}\n"
    assert found(shelf(pack=MANIFEST + seeds % ("author", "name"))) == []
    assert found(shelf(pack=MANIFEST + seeds % ("autor", "name"))) == [
        ("unknown_object", "pack/shelf", "seeds/autor")
    ]
    assert found(shelf(pack=MANIFEST + seeds % ("author", "title"))) == [
        ("unknown_field", "pack/shelf", "seeds/author/rows/first/title")
    ]


def test_no_option_set_hides_the_roles() -> None:
    text = f"kind: option_set\nkey: role\n{SAYS}\noptions: {{a: {{{SAYS}}}}}\n"
    assert found(extra(text)) == [("reserved_key", "option_set/role", "key")]


def test_a_hint_names_what_was_probably_meant() -> None:
    (problem,) = check_layers(field(f"{{type: texts, {SAYS}}}"), TYPES)
    assert problem.params["known"].split(", ")[0] in {"text", "long_text"}
    (problem,) = check_layers(layout("sort: [-title]", "sort: [-titel]"), TYPES)
    assert problem.params["known"].startswith("title")


def test_problems_of_several_documents_are_told_together() -> None:
    layers = shelf(
        book=BOOK.replace("max_length: 100", "max_length: x"),
        author=AUTHOR.replace("type: date", "type: dat"),
    )
    assert {p.document for p in check_layers(layers, TYPES)} == {"object/book", "object/author"}


def test_a_pack_of_one_language_may_write_plain_text() -> None:
    manifest = MANIFEST.replace("[zh-CN, en]", "[en]")
    assert (
        found(shelf(pack=manifest, author=AUTHOR.replace("{zh-CN: 生日, en: Born on}", "Born")))
        == []
    )


def test_roles_are_the_options_of_a_field_that_asks_for_them() -> None:
    rule = (
        "rules:\n  clerks:\n    check: {field: roles, op: in, value: [%s]}\n"
        "    message: {zh-CN: 甲, en: A}\n"
    )
    assert found(shelf(user=USER + rule % "clerk")) == []
    assert [code for code, _, _ in found(shelf(user=USER + rule % "boss"))] == ["unknown_option"]


def test_too_many_options_and_fields_are_refused() -> None:
    options = "".join(f"  o{n}: {{{SAYS}}}\n" for n in range(1001))
    kinds = KINDS.replace("  poetry: {label: {zh-CN: 诗歌, en: Poetry}}\n", options)
    assert ("too_many_options", "option_set/book_kind", "options") in found(shelf(kinds=kinds))
    fields = "".join(f"  f{n}: {{type: text, {SAYS}}}\n" for n in range(400))
    many = AUTHOR + fields
    assert found(shelf(author=many)) == [("too_many_fields", "object/author", "fields")]


def test_what_passed_before_is_not_checked_in_shape_again_but_in_its_references() -> None:
    before = load_site(shelf(), TYPES)
    assert check_layers(before.layers, TYPES, before) == []
    broken = layout("sort: [-title]", "sort: [-titel]")
    assert len(check_layers(broken, TYPES, before)) == 1
