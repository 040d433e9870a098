"""Links to several records: what they may name, what a deletion takes out of them, who points."""

import pytest

from engine.access.roles import rights_of
from engine.errors import DeleteBlocked, InvalidInput
from engine.history.read import read_history
from engine.query.listing import ListRequest
from engine.records.change import change
from engine.records.create import create
from engine.records.encode import page_json, record_json
from engine.records.purge import purge
from engine.records.read import choices, get, page, related
from engine.records.remove import remove
from engine.records.restore import restore
from engine.storage.snapshot import Unit
from metadata.conditions import parse_condition
from tests.integration.records.world import World
from tests.support.library import added_field, publish
from tests.support.statements import counted


def related_of(unit: Unit, book: int) -> list[int]:
    shown = record_json(unit, "book", get(unit, "book", book, ("x_related",)))
    return [one["id"] for one in shown["x_related"]]


def test_what_they_name_has_to_be_there_and_to_meet_the_filter(world: World) -> None:
    other = world.book(author="Proust")
    gone = world.book()
    with world.unit() as unit:
        remove(unit, "book", gone)
    for named, code in (
        ([999], "link_not_found"),
        ([gone], "link_not_found"),
        ([other], "link_not_allowed"),
    ):
        with pytest.raises(InvalidInput) as refused:
            world.book(x_related=named)
        assert [(one.field, one.code) for one in refused.value.errors] == [("x_related", code)]


def test_somebody_may_not_add_whom_he_may_not_read_but_keeps_those_that_are_there(
    world: World,
) -> None:
    with pytest.raises(InvalidInput):
        world.book(world.ann, x_readers=[world.bob.user_id])
    assert world.book(world.ann, x_readers=[world.ann.user_id])
    book = world.book(x_readers=[world.bob.user_id])
    with world.unit(world.ann) as unit:
        shown = record_json(unit, "book", get(unit, "book", book, ("x_readers",)))
    assert [one["label"] for one in shown["x_readers"]] == ["Bob"]


def test_order_is_kept_and_doubles_fall(world: World) -> None:
    first, second = world.book(), world.book()
    book = world.book(x_related=[second, first, second])
    with world.unit() as unit:
        assert related_of(unit, book) == [second, first]


def test_a_deletion_takes_one_out_and_says_so(world: World) -> None:
    first, second = world.book(title="One"), world.book(title="Two")
    book = world.book(x_related=[first, second])
    with world.unit() as unit:
        remove(unit, "book", first)
        assert related_of(unit, book) == [second]
        predicate = rights_of(unit).predicate("book", "read")
        newest = read_history(unit, predicate, "book", book).entries[0]
    (seen,) = newest.changes
    assert (seen.change.old, seen.change.new) == ([first, second], [second])
    assert (seen.change.old_text, seen.change.new_text) == ("One\nTwo", "Two")


def test_a_record_that_comes_back_leaves_out_what_is_gone(world: World) -> None:
    first, second = world.book(), world.book()
    book = world.book(x_related=[first, second])
    with world.unit() as unit:
        remove(unit, "book", book)
        remove(unit, "book", first)
        purge(unit, "book", first)
        restore(unit, "book", book)
        assert related_of(unit, book) == [second]


def test_restricting_links_stand_in_the_way(world: World) -> None:
    publish(world.live, added_field("x_needs", type="links", to="book", on_delete="restrict"))
    first = world.book()
    book = world.book(x_needs=[first])
    with world.unit() as unit, pytest.raises(DeleteBlocked) as refused:
        remove(unit, "book", first)
    (blocker,) = refused.value.params["blockers"]
    assert (blocker["field"], blocker["samples"][0]["id"]) == ("x_needs", book)


def test_the_other_side_lists_who_points_here(world: World) -> None:
    first = world.book()
    pointing = [world.book(x_related=[first]), world.book(x_related=[first])]
    world.book()
    with world.unit() as unit:
        found = related(unit, "book", first, "x_related_from", ListRequest(object="book"))
        assert {row[found.id_index] for row in found.rows} == set(pointing)
        where = parse_condition({"exists": {"list": "x_related_from"}})
        listed = page(unit, ListRequest(object="book", where=where))
        assert [row[listed.id_index] for row in listed.rows] == [first]


def test_names_of_a_whole_page_cost_one_statement(world: World) -> None:
    named = [world.book(title=f"T{number}") for number in range(6)]
    for at in range(6):
        world.book(x_related=named[at:], x_readers=[world.ann.user_id])
    request = ListRequest(object="book", columns=("title", "x_related"), limit=50)
    with world.unit() as unit:
        page(unit, request)
        with counted(unit.connection) as statements:
            found = page(unit, request)
        rows = page_json(unit, "book", found)
    assert len(statements) == 2
    assert sorted(len(row["x_related"]) for row in rows) == [0] * 6 + [1, 2, 3, 4, 5, 6]
    assert {one["label"] for row in rows for one in row["x_related"]} == {
        f"T{number}" for number in range(6)
    }


def test_a_picker_offers_what_the_filter_lets_through(world: World) -> None:
    mine = world.book(title="Mine")
    world.book(title="Theirs", author="Proust")
    with world.unit() as unit:
        offered = choices(unit, "book", "x_related", values={"author": "Tolstoy"})
    assert [label.id for label in offered] == [mine]


def test_any_all_and_none(world: World) -> None:
    first, second = world.book(title="a"), world.book(title="b")
    both = world.book(title="both", x_related=[first, second])
    one = world.book(title="one", x_related=[first])
    for op, value, wanted in (
        ("in", [second, first], {both, one}),
        ("contains", [first, second], {both}),
        ("contains", first, {both, one}),
        ("not_in", [second], {one, first, second}),
        ("not_contains", [first, second], {one, first, second}),
        ("empty", None, {first, second}),
    ):
        test = {"field": "x_related", "op": op} | ({} if value is None else {"value": value})
        with world.unit() as unit:
            found = page(unit, ListRequest(object="book", where=parse_condition(test)))
            assert {row[found.id_index] for row in found.rows} == wanted, op


def test_a_clerk_keeps_what_he_cannot_read_when_he_adds_one(world: World) -> None:
    task = world.create("x_task", name="t", owner=world.bob.user_id).id
    publish(world.live, added_field("x_tasks", type="links", to="x_task"), UPDATER)
    book = world.book(x_tasks=[task])
    own = world.create("x_task", world.ann, name="own").id
    with world.unit(world.ann) as unit:
        changed = change(unit, "book", book, {"x_tasks": [task, own]}, version=1)
        assert changed.version == 2
        with pytest.raises(InvalidInput):
            create(unit, "book", {"title": "t", "author": "a", "x_tasks": [task]})


UPDATER = {
    "op": "add",
    "document": "role/x_clerk",
    "path": "objects/book/update",
    "value": "all",
}


def test_a_link_to_any_is_checked_by_the_rights_of_what_it_names(world: World) -> None:
    task = world.create("x_task", name="t", owner=world.bob.user_id).id
    publish(
        world.live,
        added_field(
            "x_case", type="any_link", to=["x_task", "book"],
            inverse={"key": "x_cases", "label": "Cases"},
        ),
    )  # fmt: skip
    for raw, code in (
        ({"object": "x_task", "id": task}, "link_not_found"),
        ({"object": "book", "id": 999}, "link_not_found"),
        ({"object": "reader", "id": 1}, "object_not_allowed"),
        ("x_task", "not_a_reference"),
    ):
        with pytest.raises(InvalidInput) as refused:
            world.book(world.ann, x_case=raw)
        assert [(one.field, one.code) for one in refused.value.errors] == [("x_case", code)]
    book = world.book(x_case=f"x_task/{task}")
    with world.unit() as unit:
        shown = record_json(unit, "book", get(unit, "book", book, ("x_case",)))
        assert shown["x_case"] == {"object": "x_task", "id": task, "label": "t"}
        listed = related(unit, "x_task", task, "x_cases", ListRequest(object="book"))
        assert [row[listed.id_index] for row in listed.rows] == [book]
        assert [one.text for one in choices(unit, "book", "x_case", values={}, target="x_task")]


@pytest.mark.parametrize("rule", ["clear", "restrict", "cascade"])
def test_what_a_link_to_any_names_is_deleted(world: World, rule: str) -> None:
    publish(
        world.live, added_field("x_case", type="any_link", to=["book", "user"], on_delete=rule)
    )
    first = world.book(title="One")
    book = world.book(x_case={"object": "book", "id": first}, x_sources=[f"book/{first}"])
    with world.unit() as unit:
        if rule == "restrict":
            with pytest.raises(DeleteBlocked):
                remove(unit, "book", first)
            return
        fell = remove(unit, "book", first).records["book"]
        assert sorted(fell) == ([first, book] if rule == "cascade" else [first])
        restore(unit, "book", first)
        shown = record_json(unit, "book", get(unit, "book", book, ("x_case", "x_sources")))
    if rule == "clear":
        assert shown["x_case"] is None
        assert shown["x_sources"] == []
    else:
        assert shown["x_case"]["label"] == "One"
