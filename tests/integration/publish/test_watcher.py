"""Another worker learns of a publish by itself, before any request asks it for the version."""

from collections.abc import Iterator
from threading import Event

import pytest
from sqlalchemy import Connection, select

from engine.publish.live import LiveSite
from engine.publish.watcher import Watcher
from engine.storage.database import Database
from engine.storage.kernel_tables import worker
from tests.support.library import added_field, library_site, publish

SECONDS = 20
"""A bound for a machine that is busy, not a promise."""


class Told(LiveSite):
    """A site that says when it was brought up to date to a version."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.wanted = -1
        self.arrived = Event()

    def refresh(self, connection: Connection) -> None:
        super().refresh(connection)
        if self.snapshot.number == self.wanted:
            self.arrived.set()


@pytest.fixture
def other(new_postgresql_url: str) -> Iterator[tuple[LiveSite, Told]]:
    live = library_site(new_postgresql_url)
    told = Told(Database(new_postgresql_url))
    yield live, told
    told.database.close()
    live.database.close()


@pytest.mark.postgresql
def test_a_publish_reaches_another_worker(other: tuple[LiveSite, Told]) -> None:
    live, told = other
    watcher = Watcher(told)
    watcher.start()
    try:
        told.wanted = live.snapshot.number + 1
        assert publish(live, added_field("x_heard")) == told.wanted
        assert told.arrived.wait(SECONDS)
    finally:
        watcher.stop()
    assert "x_heard" in told.snapshot.object("book").fields
    with told.database.read() as connection:
        assert connection.execute(select(worker)).all() == []
