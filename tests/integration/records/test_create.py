"""Creating: everything wrong is told at once, and nothing half done stays."""

from typing import Any

import pytest
from sqlalchemy import func, select

from engine.access.roles import rights_of
from engine.errors import Forbidden, InvalidInput, UnknownObject
from engine.history.read import read_history
from engine.records.create import create
from engine.records.writing import Writing
from engine.storage.kernel_tables import event, history
from tests.integration.records.world import NOW, World


def faults(error: InvalidInput) -> dict[str, str]:
    return {fault.field: fault.code for fault in error.errors}


def test_new_record_has_its_defaults_its_maker_and_its_owner(world: World) -> None:
    made = world.create("x_task", world.ann, name="Shelve")
    with world.unit() as unit:
        table = unit.snapshot.object("x_task").table
        row = unit.connection.execute(select(table)).mappings().one()
    assert (row["version"], row["created_at"], row["updated_at"]) == (1, NOW, NOW)
    assert row["created_by_id"] == row["updated_by_id"] == row["owner_id"] == world.ann.user_id
    assert row["owner_department_id"] == world.desk
    assert (row["received_at"], row["received_via"]) == (NOW, "created")
    assert made.version == 1


def test_all_faults_are_told_at_once(world: World) -> None:
    wrong = {
        "title": "",
        "author": "x" * 101,
        "price": "a lot",
        "category": "no_such",
        "published_on": "2026-02-30",
        "created_at": "2026-01-01",
        "nonsense": 1,
        "x_keeper": 999,
    }
    with world.unit() as unit, pytest.raises(InvalidInput) as refused:
        create(unit, "book", wrong)
    assert faults(refused.value) == {
        "title": "required",
        "author": "too_long",
        "price": "not_a_number",
        "category": "unknown_option",
        "published_on": "not_a_date",
        "created_at": "readonly",
        "nonsense": "unknown_field",
        "x_keeper": "link_not_found",
    }


def test_refused_record_leaves_nothing(world: World) -> None:
    def counts() -> list[int]:
        with world.unit() as unit:
            tables = [unit.snapshot.object("book").table, history, event]
            return [
                unit.connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in tables
            ]

    before = counts()
    with pytest.raises(InvalidInput):
        world.book(title="")
    assert counts() == before


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"x_lendable": False}, {"x_damage": "required"}),
        ({"x_lendable": False, "x_damage": "torn"}, {}),
        ({"x_lendable": True}, {}),
    ],
)
def test_required_if_and_visible_if(
    world: World, values: dict[str, Any], wrong: dict[str, str]
) -> None:
    if wrong:
        with pytest.raises(InvalidInput) as refused:
            world.book(**values)
        assert faults(refused.value) == wrong
    else:
        assert world.book(**values)


def test_hidden_field_takes_no_value(world: World) -> None:
    made = world.create("book", x_lendable=True, x_damage="torn")
    damage = world.live.snapshot.object("book").field("x_damage").id
    assert damage not in {change.field_id for change in made.changes}


def test_rule_across_fields_stands_beside_the_first_that_it_checks(world: World) -> None:
    book, reader = world.book(), world.create("reader").id
    with pytest.raises(InvalidInput) as refused:
        world.create("loan", book=book, reader=reader, due_on="2026-11-19")
    (fault,) = refused.value.errors
    assert (fault.field, fault.code, fault.params["rule"]) == (
        "due_on",
        "rule_broken",
        "due_after_lent",
    )
    assert fault.params["message"] == "应还日期不能早于借出日期"


def test_link_must_meet_its_filter(world: World) -> None:
    first = world.book(author="Tolstoy")
    with pytest.raises(InvalidInput) as refused:
        world.book(author="Dickens", x_sequel_of=first)
    assert faults(refused.value) == {"x_sequel_of": "link_not_allowed"}
    assert world.book(author="Tolstoy", x_sequel_of=first)


def test_link_out_of_reach_is_as_if_not_there(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.book(world.ann, x_keeper=world.bob.user_id)
    assert faults(refused.value) == {"x_keeper": "link_not_found"}
    assert world.book(world.ann, x_keeper=world.ann.user_id)


def test_what_is_not_granted_is_denied(world: World) -> None:
    with world.unit(world.ann) as unit:
        with pytest.raises(UnknownObject):
            create(unit, "reader", {})
        with pytest.raises(UnknownObject):
            create(unit, "no_such_object", {})


def test_hidden_and_read_only_fields_of_a_role(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.create("x_task", world.ann, name="Shelve", secret="s", code="c")
    assert faults(refused.value) == {"secret": "unknown_field", "code": "readonly"}


def test_nobody_hands_out_records_without_the_right(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.create("x_task", world.ann, name="Shelve", owner=world.bob.user_id)
    assert "owner" in faults(refused.value)


def test_trusted_caller_sets_owner_and_origin(world: World) -> None:
    early = NOW.replace(year=2020)
    writing = Writing(owner=world.bob.user_id, via="imported", created_at=early)
    with world.unit() as unit:
        made = create(unit, "x_task", {"name": "Old"}, writing=writing)
        table = unit.snapshot.object("x_task").table
        row = unit.connection.execute(select(table).where(table.c.id == made.id)).mappings().one()
    assert (row["owner_id"], row["received_via"]) == (world.bob.user_id, "imported")
    assert row["created_at"] == row["received_at"] == early
    assert row["owner_department_id"] == world.desk


def test_history_and_event_come_with_the_record(world: World) -> None:
    made = world.create("book", x_keeper=world.ann.user_id)
    with world.unit() as unit:
        predicate = rights_of(unit).predicate("book", "read")
        (entry,) = read_history(unit, predicate, "book", made.id).entries
        told = unit.connection.execute(
            select(event).where(
                event.c.record_id == made.id,
                event.c.object_id == unit.snapshot.object("book").id,
            )
        ).one()
    seen = {change.key: change.change.new_text for change in entry.changes}
    assert (entry.action, entry.by_name, entry.request_id) == ("create", "system", "r-1")
    assert seen["title"] == "War and Peace"
    assert seen["x_keeper"] == "Ann"
    assert (told.kind, told.data["version"]) == ("record.created", 1)


def test_create_only_role_may_create(world: World) -> None:
    book = world.book(world.ann)
    with world.unit(world.ann) as unit, pytest.raises(Forbidden):
        rights_of(unit).predicate("book", "update")
    assert book
