"""The measured databases: filled once, kept for the next run, copied where they are written to.

A SQLite file stays in ``var/bench``. On a PostgreSQL server that was named, the database stays
there; of the embedded one, a dump is kept.
"""

import hashlib
import json
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from psycopg import sql
from psycopg.errors import ObjectInUse
from sqlalchemy import Connection, make_url, select

from bench import content
from engine.context import Actor
from engine.publish.live import LiveSite
from engine.publish.packs import initialise
from engine.query.tokens import TOKENIZER
from engine.storage.database import Database
from tests.support.postgres import (
    NAMED_SERVER,
    PostgresServer,
    embedded_programs,
    running_server,
)

KEPT = Path(__file__).resolve().parent.parent / "var" / "bench"

TRIES = 100

Copier = Callable[[], AbstractContextManager[str]]


@dataclass(frozen=True, slots=True)
class World:
    """One filled database.

    Attributes:
        live: the site over it.
        url: its address.
        customers: how many it holds.
        seconds: how long filling it took, when that was done.
        copier: copies it, gives the copy's address, and removes the copy.
    """

    live: LiveSite
    url: str
    customers: int
    seconds: float
    copier: Copier

    @property
    def database(self) -> str:
        """Give the kind of database, as the table calls it."""
        return "SQLite" if self.live.database.dialect == "sqlite" else "PostgreSQL"

    @property
    def on_sqlite(self) -> bool:
        """Tell whether this is SQLite."""
        return self.live.database.dialect == "sqlite"

    def person(self, *, everything: bool) -> Actor:
        """Give one who may do everything, or one who sees his own records alone."""
        user = self.live.snapshot.object("user")
        keys = ("id", "name", "department", "roles")
        columns = [user.fields[key].column for key in keys]
        with self.live.database.read() as connection:
            rows = connection.execute(select(*columns).order_by(user.table.c.id)).all()
        row = rows[0 if everything else len(rows) // 2]
        roles = frozenset(row[3])
        return Actor(
            user_id=row[0],
            name=row[1],
            superadmin="superadmin" in roles,
            roles=roles,
            department_id=row[2],
        )

    @contextmanager
    def copy(self) -> Iterator["World"]:
        """Give the same world over a copy of the database that may be written to."""
        with self.copier() as url, opened(url) as live:
            yield replace(self, live=live, url=url)


@contextmanager
def opened(url: str) -> Iterator[LiveSite]:
    """Serve a database that holds a published version."""
    live = LiveSite(Database(url))
    try:
        with live.read(content.acting()):
            pass  # loads the version; a transaction must not stay open behind what is measured
        yield live
    finally:
        live.database.close()


@contextmanager
def sqlite_world(customers: int) -> Iterator[World]:
    """Give the world on SQLite, filling it when there is none."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{key_of(customers)}.db"
    told = path.with_suffix(".json")
    if not told.exists():
        _remove(path)
        seconds = _fill(f"sqlite:///{path}", customers)
        told.write_text(json.dumps({"seconds": seconds}))

    @contextmanager
    def copy() -> Iterator[str]:
        copied = KEPT / f"copy-{uuid.uuid4().hex[:8]}.db"
        shutil.copyfile(path, copied)
        try:
            yield f"sqlite:///{copied}"
        finally:
            _remove(copied)

    with opened(f"sqlite:///{path}") as live:
        yield World(live, f"sqlite:///{path}", customers, _seconds(told), copy)


@contextmanager
def postgresql_world(customers: int, url: str = "") -> Iterator[World]:
    """Give the world on PostgreSQL: on the server at ``url``, else on an embedded one."""
    KEPT.mkdir(parents=True, exist_ok=True)
    name = f"heddle_bench_{key_of(customers)}"
    told = KEPT / f"{name}.json"
    with _server(url) as (server, is_ours):
        address = server.url.set(database=name).render_as_string(hide_password=False)
        dump = KEPT / f"{name}.dump" if is_ours else None
        if not _exists(server, name):
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            if dump is not None and dump.exists():
                _program("pg_restore", address, "--jobs=2", str(dump))
            else:
                seconds = _fill(address, customers)
                told.write_text(json.dumps({"seconds": seconds}))
                if dump is not None:
                    _program(
                        "pg_dump", address, "--format=custom", "--compress=1", f"--file={dump}"
                    )
            _vacuum(address)

        @contextmanager
        def copy() -> Iterator[str]:
            copied = f"heddle_bench_copy_{uuid.uuid4().hex[:8]}"
            live.database.close()  # a database with visitors cannot be copied
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            _when_left(server, create.format(sql.Identifier(copied), sql.Identifier(name)))
            try:
                yield server.url.set(database=copied).render_as_string(hide_password=False)
            finally:
                drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
                server.execute(drop.format(sql.Identifier(copied)))

        with opened(address) as live:
            yield World(live, address, customers, _seconds(told), copy)


@contextmanager
def _server(url: str) -> Iterator[tuple[PostgresServer, bool]]:
    """Give the server to use, and whether it is the embedded one, gone afterwards."""
    if url:
        yield PostgresServer(make_url(url)), False
        return
    with running_server() as server:
        yield server, NAMED_SERVER not in os.environ


def key_of(customers: int) -> str:
    """Name what a database holds: its schema, the documents in it, how many records."""
    path = KEPT / f"schema-{uuid.uuid4().hex[:8]}.db"
    live = LiveSite(Database(f"sqlite:///{path}"))
    try:
        initialise(live)
        with live.database.read() as connection:
            tables = _schema(connection)
        compiled = live.compiled
    finally:
        live.database.close()
        _remove(path)
    layers = compiled.layers.hash if compiled is not None else ""
    parts = (tables, layers, TOKENIZER, content.GENERATOR, customers)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _schema(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master ORDER BY name")
    return [str(row[0]) for row in rows]


def _fill(url: str, customers: int) -> float:
    live = LiveSite(Database(url))
    try:
        initialise(live)
        began = time.perf_counter()
        content.fill(live, customers)
        return time.perf_counter() - began
    finally:
        live.database.close()


def _seconds(told: Path) -> float:
    return float(json.loads(told.read_text())["seconds"]) if told.exists() else 0.0


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", ".server"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _exists(server: PostgresServer, name: str) -> bool:
    with _visit(server) as connection:
        found = connection.exec_driver_sql(
            "SELECT 1 FROM pg_database WHERE datname = %(name)s", {"name": name}
        )
        return found.first() is not None


def _when_left(server: PostgresServer, statement: sql.Composed) -> None:
    """Run a statement as soon as the last visitor's process has ended, which takes a moment."""
    for _ in range(TRIES):
        with suppress(ObjectInUse):
            server.execute(statement)
            return
        time.sleep(0.05)
    server.execute(statement)


@contextmanager
def _visit(server: PostgresServer) -> Iterator[Connection]:
    """Give a connection to the server's own database."""
    database = Database(server.url.render_as_string(hide_password=False))
    try:
        with database.read() as connection:
            yield connection
    finally:
        database.close()


def analyse(world: World) -> None:
    """Let the database know what it holds, as a server at work does by itself."""
    if world.on_sqlite:
        with world.live.database.write() as connection:
            connection.exec_driver_sql("ANALYZE heddle_team")
    else:
        _vacuum(world.url)


def _vacuum(url: str) -> None:
    database = Database(url)
    plain = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with plain.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    database.close()


def _program(name: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on a database of the embedded server."""
    plain = url.replace("postgresql+psycopg", "postgresql", 1)
    command = [str(embedded_programs() / "bin" / name), f"--dbname={plain}", *arguments]
    subprocess.run(command, check=True, capture_output=True)
