"""SQLite's brief writers share a transaction: one flush, and nobody is told before it."""

from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select

from engine.storage import turns
from engine.storage.database import Database
from engine.storage.kernel import create_kernel
from engine.storage.kernel_tables import setting

Work = Callable[[Connection, str], None]


def put(connection: Connection, key: str) -> None:
    connection.execute(insert(setting).values(key=key, value=1))


def fail(connection: Connection, key: str) -> None:
    put(connection, key)
    raise ZeroDivisionError


def end_everything(connection: Connection, key: str) -> None:
    """Do as a full disk does: the database takes back the whole transaction."""
    put(connection, key)
    connection.exec_driver_sql("ROLLBACK")
    raise ZeroDivisionError


class Company:
    """Writers that all wait before the first one ends; what each was told."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.told: dict[str, str] = {}
        self.commits = 0

    def count(self, _connection: Any) -> None:
        self.commits += 1

    def write(self, key: str, work: Work, *, brief: bool = True) -> None:
        try:
            with self.database.write(brief=brief) as connection:
                work(connection, key)
            self.told[key] = "done"
        except (ZeroDivisionError, RuntimeError) as error:
            self.told[key] = type(error).__name__

    def wait(self, key: str, work: Work, *, brief: bool = True) -> Thread:
        waiting = self.database._turns._lock._waiting
        before = len(waiting)
        thread = Thread(target=self.write, args=(key, work), kwargs={"brief": brief})
        thread.start()
        while len(waiting) == before:
            pass
        return thread

    def write_all(self, *others: tuple[str, Work] | tuple[str, Work, bool]) -> None:
        threads: list[Thread] = []

        def first(connection: Connection, key: str) -> None:
            put(connection, key)
            for name, work, *rest in others:
                threads.append(self.wait(name, work, brief=rest != [False]))

        self.write("first", first)
        for thread in threads:
            thread.join()

    def stored(self) -> list[str]:
        with self.database.read() as connection:
            return sorted(connection.execute(select(setting.c.key)).scalars())


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    monkeypatch.setattr(turns, "LONGEST_TOGETHER", inf)  # a slow machine proves the same
    database = Database(f"sqlite:///{tmp_path / 'turns.db'}")
    with database.write() as connection:
        create_kernel(connection)
    made = Company(database)
    event.listen(database.engine, "commit", made.count)
    yield made
    database.close()


def test_those_who_wait_are_flushed_together(company: Company) -> None:
    company.write_all(("a", put), ("b", put), ("c", put))
    assert company.commits == 1
    assert company.stored() == ["a", "b", "c", "first"]
    assert set(company.told.values()) == {"done"}


@pytest.mark.parametrize("place", range(3))
def test_one_that_fails_takes_nobody_along(company: Company, place: int) -> None:
    works: list[tuple[str, Work]] = [("a", put), ("b", put)]
    works.insert(place, ("bad", fail))
    company.write_all(*works)
    assert company.stored() == ["a", "b", "first"]
    assert company.told.pop("bad") == "ZeroDivisionError"
    assert set(company.told.values()) == {"done"}


def test_the_first_one_may_fail_too(company: Company) -> None:
    company.write("bad", fail)
    company.write("good", put)
    assert company.stored() == ["good"]


def test_one_that_is_not_brief_has_its_own_transaction(company: Company) -> None:
    company.write_all(("a", put), ("long", put, False), ("b", put))
    assert company.commits == 3
    assert company.stored() == ["a", "b", "first", "long"]


def test_nobody_is_told_that_he_is_done_when_the_flush_fails(company: Company) -> None:
    def refuse(_connection: Any) -> None:
        raise ZeroDivisionError

    event.listen(company.database.engine, "commit", refuse)
    company.write_all(("a", put), ("b", put))
    event.remove(company.database.engine, "commit", refuse)
    assert company.stored() == []
    assert set(company.told.values()) == {"RuntimeError"}
    company.write("later", put)
    assert company.stored() == ["later"]


def test_what_ends_the_whole_transaction_is_told_to_all_of_it(company: Company) -> None:
    company.write_all(("a", put), ("bad", end_everything), ("b", put))
    assert company.stored() == ["b"]
    assert company.told == {
        "first": "RuntimeError", "a": "RuntimeError", "bad": "ZeroDivisionError", "b": "done",
    }  # fmt: skip


def test_a_closed_database_may_be_written_to_again(company: Company) -> None:
    company.write("a", put)
    company.database.close()
    company.write("b", put)
    assert company.stored() == ["a", "b"]
