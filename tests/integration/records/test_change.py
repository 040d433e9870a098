"""Changing: from the version that was seen, merged where it can be, refused where it cannot."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.errors import (
    Forbidden,
    InvalidInput,
    RecordNotFound,
    SaveConflict,
    VersionMissing,
)
from engine.records.change import change
from engine.records.remove import remove
from engine.records.writing import Writing
from tests.integration.records.world import NOW, World


def test_change_moves_version_and_maker(world: World) -> None:
    book = world.book()
    later = NOW + timedelta(hours=1)
    with world.unit(now=later) as unit:
        written = change(unit, "book", book, {"title": "Anna"}, version=1)
        table = unit.snapshot.object("book").table
        row = unit.connection.execute(select(table)).mappings().one()
    assert written.version == row["version"] == 2
    assert (row["title"], row["created_at"], row["updated_at"]) == ("Anna", NOW, later)


def test_no_difference_writes_nothing(world: World) -> None:
    book = world.book(price="1.50")
    with world.unit(now=NOW + timedelta(hours=1)) as unit:
        written = change(unit, "book", book, {"price": "1.5", "title": "War and Peace"}, version=1)
        table = unit.snapshot.object("book").table
        row = unit.connection.execute(select(table)).mappings().one()
    assert (written.version, written.changes) == (1, ())
    assert row["updated_at"] == NOW


def test_version_must_be_named(world: World) -> None:
    book = world.book()
    with world.unit() as unit:
        with pytest.raises(VersionMissing):
            change(unit, "book", book, {"title": "Anna"}, version=None)
        trusted = Writing(unversioned=True)
        written = change(unit, "book", book, {"title": "A"}, version=None, writing=trusted)
    assert written.version == 2


def test_stale_version_merges_other_fields(world: World) -> None:
    book = world.book()
    with world.unit() as unit:
        change(unit, "book", book, {"title": "Anna"}, version=1)
        written = change(unit, "book", book, {"x_pages": 900}, version=1)
        table = unit.snapshot.object("book").table
        row = unit.connection.execute(select(table)).mappings().one()
    assert written.version == 3
    assert (row["title"], row["x_pages"]) == ("Anna", 900)


def test_stale_version_conflicts_on_the_same_field(world: World) -> None:
    book = world.book()
    with world.unit() as unit:
        change(unit, "book", book, {"x_keeper": world.ann.user_id, "price": "2"}, version=1)
        with pytest.raises(SaveConflict) as refused:
            change(
                unit,
                "book",
                book,
                {"x_keeper": world.bob.user_id, "price": "3", "x_pages": 5},
                version=1,
            )
    conflict = refused.value
    assert conflict.version == 2
    assert conflict.theirs == {
        "x_keeper": {"id": world.ann.user_id, "label": "Ann"}, "price": "2.00"
    }  # fmt: skip
    assert conflict.mine == {
        "x_keeper": {"id": world.bob.user_id, "label": "Bob"}, "price": "3.00"
    }  # fmt: skip


def test_both_sides_setting_the_same_value_is_no_conflict(world: World) -> None:
    book = world.book()
    with world.unit() as unit:
        change(unit, "book", book, {"title": "Anna"}, version=1)
        assert change(unit, "book", book, {"title": "Anna"}, version=1).version == 2


def test_version_of_the_future_conflicts(world: World) -> None:
    book = world.book()
    with world.unit() as unit, pytest.raises(SaveConflict):
        change(unit, "book", book, {"title": "Anna"}, version=7)


def test_field_that_gets_hidden_keeps_its_value(world: World) -> None:
    book = world.book(x_lendable=False, x_damage="torn")
    with world.unit() as unit:
        change(unit, "book", book, {"x_lendable": True, "x_damage": "mended"}, version=1)
        table = unit.snapshot.object("book").table
        row = unit.connection.execute(select(table)).mappings().one()
    assert row["x_damage"] == "torn"


def test_required_stays_required(world: World) -> None:
    book = world.book()
    with world.unit() as unit, pytest.raises(InvalidInput) as refused:
        change(unit, "book", book, {"title": " "}, version=1)
    assert [(fault.field, fault.code) for fault in refused.value.errors] == [("title", "required")]


def test_rule_judges_the_merged_record(world: World) -> None:
    loan = world.create("loan", book=world.book(), reader=world.create("reader").id)
    with world.unit() as unit, pytest.raises(InvalidInput) as refused:
        change(unit, "loan", loan.id, {"due_on": "2026-11-01"}, version=1)
    assert refused.value.errors[0].code == "rule_broken"


def test_record_of_another_is_as_if_not_there(world: World) -> None:
    task = world.create("x_task", world.bob, name="Shelve").id
    with world.unit(world.ann) as unit, pytest.raises(RecordNotFound) as hidden:
        change(unit, "x_task", task, {"name": "x"}, version=1)
    with world.unit(world.ann) as unit, pytest.raises(RecordNotFound) as absent:
        change(unit, "x_task", 999, {"name": "x"}, version=1)
    assert hidden.value.code == absent.value.code


def test_readable_but_not_changeable_is_forbidden(world: World) -> None:
    book = world.book()
    with world.unit(world.ann) as unit, pytest.raises(Forbidden):
        change(unit, "book", book, {"title": "x"}, version=1)


def test_owner_changes_by_action_alone(world: World) -> None:
    task = world.create("x_task", world.ann, name="Shelve").id
    with world.unit() as unit, pytest.raises(InvalidInput) as refused:
        change(unit, "x_task", task, {"owner": world.bob.user_id}, version=1)
    assert refused.value.errors[0].code == "by_action_only"
    trusted = Writing(system_fields=True, via="transferred")
    with world.unit() as unit:
        change(unit, "x_task", task, {"owner": world.bob.user_id}, version=1, writing=trusted)
        table = unit.snapshot.object("x_task").table
        row = unit.connection.execute(select(table)).mappings().one()
    assert (row["owner_id"], row["former_owner_id"]) == (world.bob.user_id, world.ann.user_id)
    assert row["received_via"] == "transferred"


def test_record_in_the_bin_cannot_be_changed(world: World) -> None:
    book = world.book()
    with world.unit() as unit:
        remove(unit, "book", book)
        with pytest.raises(RecordNotFound):
            change(unit, "book", book, {"title": "x"}, version=2)
