"""Changes of a draft as data."""

from typing import Any

from ui.designer.changes import (
    MISSING,
    added,
    concerns,
    hidden,
    identity,
    is_new,
    renamed,
    restored,
    same,
    set_value,
    without,
    without_field,
)

BOOK = "object/book"
AREA = {"type": "text", "label": "A"}


def change(op: str, path: str, document: str = BOOK, **more: Any) -> dict[str, Any]:
    return {"op": op, "document": document, "path": path, **more}


def test_what_is_added_twice_is_said_once_and_keeps_its_place() -> None:
    first = [change("add", "fields/x_a", value=AREA, place="none"), change("remove", "fields/b")]
    again = added(first, BOOK, "fields/x_a", {**AREA, "required": True}, place="none")
    assert [one["path"] for one in again] == ["fields/x_a", "fields/b"]
    assert again[0]["value"]["required"] is True
    assert "place" not in added(first, BOOK, "fields/x_a", AREA)[0]


def test_a_value_inside_an_addition_becomes_part_of_it() -> None:
    draft = added([], BOOK, "fields/x_a", AREA)
    named = set_value(draft, BOOK, "fields/x_a/label", "B")
    assert named == [change("add", "fields/x_a", value={"type": "text", "label": "B"})]
    assert draft[0]["value"]["label"] == "A"
    assert "label" not in set_value(named, BOOK, "fields/x_a/label", MISSING)[0]["value"]


def test_a_document_of_the_draft_takes_everything_in() -> None:
    draft = added([], "list/book.x_main", "", {"object": "book", "columns": {}})
    filled = set_value(draft, "list/book.x_main", "columns/title", {})
    assert filled[0]["value"]["columns"] == {"title": {}}
    assert len(filled) == 1


def test_wishing_for_what_is_published_is_no_wish() -> None:
    draft = set_value([], BOOK, "fields/a/label/en", "B", published="A")
    assert draft == [change("set", "fields/a/label/en", value="B")]
    assert set_value(draft, BOOK, "fields/a/label/en", "A", published="A") == []


def test_a_wish_replaces_the_earlier_one_and_those_inside() -> None:
    draft = set_value([], BOOK, "fields/a/help/en", "x")
    assert set_value(draft, BOOK, "fields/a/help", "y") == [
        change("set", "fields/a/help", value="y")
    ]


def test_taking_a_value_away_is_a_removal_where_there_is_one() -> None:
    assert set_value([], BOOK, "fields/a/help", MISSING, published="x") == [
        change("remove", "fields/a/help")
    ]
    assert set_value([], BOOK, "fields/a/help", MISSING) == []


def test_true_is_not_one_and_order_is_meaning() -> None:
    assert not same(1, True)
    assert not same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert same(MISSING, MISSING)
    assert not same(MISSING, None)


def test_hiding_takes_everything_about_the_field_along() -> None:
    draft = [
        change("set", "fields/a/label", value="B"),
        change("place", "tabs/t/sections/s/items/a", "form/book.edit", after="b"),
        change("set", "fields/ab/label", value="C"),
    ]
    assert hidden(draft, "book", "a") == [draft[2], change("remove", "fields/a")]


def test_hiding_a_new_field_forgets_it() -> None:
    draft = added([], BOOK, "fields/x_a", AREA)
    assert hidden(draft, "book", "x_a") == []


def test_hiding_and_restoring_cancel_each_other() -> None:
    gone = hidden([], "book", "a")
    assert restored(gone, "book", "a") == []
    back = restored([], "book", "a")
    assert back == [change("remove", "fields/a")]
    assert hidden(back, "book", "a") == []


def test_a_new_key_reaches_every_place() -> None:
    draft = [
        change("add", "fields/x_a", value=AREA),
        change("add", "tabs/t/sections/s/items/x_a", "form/book.edit", value={}, after="b"),
        change("set", "tabs/t/sections/s/items/x_a/width", "form/book.edit", value=100),
        change("place", "tabs/t/sections/s/items/c", "form/book.edit", after="x_a"),
        change("add", "columns/x_a", "list/book.main", value={}),
        change("add", "fields/x_a", "object/reader", value=AREA),
    ]
    paths = [(one["path"], one.get("after")) for one in renamed(draft, "book", "x_a", "x_b")]
    assert paths == [
        ("fields/x_b", None),
        ("tabs/t/sections/s/items/x_b", "b"),
        ("tabs/t/sections/s/items/x_b/width", None),
        ("tabs/t/sections/s/items/c", "x_b"),
        ("columns/x_b", None),
        ("fields/x_a", None),
    ]


def test_a_change_concerns_its_own_field_only() -> None:
    assert concerns(change("set", "fields/a/label"), "book", "a")
    assert not concerns(change("set", "fields/ab"), "book", "a")
    assert not concerns(change("set", "fields/a", "object/reader"), "book", "a")
    assert concerns(change("add", "columns/a", "list/book.main"), "book", "a")
    assert without_field([change("add", "columns/a", "list/book.main")], "book", "a") == []


def test_changes_are_taken_back_by_name() -> None:
    draft = [change("remove", "fields/a"), change("remove", "fields/b")]
    assert without(draft, [identity(draft[0])]) == [draft[1]]
    assert is_new(added([], BOOK, "fields/x_a", AREA), BOOK, "fields/x_a")
