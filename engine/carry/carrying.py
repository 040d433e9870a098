"""Backup, restore and move: each whole or not at all, wherever it is cut off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select

from engine.carry.archive import opened_archive, write_archive
from engine.carry.errors import NotEqual, StillServed, TargetNotEmpty
from engine.carry.load import Told, load
from engine.carry.reading import reading, without_limits
from engine.carry.tables import is_empty
from engine.context import Clock
from engine.storage.database import Database
from engine.storage.kernel_tables import worker

ALIVE = timedelta(seconds=30)
"""A server that was heard of within this time is running."""
SUFFIX = ".restoring"
SIDE_FILES = ("", "-wal", "-shm", "-journal")


def back_up(database: Database, data_dir: Path, path: Path, told: Told) -> dict[str, str]:
    """Write a backup of one moment, while everybody goes on working.

    Raises:
        TargetNotEmpty: there is a file of that name.
    """
    if path.exists():
        raise TargetNotEmpty(target=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with reading(database) as source:
        return write_archive(path, source, data_dir, told)


def restore(path: Path, url: str, data_dir: Path, told: Told) -> dict[str, str]:
    """Bring a backup into an empty database, of either kind.

    Raises:
        TargetNotEmpty: the database is not empty; nothing was touched.
        ArchiveBroken: the file is no backup or not whole; nothing was kept.
        NotEqual: what arrived is not what the backup holds; nothing was kept.
    """
    with opened_archive(path) as source, filling(url) as connection:
        sent = load(connection, source, told)
        if sent != dict(source.digests):
            raise NotEqual(table=next(key for key in sent if sent[key] != source.digests[key]))
        source.put_files(data_dir)
    return sent


def move(database: Database, url: str, told: Told) -> dict[str, str]:
    """Carry a database into an empty one, of either kind; the old one stays as it is.

    Raises:
        TargetNotEmpty: the other database is not empty; nothing was touched.
        NotEqual: what arrived is not what was sent; nothing was kept.
    """
    with reading(database) as source, filling(url) as connection:
        return load(connection, source, told)


def require_stopped(database: Database, clock: Clock) -> None:
    """Refuse while servers of a PostgreSQL database are alive; SQLite has a lock for that.

    Raises:
        StillServed: one was heard of a moment ago.
    """
    with database.read() as connection:
        if not inspect(connection).has_table(worker.name):
            return
        seen = connection.execute(select(func.max(worker.c.seen_at))).scalar()
    if seen is not None and clock() - seen < ALIVE:
        raise StillServed


@contextmanager
def filling(url: str) -> Iterator[Connection]:
    """Open an empty database to fill in one transaction.

    A SQLite file gets its name only at the end: until then there is none.

    Raises:
        TargetNotEmpty: it holds something.
    """
    wanted = Database(url)
    if wanted.dialect == "postgresql":
        try:
            with wanted.write() as connection:
                without_limits(connection)
                if not is_empty(connection):
                    raise TargetNotEmpty(target=wanted.url.render_as_string())
                yield connection
        finally:
            wanted.close()
        return
    wanted.close()
    final = Path(wanted.url.database or "")
    if any(Path(f"{final}{suffix}").exists() for suffix in SIDE_FILES):
        raise TargetNotEmpty(target=str(final))
    aside = Path(f"{final}{SUFFIX}")
    _remove(aside)
    database = Database(f"sqlite:///{aside}")
    try:
        with database.write() as connection:
            yield connection
        database.close()  # nobody else may have the file open when its log is put away
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        database.close()
        aside.replace(final)
    finally:
        database.close()
        _remove(aside)


def _remove(aside: Path) -> None:
    for suffix in SIDE_FILES:
        Path(f"{aside}{suffix}").unlink(missing_ok=True)
