"""Many at once: batches of the API, selections of a list, rows of an import."""

from typing import Any

import pytest
from sqlalchemy import func, select

from engine.errors import InvalidInput
from engine.records.batch import MOST_ROWS, Operation, run_batch
from engine.records.bulk import change_each, purge_each, remove_each, restore_each
from engine.records.change_many import change_many
from engine.records.create_many import create_many
from engine.records.outcome import ROLLED_BACK
from engine.records.writing import Writing
from tests.integration.records.world import NEEDED, World

GOOD = {"title": "Anna", "author": "Tolstoy"}
BAD = {"title": "", "author": "Tolstoy"}


def books(world: World) -> int:
    with world.unit() as unit:
        table = unit.snapshot.object("book").table
        count = select(func.count()).where(table.c.deleted_at.is_(None))
        return unit.connection.execute(count).scalar_one()


def operations(world: World) -> list[Operation]:
    changed, removed = world.book(), world.book()
    return [
        Operation("create", values=GOOD),
        Operation("update", id=changed, version=1, values={"title": "B"}),
        Operation("delete", id=removed),
    ]


def test_batch_runs_every_verb(world: World) -> None:
    rows = operations(world)
    with world.unit() as unit:
        outcomes = run_batch(unit, "book", rows, atomic=True)
    assert [outcome.status for outcome in outcomes] == [201, 200, 204]
    assert [outcome.version for outcome in outcomes] == [1, 2, None]
    assert [outcome.id for outcome in outcomes][1:] == [row.id for row in rows][1:]
    assert books(world) == 2


@pytest.mark.parametrize("atomic", [True, False])
def test_one_bad_row_in_a_batch(world: World, *, atomic: bool) -> None:
    rows = [*operations(world), Operation("create", values=BAD), Operation("update", id=999)]
    with world.unit() as unit:
        outcomes = run_batch(unit, "book", rows, atomic=atomic)
    assert [outcome.status for outcome in outcomes[3:]] == [422, 428]
    assert isinstance(outcomes[3].error, InvalidInput)
    if atomic:
        assert {outcome.status for outcome in outcomes[:3]} == {ROLLED_BACK}
        assert [outcome.version for outcome in outcomes[:3]] == [None] * 3
        assert outcomes[0].id is None
        assert books(world) == 2
    else:
        assert [outcome.status for outcome in outcomes[:3]] == [201, 200, 204]
        assert books(world) == 2


def test_batch_has_a_limit(world: World) -> None:
    rows = [Operation("create", values=GOOD)] * (MOST_ROWS + 1)
    with world.unit() as unit, pytest.raises(InvalidInput):
        run_batch(unit, "book", rows, atomic=False)


def test_selection_is_changed_row_by_row(world: World) -> None:
    mine = [world.create("x_task", world.ann, name="t").id for _ in range(2)]
    theirs = world.create("x_task", world.bob, name="t").id
    with world.unit(world.ann) as unit:
        outcomes = change_each(unit, "x_task", [*mine, theirs, 999], {"name": "done"})
    assert [outcome.status for outcome in outcomes] == [200, 200, 404, 404]


def test_selection_goes_to_the_bin_comes_back_and_is_purged(world: World) -> None:
    loan = world.create("loan", book=world.book(), reader=world.create("reader").id).id
    notes = [world.create("x_note", name="n", loan=loan).id for _ in range(2)]
    with world.unit() as unit:
        # The second falls with the loan in the meantime: it is gone all the same.
        assert all(out.good for out in remove_each(unit, "loan", [loan]))
        assert [out.status for out in remove_each(unit, "x_note", notes)] == [404, 404]
        assert all(out.good for out in restore_each(unit, "loan", [loan]))
        assert all(out.good for out in remove_each(unit, "x_note", notes))
        assert all(out.good for out in purge_each(unit, "x_note", notes))


def test_import_writes_the_good_rows_and_tells_of_the_others(world: World) -> None:
    held = world.book(isbn="978-0")
    rows: list[dict[str, Any]] = [
        {**GOOD, "isbn": "978-1", "x_tags": "a,b", "x_keeper": world.ann.user_id},
        BAD,
        {**GOOD, "isbn": "978-1"},
        {**GOOD, "isbn": "978-0"},
        {**GOOD, "x_keeper": 999},
        {**GOOD, "isbn": "978-2", "x_colours": ["red"]},
    ]
    with world.unit() as unit:
        outcomes = create_many(unit, "book", rows)
    told = [
        [(fault.field, fault.code) for fault in outcome.error.errors]
        if isinstance(outcome.error, InvalidInput)
        else []
        for outcome in outcomes
    ]
    assert told == [
        [],
        [("title", "required")],
        [("isbn", "not_unique")],
        [("isbn", "not_unique")],
        [("x_keeper", "link_not_found")],
        [],
    ]
    assert [outcome.id for outcome in outcomes] == [held + 1, None, None, None, None, held + 2]
    assert books(world) == 3


def test_imported_numbers_are_made_like_others(world: World) -> None:
    needed = {**NEEDED["loan"], "book": world.book(), "reader": world.create("reader").id}
    with world.unit() as unit:
        outcomes = create_many(unit, "loan", [needed] * 3, writing=Writing(via="imported"))
        assert all(outcome.good for outcome in outcomes)
        table = unit.snapshot.object("loan").table
        rows = unit.connection.execute(
            select(table.c.number, table.c.received_via).order_by(table.c.id)
        ).all()
    assert [int(row.number.rsplit("-", 1)[1]) for row in rows] == [1, 2, 3]
    assert {row.received_via for row in rows} == {"imported"}


def test_ids_go_on_after_an_import(world: World) -> None:
    with world.unit() as unit:
        outcomes = create_many(unit, "book", [GOOD] * 5)
    assert world.book() == (outcomes[-1].id or 0) + 1


def test_import_changes_rows_it_found(world: World) -> None:
    first, second = world.book(), world.book()
    rows = [(first, {"title": "A"}), (999, {"title": "B"}), (second, {"title": "War and Peace"})]
    with world.unit() as unit:
        outcomes = change_many(unit, "book", rows, writing=Writing(unversioned=True))
    assert [(outcome.status, outcome.version) for outcome in outcomes] == [
        (200, 2), (404, None), (200, 1)
    ]  # fmt: skip


def test_parsed_values_are_taken_as_they_are(world: World) -> None:
    with world.unit() as unit:
        create_many(unit, "book", [{**GOOD, "price": 1250}], writing=Writing(parsed=True))
        table = unit.snapshot.object("book").table
        assert unit.connection.execute(select(table.c.price)).scalar_one() == 1250
