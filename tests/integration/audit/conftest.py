"""A library whose three logs hold something, and the means to tamper with them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from engine.access.accounts import Origin, log_sign_in
from engine.audit.deeds import log_deed
from engine.audit.sealing import seal_logs
from engine.audit.verify import Break, Report, verify
from engine.publish.live import LiveSite
from engine.records.create import create
from engine.storage.kernel import APPEND_ONLY
from tests.support.library import library_site, system_context


@dataclass(frozen=True, slots=True)
class Archive:
    """A site under seal."""

    live: LiveSite

    def write(self, count: int = 3, begin: int = 0) -> None:
        """Let every log gain as many rows."""
        with self.live.write(system_context(self.live)) as unit:
            for number in range(begin, begin + count):
                isbn = f"isbn-{number}"
                create(unit, "book", {"title": f"红楼 '{number}", "author": "曹", "isbn": isbn})
                log_deed(unit.connection, unit.context, "token.revoked", isbn, {"id": number})
                log_sign_in(
                    unit.connection, "refused", account=isbn, user_id=None,
                    origin=Origin("10.0.0.1", "A browser"), now=unit.context.now,
                )  # fmt: skip

    def seal(self) -> int:
        return seal_logs(self.live.database, self.live.clock)

    def verify(self) -> Report:
        return verify(self.live.database)

    def breaks(self) -> list[Break]:
        return self.verify().breaks

    def tamper(self, *statements: str, log: str = "", row: int = 0) -> None:
        """Do what only somebody with the whole database in his hands can do.

        In the statements ``$log`` is a table and ``$row`` an id, ``$before`` the one before it.
        """
        database = self.live.database
        with database.write() as connection:
            for table in APPEND_ONLY:
                if database.dialect == "postgresql":
                    connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                    continue
                for verb in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
            for statement in statements:
                named = statement.replace("$log", log).replace("$row", str(row))
                connection.execute(text(named.replace("$before", str(row - 1))))


@pytest.fixture
def archive(new_database_url: str) -> Iterator[Archive]:
    live = library_site(new_database_url)
    archive = Archive(live)
    archive.write()
    yield archive
    live.database.close()
