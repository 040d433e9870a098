"""A hundred thousand records to PostgreSQL and back: equal to the row."""

from pathlib import Path

import pytest

from engine.carry.carrying import move
from engine.records.create_many import create_many
from engine.records.writing import Writing
from engine.storage.database import Database
from tests.invariants import check_all
from tests.support.library import library_site, system_context

RECORDS = 100_000
CHUNK = 500

pytestmark = [pytest.mark.deep, pytest.mark.postgresql]


def quiet(_table: str, _rows: int) -> None:
    """Hear nothing."""


def test_there_and_back(tmp_path: Path, postgresql_url: str) -> None:
    live = library_site(f"sqlite:///{tmp_path / 'first.db'}")
    for first in range(0, RECORDS, CHUNK):
        rows = [
            {"title": f"第{number}卷", "author": "佚名", "isbn": f"978-{number}", "price": "1.50"}
            for number in range(first, first + CHUNK)
        ]
        with live.write(system_context(live)) as unit:
            create_many(unit, "book", rows, writing=Writing())
    there = move(live.database, postgresql_url, quiet)
    middle = Database(postgresql_url)
    back = f"sqlite:///{tmp_path / 'second.db'}"
    again = move(middle, back, quiet)
    middle.close()
    assert there["o_book"].startswith(f"{RECORDS}:")
    assert {name: again[name] for name in there if name != "heddle_setting"} == {
        name: there[name] for name in there if name != "heddle_setting"
    }
    with live.database.read() as connection:
        check_all(connection, live.snapshot)
    live.database.close()
