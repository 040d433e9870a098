"""Unique values and numbers: whoever comes at the same moment, exactly one wins."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from engine.errors import InvalidInput
from engine.records.change import change
from engine.records.create import create
from engine.records.create_many import create_many
from engine.records.writing import Written
from tests.integration.records.world import NEEDED, World

THREADS = 6


def race(count: int, attempt: Callable[[int], Any]) -> list[Any]:
    """Run attempts at once; gives what each returned, or the `InvalidInput` it raised."""
    gate = threading.Barrier(count)

    def one(number: int) -> Any:
        gate.wait()
        try:
            return attempt(number)
        except InvalidInput as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def codes(outcome: InvalidInput) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in outcome.errors]


@pytest.mark.parametrize(
    ("first", "second"), [("978-1", " 978-1 "), ("９７８-1", "978-1"), ("978\u00a01", "978 1")]
)
def test_what_differs_in_width_or_blanks_alone_is_the_same(
    world: World, first: str, second: str
) -> None:
    held = world.book(isbn=first)
    with pytest.raises(InvalidInput) as refused:
        world.book(isbn=second)
    (fault,) = refused.value.errors
    said = {"id": held, "name": "War and Peace"}
    assert (fault.field, fault.code, dict(fault.params)) == ("isbn", "not_unique", said)


def test_empty_is_never_twice(world: World) -> None:
    assert world.book(isbn="") != world.book(isbn=None)


def test_holder_out_of_reach_is_not_named(world: World) -> None:
    world.create("x_task", name="Shelve", code="c-1")
    with world.unit() as unit:
        task = create(unit, "x_task", {"name": "Mine", "code": "c-2"}).id
    with world.unit() as unit, pytest.raises(InvalidInput) as refused:
        change(unit, "x_task", task, {"code": "c-1"}, version=1)
    assert "id" in refused.value.errors[0].params  # the platform itself sees all


def test_two_creates_at_once_have_one_winner(world: World) -> None:
    outcomes = race(THREADS, lambda number: world.book(isbn="978-1", title=f"Book {number}"))
    won = [outcome for outcome in outcomes if isinstance(outcome, int)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, InvalidInput)]
    assert len(won) == 1
    assert len(lost) == THREADS - 1
    assert all(codes(outcome) == [("isbn", "not_unique")] for outcome in lost)
    assert all(outcome.errors[0].params["id"] == won[0] for outcome in lost)


def test_two_changes_at_once_have_one_winner(world: World) -> None:
    books = [world.book() for _ in range(THREADS)]

    def attempt(number: int) -> Written:
        with world.unit() as unit:
            return change(unit, "book", books[number], {"isbn": "978-1"}, version=1)

    outcomes = race(THREADS, attempt)
    assert sum(isinstance(outcome, Written) for outcome in outcomes) == 1
    lost = [outcome for outcome in outcomes if isinstance(outcome, InvalidInput)]
    assert all(codes(outcome) == [("isbn", "not_unique")] for outcome in lost)


def test_two_imports_at_once_have_each_value_once(world: World) -> None:
    def attempt(number: int) -> list[bool]:
        rows = [{**NEEDED["book"], "isbn": f"978-{at}"} for at in range(20)]
        with world.unit() as unit:
            return [outcome.good for outcome in create_many(unit, "book", rows)]

    outcomes = race(2, attempt)
    assert [sum(pair) for pair in zip(*outcomes, strict=True)] == [1] * 20


def test_numbers_made_at_once_differ_and_have_no_holes(world: World) -> None:
    book, reader = world.book(), world.create("reader").id

    def attempt(_number: int) -> None:
        world.create("loan", book=book, reader=reader)

    race(THREADS, attempt)
    with world.unit() as unit:
        table = unit.snapshot.object("loan").table
        numbers = sorted(unit.connection.scalars(select(table.c.number)))
    counts = [int(number.rsplit("-", 1)[1]) for number in numbers]
    assert counts == list(range(1, THREADS + 1))


def test_number_typed_by_hand_is_skipped(world: World) -> None:
    book, reader = world.book(), world.create("reader").id
    needed = {"book": book, "reader": reader, "lent_on": "2026-11-20"}
    with world.unit() as unit:
        table = unit.snapshot.object("loan").table
        create(unit, "loan", needed)
        first = unit.connection.execute(select(table.c.number)).scalar_one()
        stem = first.rsplit("-", 1)[0]
        typed = first[: -len("2")] + "2"
        create(unit, "loan", {**needed, "number": typed})
        create(unit, "loan", needed)
        numbers = unit.connection.scalars(select(table.c.number).order_by(table.c.id)).all()
    assert len(set(numbers)) == len(numbers)
    assert numbers[1] == typed
    assert numbers[2].startswith(stem)
    assert numbers[2].endswith("3")


def test_typed_number_is_refused_when_taken(world: World) -> None:
    book, reader = world.book(), world.create("reader").id
    world.typed = frozenset({"HAND"})
    world.create("loan", book=book, reader=reader, number="HAND")
    with pytest.raises(InvalidInput) as refused:
        world.create("loan", book=book, reader=reader, number="HAND")
    assert codes(refused.value) == [("number", "not_unique")]


def test_number_cannot_be_emptied(world: World) -> None:
    loan = world.create("loan", book=world.book(), reader=world.create("reader").id)
    with world.unit() as unit, pytest.raises(InvalidInput) as refused:
        change(unit, "loan", loan.id, {"number": ""}, version=1)
    assert codes(refused.value) == [("number", "required")]


def test_failed_save_gives_its_number_back(world: World) -> None:
    book, reader = world.book(), world.create("reader").id
    twice = [{"book": book, "reader": reader}, {"book": 999, "reader": reader}]

    def save_both() -> None:
        with world.unit() as unit:
            for values in twice:
                create(unit, "loan", {**NEEDED["loan"], **values})

    with pytest.raises(InvalidInput):
        save_both()
    made = world.create("loan", book=book, reader=reader)
    number = world.live.snapshot.object("loan").field("number").id
    (text,) = [change.new for change in made.changes if change.field_id == number]
    assert text.endswith("1")
