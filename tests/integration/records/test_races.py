"""Two people at the same record at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import select

from engine.errors import DeleteBlocked, InvalidInput, SaveConflict
from engine.records.change import change
from engine.records.remove import Removed, remove
from engine.records.writing import Written
from metadata.errors import PlatformError
from tests.integration.records.world import World


def at_once(attempts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run attempts at the same moment; gives what each returned, or the error it met."""
    gate = threading.Barrier(len(attempts))

    def one(attempt: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return attempt()
        except PlatformError as error:
            return error

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(one, attempts))


def test_same_field_has_one_winner_and_others_learn_of_it(world: World) -> None:
    book = world.book()

    def attempt(title: str) -> Callable[[], Written]:
        def run() -> Written:
            with world.unit() as unit:
                return change(unit, "book", book, {"title": title}, version=1)

        return run

    outcomes = at_once([attempt(title) for title in "ABCD"])
    (won,) = [outcome for outcome in outcomes if isinstance(outcome, Written)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, SaveConflict)]
    assert won.version == 2
    assert len(lost) == 3
    assert {conflict.version for conflict in lost} == {2}
    assert {conflict.theirs["title"] for conflict in lost} == {won.changes[0].new}


def test_different_fields_all_stay(world: World) -> None:
    book = world.book()
    wanted = {"title": "Anna", "shelf": "A", "x_pages": 9, "x_remark": "worn"}

    def attempt(key: str) -> Callable[[], Written]:
        def run() -> Written:
            with world.unit() as unit:
                return change(unit, "book", book, {key: wanted[key]}, version=1)

        return run

    outcomes = at_once([attempt(key) for key in wanted])
    assert sorted(outcome.version for outcome in outcomes) == [2, 3, 4, 5]
    with world.unit() as unit:
        table = unit.snapshot.object("book").table
        row = unit.connection.execute(select(table)).mappings().one()
    assert {key: row[key] for key in wanted} == wanted


def test_no_link_to_what_is_deleted_at_the_same_moment(world: World) -> None:
    reader = world.create("reader").id
    for _ in range(3):
        book = world.book()

        def lend(at: int = book) -> Written:
            return world.create("loan", book=at, reader=reader)

        def delete(at: int = book) -> Removed:
            with world.unit() as unit:
                return remove(unit, "book", at)

        lent, deleted = at_once([lend, delete])
        if isinstance(lent, Written):
            assert isinstance(deleted, DeleteBlocked)
        else:
            assert isinstance(lent, InvalidInput)
            assert isinstance(deleted, Removed)
