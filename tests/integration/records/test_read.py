"""The read gateway: what is out of reach, or hidden, is as if it were not there."""

import pytest

from engine.access.roles import rights_of
from engine.errors import Forbidden, RecordNotFound, UnknownField, UnknownObject
from engine.history.read import fields_changed_since, read_history
from engine.query.listing import ListRequest
from engine.records.change import change
from engine.records.encode import covered, page_json, record_json
from engine.records.read import choices, count, get, page, related, some
from engine.records.remove import remove
from metadata.conditions import Exists, Test
from tests.integration.records.world import World


def test_record_is_the_json_of_the_contract(world: World) -> None:
    book = world.book(price="1280", x_tags=["x"], published_on="2026-11-23", x_weight="1.5")
    task = world.create("x_task", world.ann, name="Shelve", book=book).id
    with world.unit() as unit:
        shown = record_json(unit, "book", get(unit, "book", book))
        linked = record_json(unit, "x_task", get(unit, "x_task", task))
    expected = {
        "id": book, "version": 1, "title": "War and Peace", "price": "1280.00",
        "x_tags": ["x"], "published_on": "2026-11-23", "x_weight": "1.500",
        "created_at": "2026-11-23T09:42:00Z", "x_lendable": True, "isbn": None,
        "category": "fiction",
    }  # fmt: skip
    assert {key: shown[key] for key in expected} == expected
    assert linked["book"] == {"id": book, "label": "War and Peace"}
    assert linked["owner"] == {"id": world.ann.user_id, "label": "Ann"}


def test_hidden_fields_are_absent(world: World) -> None:
    task = world.create("x_task", name="Shelve", owner=world.ann.user_id, secret="s").id
    with world.unit(world.ann) as unit:
        shown = record_json(unit, "x_task", get(unit, "x_task", task))
        assert "secret" not in shown
        (row,) = page_json(unit, "x_task", page(unit, ListRequest(object="x_task")))
        assert "secret" not in row
        for asked in (
            ListRequest(object="x_task", columns=("secret",)),
            ListRequest(object="x_task", sort=("-secret",)),
            ListRequest(object="x_task", where=Test("secret", "eq", "s")),
        ):
            with pytest.raises(UnknownField):
                page(unit, asked)
        predicate = rights_of(unit).predicate("x_task", "read")
        (entry,) = read_history(unit, predicate, "x_task", task).entries
    assert "secret" not in {change.key for change in entry.changes}
    assert entry.hidden == 1


def test_out_of_reach_is_not_found(world: World) -> None:
    task = world.create("x_task", world.bob, name="Shelve").id
    with world.unit(world.ann) as unit:
        for missing in (task, 999):
            with pytest.raises(RecordNotFound):
                get(unit, "x_task", missing)
            predicate = rights_of(unit).predicate("x_task", "read")
            with pytest.raises(RecordNotFound):
                read_history(unit, predicate, "x_task", missing)
        assert page(unit, ListRequest(object="x_task")).rows == []
        assert count(unit, ListRequest(object="x_task")).value == 0
        with pytest.raises(UnknownObject):
            page(unit, ListRequest(object="reader"))


def test_count_and_page_agree(world: World) -> None:
    for number in range(5):
        world.book(x_pages=number + 1)
    request = ListRequest(object="book", where=Test("x_pages", "gt", 2), limit=2)
    with world.unit() as unit:
        assert count(unit, request).value == 3
        first = page(unit, request)
        assert first.has_more
        assert len(first.rows) == 2


def test_some_keeps_the_order_of_the_ids(world: World) -> None:
    ids = [world.book() for _ in range(3)]
    with world.unit() as unit:
        found = some(unit, "book", [ids[2], 999, ids[0]], ("title",))
    assert [row[found.id_index] for row in found.rows] == [ids[2], ids[0]]


def test_related_list_of_a_record(world: World) -> None:
    book, other = world.book(), world.book()
    reader = world.create("reader").id
    mine = [world.create("loan", book=book, reader=reader).id for _ in range(2)]
    world.create("loan", book=other, reader=reader)
    with world.unit() as unit:
        found = related(unit, "book", book, "loans")
        assert sorted(row[found.id_index] for row in found.rows) == mine
        with pytest.raises(UnknownField):
            related(unit, "book", book, "no_such_list")
    with world.unit(world.ann) as unit, pytest.raises((Forbidden, UnknownObject)):
        related(unit, "book", book, "loans")


def test_exists_looks_only_where_one_may_read(world: World) -> None:
    book = world.book()
    world.create("loan", book=book, reader=world.create("reader").id)
    request = ListRequest(object="book", where=Exists("loans"))
    with world.unit() as unit:
        assert count(unit, request).value == 1
    with world.unit(world.ann) as unit, pytest.raises(UnknownField):
        count(unit, request)


def test_picker_follows_the_filter_and_the_form(world: World) -> None:
    same = world.book(title="Anna")
    world.book(title="Annals", author="Tacitus")
    with world.unit() as unit:
        offered = choices(unit, "book", "x_sequel_of", values={"author": "Tolstoy"})
        nothing = choices(unit, "book", "x_sequel_of", values={})
        found = choices(unit, "book", "x_sequel_of", values={"author": "Tolstoy"}, search="ann")
    assert [(label.id, label.text) for label in offered] == [(same, "Anna")]
    assert nothing == []
    assert [label.id for label in found] == [same]


def test_picker_of_a_hidden_or_plain_field(world: World) -> None:
    with world.unit(world.ann) as unit:
        for key in ("secret", "name"):
            with pytest.raises(UnknownField):
                choices(unit, "x_task", key, values={})
        with pytest.raises((Forbidden, UnknownObject)):
            choices(unit, "book", "x_room", values={})


def test_bin_is_another_list(world: World) -> None:
    kept, gone = world.book(), world.book()
    with world.unit() as unit:
        remove(unit, "book", gone)
        listed = page(unit, ListRequest(object="book"))
        binned = page(unit, ListRequest(object="book", bin=True))
        assert [row[listed.id_index] for row in listed.rows] == [kept]
        assert [row[binned.id_index] for row in binned.rows] == [gone]
        with pytest.raises(RecordNotFound):
            get(unit, "book", gone)
        assert get(unit, "book", gone, bin=True).id == gone
    with world.unit(world.ann) as unit, pytest.raises(Forbidden):
        page(unit, ListRequest(object="book", bin=True))


def test_changed_fields_since_a_version(world: World) -> None:
    book = world.book()
    with world.unit() as unit:
        bound = unit.snapshot.object("book")
        change(unit, "book", book, {"x_pages": 5}, version=1)
        change(unit, "book", book, {"shelf": "A"}, version=2)
        since = {
            version: fields_changed_since(unit, bound, book, version) for version in (1, 2, 3)
        }
    pages, shelf = bound.field("x_pages").id, bound.field("shelf").id
    assert since == {1: {pages: None, shelf: None}, 2: {shelf: None}, 3: {}}


def test_history_pages_go_back(world: World) -> None:
    book = world.book()
    with world.unit() as unit:
        for version in range(1, 5):
            change(unit, "book", book, {"x_pages": version}, version=version)
        predicate = rights_of(unit).predicate("book", "read")
        first = read_history(unit, predicate, "book", book, limit=3)
        second = read_history(unit, predicate, "book", book, before=first.before, limit=3)
    assert [entry.version for entry in first.entries] == [5, 4, 3]
    assert [entry.version for entry in second.entries] == [2, 1]
    assert second.before is None


@pytest.mark.parametrize(
    ("text", "shown"), [("13800001234", "138*****234"), ("abc", "***"), ("", "")]
)
def test_covered_text_shows_its_ends_alone(text: str, shown: str) -> None:
    assert covered(text) == shown


def test_of_a_covered_amount_nothing_is_seen(world: World) -> None:
    with world.unit() as unit:
        fields = unit.snapshot.object("book").fields
    for key in ("price", "x_weight", "x_share", "x_pages", "x_story"):
        assert covered("1280000.50", fields[key]) == covered("7", fields[key]) == "****"
    assert covered("", fields["price"]) == ""
    assert covered("13800001234", fields["x_phone"]) == "138*****234"
