"""Deleting, what it reaches, and the way back."""

import pytest
from sqlalchemy import select

from engine.access.roles import rights_of
from engine.errors import (
    DeleteBlocked,
    Forbidden,
    InvalidInput,
    RecordNotFound,
    SaveConflict,
)
from engine.history.read import read_history
from engine.records.change import change
from engine.records.purge import purge
from engine.records.remove import remove
from engine.records.restore import restore
from engine.storage.kernel_tables import event, history, search
from engine.storage.snapshot import Unit
from tests.integration.records.world import NOW, World


def live_ids(unit: Unit, object_key: str) -> set[int]:
    table = unit.snapshot.object(object_key).table
    return set(unit.connection.scalars(select(table.c.id).where(table.c.deleted_at.is_(None))))


def value_of(unit: Unit, object_key: str, record_id: int, column: str) -> object:
    table = unit.snapshot.object(object_key).table
    return unit.connection.execute(
        select(table.c[column]).where(table.c.id == record_id)
    ).scalar_one()


@pytest.fixture
def lent(world: World) -> dict[str, int]:
    """A book that is lent; the loan has two notes."""
    book = world.book()
    loan = world.create("loan", book=book, reader=world.create("reader").id).id
    notes = [world.create("x_note", name=name, loan=loan).id for name in ("a", "b")]
    return {"book": book, "loan": loan, "first": notes[0], "second": notes[1]}


def test_restricting_records_are_counted_and_named(world: World, lent: dict[str, int]) -> None:
    with world.unit() as unit, pytest.raises(DeleteBlocked) as refused:
        remove(unit, "book", lent["book"])
    (blocker,) = refused.value.params["blockers"]
    assert (blocker["object"], blocker["field"], blocker["count"]) == ("loan", "book", 1)
    assert [sample["id"] for sample in blocker["samples"]] == [lent["loan"]]
    assert blocker["samples"][0]["label"].startswith("JY-")


def test_cascade_falls_and_comes_back_together(world: World, lent: dict[str, int]) -> None:
    with world.unit() as unit:
        removed = remove(unit, "loan", lent["loan"])
        assert live_ids(unit, "loan") == live_ids(unit, "x_note") == set()
        assert value_of(unit, "x_note", lent["first"], "deleted_batch") == removed.batch
        assert value_of(unit, "loan", lent["loan"], "deleted_at") == NOW
    with world.unit() as unit:
        back = restore(unit, "loan", lent["loan"])
        assert back == {"loan": [lent["loan"]], "x_note": [lent["first"], lent["second"]]}
        assert live_ids(unit, "x_note") == {lent["first"], lent["second"]}


def test_what_was_deleted_before_stays_in_the_bin(world: World, lent: dict[str, int]) -> None:
    with world.unit() as unit:
        remove(unit, "x_note", lent["first"])
        remove(unit, "loan", lent["loan"])
        restore(unit, "loan", lent["loan"])
        assert live_ids(unit, "x_note") == {lent["second"]}


def test_child_does_not_come_back_without_its_parent(world: World, lent: dict[str, int]) -> None:
    with world.unit() as unit:
        remove(unit, "x_note", lent["first"])
        remove(unit, "loan", lent["loan"])
        with pytest.raises(InvalidInput) as refused:
            restore(unit, "x_note", lent["first"])
        assert refused.value.errors[0].code == "link_in_bin"
        restore(unit, "loan", lent["loan"])
        assert live_ids(unit, "x_note") == {lent["second"]}
        restore(unit, "x_note", lent["first"])
        assert value_of(unit, "x_note", lent["first"], "loan_id") == lent["loan"]


def test_cleared_links_are_changes_with_history(world: World) -> None:
    book = world.book()
    sequel = world.book(title="Sequel", x_sequel_of=book)
    task = world.create("x_task", name="Shelve", book=book).id
    with world.unit() as unit:
        remove(unit, "book", book)
        assert value_of(unit, "book", sequel, "x_sequel_of_id") is None
        assert value_of(unit, "x_task", task, "book_id") is None
        assert value_of(unit, "x_task", task, "version") == 2
        predicate = rights_of(unit).predicate("x_task", "read")
        latest = read_history(unit, predicate, "x_task", task).entries[0]
    assert [(seen.key, seen.change.old_text) for seen in latest.changes] == [
        ("book", "War and Peace")
    ]


def test_restored_record_loses_links_to_what_is_gone(world: World) -> None:
    book = world.book()
    task = world.create("x_task", name="Shelve", book=book).id
    with world.unit() as unit:
        remove(unit, "x_task", task)
        remove(unit, "book", book)
        restore(unit, "x_task", task)
        assert value_of(unit, "x_task", task, "book_id") is None


def test_restore_needs_what_it_cannot_lose(world: World, lent: dict[str, int]) -> None:
    with world.unit() as unit:
        remove(unit, "loan", lent["loan"])
        remove(unit, "book", lent["book"])
        with pytest.raises(InvalidInput) as refused:
            restore(unit, "loan", lent["loan"])
    assert [(fault.field, fault.code) for fault in refused.value.errors] == [
        ("book", "link_in_bin")
    ]


def test_unique_value_is_free_while_its_record_is_in_the_bin(world: World) -> None:
    first = world.book(isbn="978-1")
    with world.unit() as unit:
        remove(unit, "book", first)
    second = world.book(isbn="978-1")
    with world.unit() as unit, pytest.raises(InvalidInput) as refused:
        restore(unit, "book", first)
    (fault,) = refused.value.errors
    assert (fault.field, fault.code, fault.params["id"]) == ("isbn", "not_unique", second)


def test_stale_delete_conflicts(world: World) -> None:
    book = world.book()
    with world.unit() as unit:
        change(unit, "book", book, {"title": "Anna"}, version=1)
        with pytest.raises(SaveConflict):
            remove(unit, "book", book, version=1)
        assert remove(unit, "book", book, version=2).records == {"book": [book]}


def test_purge_keeps_history_alone(world: World, lent: dict[str, int]) -> None:
    book = world.book(x_tags=["rare"], isbn="978-2")
    with world.unit() as unit:
        with pytest.raises(RecordNotFound):
            purge(unit, "book", book)
        remove(unit, "book", book)
        assert purge(unit, "book", book) == {"book": [book]}
        bound = unit.snapshot.object("book")
        side = bound.field("x_tags").side
        assert side is not None
        assert unit.connection.execute(select(side)).all() == []
        found = select(search).where(search.c.record_id == book, search.c.object_id == bound.id)
        assert unit.connection.execute(found).all() == []
        entries = unit.connection.scalars(
            select(history.c.action)
            .where(history.c.record_id == book, history.c.object_id == bound.id)
            .order_by(history.c.id)
        ).all()
        assert entries == ["create", "delete", "purge"]
        with pytest.raises(RecordNotFound):
            restore(unit, "book", book)


def test_purge_takes_what_fell_with_it(world: World, lent: dict[str, int]) -> None:
    with world.unit() as unit:
        remove(unit, "loan", lent["loan"])
        gone = purge(unit, "loan", lent["loan"])
    assert gone == {"loan": [lent["loan"]], "x_note": [lent["first"], lent["second"]]}


def test_events_tell_of_every_record(world: World, lent: dict[str, int]) -> None:
    with world.unit() as unit:
        remove(unit, "loan", lent["loan"])
        restore(unit, "loan", lent["loan"])
        kinds = unit.connection.scalars(
            select(event.c.kind)
            .where(event.c.object_id == unit.snapshot.object("x_note").id)
            .order_by(event.c.id)
        ).all()
    assert kinds == ["record.created"] * 2 + ["record.deleted"] * 2 + ["record.restored"] * 2


def test_bin_of_others_is_out_of_reach(world: World) -> None:
    mine = world.create("x_task", world.ann, name="Mine").id
    theirs = world.create("x_task", world.bob, name="Theirs").id
    with world.unit(world.ann) as unit:
        with pytest.raises(RecordNotFound):
            remove(unit, "x_task", theirs)
        remove(unit, "x_task", mine)
        restore(unit, "x_task", mine)
        with pytest.raises(Forbidden):
            purge(unit, "x_task", mine)
    with world.unit() as unit:
        remove(unit, "x_task", theirs)
    with world.unit(world.ann) as unit, pytest.raises(RecordNotFound):
        restore(unit, "x_task", theirs)
