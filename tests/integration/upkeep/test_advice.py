"""The index advisor: what it notices, proposes, reckons, builds and drops."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.context import Actor, Context
from engine.errors import Forbidden, InvalidInput
from engine.query import slow
from engine.query.listing import ListRequest
from engine.query.slow import sampler_of
from engine.records.read import count, page
from engine.storage.kernel_tables import slow_list
from engine.upkeep.advice import (
    add_index,
    chosen_indexes,
    index_name,
    propose,
    remove_index,
    slow_lists,
)
from engine.upkeep.slow_lists import MOST_KEPT, KeepSlowLists, forget
from metadata.conditions import parse_condition
from tests.integration.upkeep.conftest import Shelf
from tests.support.library import added_field, publish

SECRET = "Author 00007"


@pytest.fixture
def slow_shelf(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Everything is slow here."""
    monkeypatch.setattr(slow, "SLOW_NANOSECONDS", 0)
    return shelf


def look(shelf: Shelf) -> None:
    where = parse_condition({"field": "author", "op": "eq", "value": SECRET})
    request = ListRequest(object="book", columns=("title",), where=where, sort=("-created_at",))
    with shelf.live.read(shelf.context()) as unit:
        page(unit, request)
        count(unit, request)


def test_a_quick_list_leaves_no_trace(shelf: Shelf) -> None:
    shelf.fill(30)
    look(shelf)
    assert sampler_of(shelf.live.snapshot).take() == {}


def test_a_slow_list_is_kept_by_its_shape_without_values(slow_shelf: Shelf) -> None:
    slow_shelf.fill(30)
    keep = KeepSlowLists()
    look(slow_shelf)
    keep(slow_shelf.live)
    look(slow_shelf)
    keep(slow_shelf.live)  # not yet due again
    later = slow_shelf.live.clock
    slow_shelf.live.clock = lambda: later() + timedelta(minutes=2)
    keep(slow_shelf.live)
    with slow_shelf.live.database.read() as connection:
        rows = connection.execute(select(slow_list)).all()
    assert {(row.shape["kind"], row.seen) for row in rows} == {("page", 2), ("count", 2)}
    assert all(row.longest_us * 2 >= row.total_us for row in rows)
    assert SECRET not in str(rows)
    with slow_shelf.live.write(slow_shelf.context()) as unit:
        forget(unit.connection, rows[0].id)
        assert len(slow_lists(unit)) == 1


def test_only_so_many_are_kept(slow_shelf: Shelf) -> None:
    slow_shelf.fill(30)
    sampler = sampler_of(slow_shelf.live.snapshot)
    for turn in range(MOST_KEPT + 50):
        sampler.note(1, f'{{"turn":{turn}}}', 10)
        if turn % 100 == 99:
            KeepSlowLists()(slow_shelf.live)
    KeepSlowLists()(slow_shelf.live)
    with slow_shelf.live.database.read() as connection:
        assert len(connection.execute(select(slow_list.c.id)).all()) == MOST_KEPT


def test_an_index_is_proposed_built_used_and_dropped(slow_shelf: Shelf) -> None:
    shelf = slow_shelf
    shelf.fill(3_000)
    look(shelf)
    KeepSlowLists()(shelf.live)
    with shelf.live.read(shelf.context()) as unit:
        listed = {one.shape["kind"]: one for one in slow_lists(unit)}
    proposed = listed["page"]
    assert proposed.columns == ("author", "-created_at")
    assert proposed.cost is not None
    assert proposed.cost.rows == 3_000
    assert 0.05 < proposed.cost.megabytes < 1
    with shelf.live.write(shelf.context()) as unit:
        add_index(unit, "book", proposed.columns)
    shelf.work()
    name = index_name(shelf.live.snapshot.object("book"), proposed.columns)
    assert name in shelf.indexes()
    assert is_used(shelf, name)
    publish(shelf.live, added_field("x_room", type="department"))
    shelf.work()
    assert name in shelf.indexes()
    with shelf.live.write(shelf.context()) as unit:
        (mine,) = chosen_indexes(unit)
        assert (mine.columns, mine.state) == (proposed.columns, "ready")
        assert {one.shape["kind"]: one.columns for one in slow_lists(unit)}["page"] == ()
        remove_index(unit, mine.id)
        assert remove_index(unit, mine.id) is None
    shelf.work()
    assert name not in shelf.indexes()
    with shelf.live.read(shelf.context()) as unit:
        assert chosen_indexes(unit) == []


def is_used(shelf: Shelf, name: str) -> bool:
    asked = (
        "SELECT id FROM o_book WHERE author = 'Author 00007' AND deleted_at IS NULL "
        "ORDER BY created_at DESC LIMIT 50"
    )
    verb = "EXPLAIN QUERY PLAN" if shelf.live.database.dialect == "sqlite" else "EXPLAIN"
    with shelf.live.database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
    with shelf.live.database.read() as connection:
        plan = connection.exec_driver_sql(f"{verb} {asked}").all()
    return name in str(plan)


def test_dropped_and_asked_for_again_it_stays(shelf: Shelf) -> None:
    shelf.fill(30)
    with shelf.live.write(shelf.context()) as unit:
        add_index(unit, "book", ("author",))
    shelf.work()
    with shelf.live.write(shelf.context()) as unit:
        remove_index(unit, chosen_indexes(unit)[0].id)
        add_index(unit, "book", ("author",))
    shelf.work()
    assert index_name(shelf.live.snapshot.object("book"), ("author",)) in shelf.indexes()


def shape(**more: object) -> dict[str, object]:
    base: dict[str, object] = {
        "kind": "page", "scope": "all", "tests": [], "more": False, "sort": ["-updated_at"],
        "search": False, "bin": False,
    }  # fmt: skip
    return {**base, **more}


@pytest.mark.parametrize(
    ("seen", "columns"),
    [
        (shape(), ()),  # the base set has it
        (shape(scope="owners"), ()),  # a book has no owner: nobody's, then the default sort
        (shape(tests=[["author", "eq"]]), ("author", "-updated_at")),
        (shape(tests=[["author", "eq"], ["price", "gte"]]), ("author", "price")),
        (shape(tests=[["author", "contains"]]), ()),
        (shape(tests=[["author", "eq"]], search=True), ()),
        (shape(tests=[["author", "eq"]], kind="count", sort=[]), ()),  # it is sortable
        (shape(tests=[["shelf", "eq"]], kind="count", sort=[]), ("shelf",)),
        (shape(tests=[["nothing", "eq"], ["author", "eq"]]), ("author", "-updated_at")),
        (
            shape(tests=[["author", "eq"], ["shelf", "eq"], ["price", "eq"]]),
            ("author", "shelf", "-updated_at"),
        ),
    ],
)
def test_what_is_proposed(shelf: Shelf, seen: dict[str, object], columns: tuple[str, ...]) -> None:
    assert propose(shelf.live.snapshot.object("book"), seen) == columns


def test_nobody_else_sees_or_builds(shelf: Shelf) -> None:
    stranger = Context(actor=Actor(user_id=9, name="x"), now=shelf.live.clock())
    with shelf.live.write(stranger) as unit:
        for call in (
            lambda: slow_lists(unit),
            lambda: chosen_indexes(unit),
            lambda: add_index(unit, "book", ("author",)),
            lambda: remove_index(unit, 1),
        ):
            with pytest.raises(Forbidden):
                call()
    with shelf.live.write(shelf.context()) as unit:
        for columns in ((), ("nothing",), ("id",), ("author", "shelf", "price", "title")):
            with pytest.raises(InvalidInput):
                add_index(unit, "book", columns)
