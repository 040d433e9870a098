"""A library with more books than a publish looks after by itself; every test ends at the judge."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, inspect

from engine.context import SYSTEM, Context
from engine.publish.live import LiveSite
from engine.queue.job import Job, read_errors, read_job
from engine.records.create_many import create_many
from engine.storage.index_ddl import has_index
from engine.storage.kernel_tables import deferred
from engine.upkeep.handlers import upkeep_handlers
from engine.worker.runner import JobRunner
from tests.invariants import check_all
from tests.support.library import library_site

BOOKS = 1_200
EACH = 400


class Shelf:
    """The site and what the tests ask of it."""

    def __init__(self, live: LiveSite) -> None:
        self.live = live

    def fill(self, count: int = BOOKS) -> None:
        """Create books: every title stands once, every author three times."""
        for first in range(0, count, EACH):
            rows = [
                {"title": f"Book {number:05d}", "author": f"Author {number % (count // 3):05d}"}
                for number in range(first, min(first + EACH, count))
            ]
            with self.live.write(self.context()) as unit:
                assert all(one.good for one in create_many(unit, "book", rows))

    def context(self) -> Context:
        """Give the context of the platform."""
        return Context(actor=SYSTEM, now=self.live.clock(), request_id="r")

    def work(self) -> None:
        """Run every job that waits."""
        JobRunner(self.live, upkeep_handlers()).run_waiting()

    def jobs(self, kind: str) -> list[Job]:
        """Give the jobs of a kind, in order."""
        with self.live.database.read() as connection:
            numbers = connection.exec_driver_sql("SELECT id, kind FROM heddle_job ORDER BY id")
            return [read_job(connection, row[0]) for row in numbers.all() if row[1] == kind]

    def told(self, job: Job) -> list[tuple[int, str, str]]:
        """Give what a job tells of single records."""
        with self.live.database.read() as connection:
            errors = read_errors(connection, job.id)
        return [(error.row, error.column, error.code) for error in errors]

    def states(self) -> dict[tuple[str, str], str]:
        """Give how deferrals stand: (kind, name) -> state."""
        with self.live.database.read() as connection:
            return {(r.kind, r.name): r.state for r in connection.execute(deferred.select())}

    def indexes(self) -> set[str]:
        """Give the usable indexes of books."""
        with self.live.database.read() as connection:
            names = _names(connection)
            return {name for name in names if has_index(connection, name)}


def _names(connection: Connection) -> set[str]:
    return {str(index["name"]) for index in inspect(connection).get_indexes("o_book")}


@pytest.fixture
def shelf(new_database_url: str) -> Iterator[Shelf]:
    made = Shelf(library_site(new_database_url))
    try:
        yield made
        with made.live.database.read() as connection:
            made.live.refresh(connection)
            check_all(connection, made.live.snapshot)
    finally:
        made.live.database.close()
