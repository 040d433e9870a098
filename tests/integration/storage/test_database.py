"""Transactions of both databases: all or nothing, DDL included; a deadlock is told as busy."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Connection, insert, inspect, select, text, update
from sqlalchemy.exc import ProgrammingError

from engine.errors import Busy, DatabaseLost
from engine.storage import database as storage
from engine.storage import pulse
from engine.storage.database import Database
from engine.storage.driven import first_number
from engine.storage.kernel import create_kernel
from engine.storage.kernel_tables import history, setting
from engine.storage.pipeline import sent_together

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    with made.write() as connection:
        create_kernel(connection)
    yield made
    made.close()


def fail_after_ddl(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE heddle_setting ADD COLUMN extra TEXT"))
    connection.execute(insert(setting).values(key="kept", value=1))
    raise ZeroDivisionError


def test_ddl_is_part_of_the_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        fail_after_ddl(connection)
    with database.read() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("heddle_setting")}
        assert columns == {"key", "value"}
        assert connection.execute(select(setting)).all() == []


def test_kernel_tables_can_be_made_again(database: Database) -> None:
    with database.write() as connection:
        create_kernel(connection)


@pytest.mark.parametrize("change", ["UPDATE heddle_history SET by_name = 'x'",
                                    "DELETE FROM heddle_history"])  # fmt: skip
def test_history_is_append_only(database: Database, change: str) -> None:
    with database.write() as connection:
        row = {"object_id": 1, "record_id": 1, "at": NOW, "action": "create", "version": 1}
        connection.execute(insert(history).values(**row, changes=[]))

    def tamper() -> None:
        with database.write() as connection:
            connection.execute(text(change))

    with pytest.raises(Exception, match="append-only"):
        tamper()
    with database.read() as connection:
        assert connection.execute(select(history.c.by_name)).scalars().all() == [""]


def test_a_file_that_another_process_writes_is_told_as_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "SQLITE_PRAGMAS", ("PRAGMA busy_timeout=10",))
    path = tmp_path / "heddle.db"
    database = Database(f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy), database.write():
            pass
        other.execute("ROLLBACK")
    with database.write() as connection:
        create_kernel(connection)
    database.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("sending", [nullcontext, sent_together])
def test_of_two_writers_that_wait_for_each_other_one_is_told_to_try_again(
    postgresql_url: str, sending: Callable[..., AbstractContextManager[None]]
) -> None:
    database = Database(postgresql_url)
    with database.write() as connection:
        create_kernel(connection)
        connection.execute(insert(setting), [{"key": key, "value": 0} for key in ("a", "b")])
    both_hold_one = Barrier(2)
    outcomes: list[str] = []

    def write(first: str, second: str) -> None:
        try:
            with database.write() as connection:
                connection.execute(update(setting).where(setting.c.key == first).values(value=1))
                both_hold_one.wait()
                with sending(connection):
                    set_one = update(setting).where(setting.c.key == second)
                    connection.execute(set_one.values(value=1))
            outcomes.append("done")
        except Busy:
            outcomes.append("busy")

    threads = [Thread(target=write, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    assert sorted(outcomes) == ["busy", "done"]


@pytest.mark.postgresql
@pytest.mark.parametrize("opening", ["read", "view", "write"])
@pytest.mark.parametrize("sending", [nullcontext, sent_together])
def test_a_database_that_goes_away_is_told_and_found_again(
    postgresql_url: str,
    opening: str,
    sending: Callable[..., AbstractContextManager[None]],
) -> None:
    database, other = Database(postgresql_url), Database(postgresql_url)
    open_ = getattr(database, opening)
    with pytest.raises(DatabaseLost), open_() as connection:  # noqa: PT012 - lost in its midst
        ours = connection.scalar(text("SELECT pg_backend_pid()"))
        with other.read() as elsewhere:
            elsewhere.execute(text("SELECT pg_terminate_backend(:ours)"), {"ours": ours})
        with sending(connection):
            connection.execute(text("SELECT 1"))
    with open_() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    database.close()
    other.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("quiet", [0.0, 3600.0])
def test_a_connection_that_ended_unused_is_replaced(
    postgresql_url: str, quiet: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "QUIET", quiet)
    database, other = Database(postgresql_url), Database(postgresql_url)
    numbers = []
    for _ in range(3):  # the last one finds the second one's connection as it was
        with database.write() as connection:
            numbers.append(connection.scalar(text("SELECT pg_backend_pid()")))
        if len(numbers) == 1:
            with other.read() as elsewhere:
                end = text("SELECT pg_terminate_backend(:number, 5000)")
                elsewhere.execute(end, {"number": numbers[0]})
    assert numbers[0] != numbers[1] == numbers[2]
    database.close()
    other.close()


def ask_and_fail(connection: Connection) -> None:
    assert first_number(connection, "SELECT 7") == 7
    assert first_number(connection, "SELECT 8 WHERE false") is None
    connection.execute(insert(setting).values(key="gone", value=1))
    raise ZeroDivisionError


@pytest.mark.postgresql
def test_the_first_question_begins_the_transaction(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with database.write() as connection:
        create_kernel(connection)
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        ask_and_fail(connection)
    with pytest.raises(ProgrammingError), database.write() as connection:
        first_number(connection, "SELECT nothing_of_that_name")
    with database.write() as connection:
        assert connection.execute(select(setting.c.key)).all() == []
    database.close()


def test_nobody_at_the_address_is_told(tmp_path: Path) -> None:
    database = Database(f"postgresql:///heddle?host={tmp_path}")
    with pytest.raises(DatabaseLost), database.read():
        pass
    database.close()
