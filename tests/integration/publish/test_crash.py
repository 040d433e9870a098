"""A publish that dies at any point leaves all of it or nothing, and the site starts again."""

import pytest
from sqlalchemy import inspect, select

from engine.publish.live import LiveSite
from engine.storage.database import Database
from engine.storage.kernel_tables import field_ledger
from tests.support.library import added_field, library_site, publish, system_context
from tests.support.nursery import run_apart
from tests.support.stop_publish import DIED

POINTS = (
    "fenced", "ddl:0", "ddl:1", "ddl:2", "ddl:3", "ddl:4",
    "ledger", "trial", "version", "pointer", "commit",
)  # fmt: skip
NEW_KEYS = {"x_code", "x_topics"}


def die_at(url: str, point: str) -> None:
    ended = run_apart("tests.support.stop_publish", url, point)
    assert ended.returncode == DIED, ended.stderr


def state_of(url: str) -> tuple[int, set[str], set[str], set[str]]:
    """Give the served version, the fields of book, its columns and its ledger keys."""
    live = LiveSite(Database(url))
    with live.read(system_context(live)) as unit:
        book = unit.snapshot.object("book")
        columns = {column["name"] for column in inspect(unit.connection).get_columns("o_book")}
        keys = set(unit.connection.execute(select(field_ledger.c.key)).scalars())
        found = (unit.snapshot.number, set(book.fields), columns, keys)
    live.database.close()
    return found


@pytest.mark.parametrize("point", POINTS)
def test_death_before_the_commit_leaves_nothing(new_database_url: str, point: str) -> None:
    library_site(new_database_url).database.close()
    before = state_of(new_database_url)
    die_at(new_database_url, point)
    assert state_of(new_database_url) == before
    live = LiveSite(Database(new_database_url))
    assert publish(live, added_field("x_code", unique=True)) == before[0] + 1
    live.database.close()


def test_death_after_the_commit_leaves_all_of_it(new_database_url: str) -> None:
    library_site(new_database_url).database.close()
    number, fields, _, _ = state_of(new_database_url)
    die_at(new_database_url, "committed")
    after = state_of(new_database_url)
    assert after[0] == number + 1
    assert after[1] == fields | NEW_KEYS
    assert after[2] >= NEW_KEYS
    assert after[3] >= NEW_KEYS
