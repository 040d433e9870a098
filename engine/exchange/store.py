"""Files that people bring and take away, kept under names that nobody can guess.

What a file is called stays in the database; on disk it has its random id alone. Files are never
served for the browser to show: they are read by us, or downloaded by who may.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from engine.files.errors import FileTooLarge, UnknownFile
from engine.files.names import safe_name
from engine.storage.kernel_tables import file
from engine.storage.snapshot import Unit

Purpose = Literal["import", "export"]

FOLDER = "files"
LARGEST = 64 * 1024 * 1024
KEPT = timedelta(days=30)
HALF_WRITTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store."""

    id: str
    name: str
    size: int
    by: int | None
    created_at: datetime
    path: Path


class FileStore:
    """The folder of files of one installation."""

    def __init__(self, data_dir: Path, *, largest: int = LARGEST) -> None:
        """Keep files in a folder of ``data_dir``; it is made when the first one comes."""
        self._folder = data_dir / FOLDER
        self._largest = largest

    def path(self, file_id: str) -> Path:
        """Give where a file of this id lies, or would lie."""
        return self._folder / file_id

    def new_path(self) -> Path:
        """Give the place of a new file; its name is the id."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / secrets.token_hex(16)

    def receive(self, blocks: Iterable[bytes]) -> Path:
        """Write a file that comes in, block by block.

        Raises:
            FileTooLarge: it is beyond the limit.
        """
        path = self.new_path()
        size = 0
        try:
            with path.open("xb") as target:
                for block in blocks:
                    size += len(block)
                    if size > self._largest:
                        raise FileTooLarge(most=self._largest // (1 << 20))
                    target.write(block)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def register(self, unit: Unit, path: Path, name: str, purpose: Purpose) -> StoredFile:
        """Note whose a file is and what it is called; files whose time is over go."""
        made = StoredFile(
            id=path.name,
            name=safe_name(name),
            size=path.stat().st_size,
            by=unit.context.actor.user_id,
            created_at=unit.context.now,
            path=path,
        )
        unit.connection.execute(
            insert(file).values(
                id=made.id,
                name=made.name,
                size=made.size,
                by=made.by,
                created_at=made.created_at,
                purpose=purpose,
            )
        )
        self._remove_old(unit)
        return made

    def find(self, connection: Connection, file_id: str, *, by: int | None) -> StoredFile:
        """Find a file of a user (of the platform itself: None).

        Raises:
            UnknownFile: there is none of his.
        """
        columns = (file.c.id, file.c.name, file.c.size, file.c.by, file.c.created_at)
        query = select(*columns).where(file.c.id == file_id)
        row = connection.execute(query).one_or_none()
        if row is None or row.by != by or not self.path(row.id).is_file():
            raise UnknownFile
        return StoredFile(*row, path=self.path(row.id))

    def _remove_old(self, unit: Unit) -> None:
        """Remove files whose time is over, and what dead processes left half written."""
        over = file.c.created_at < unit.context.now - KEPT
        for file_id in unit.connection.scalars(select(file.c.id).where(over)).all():
            self.path(file_id).unlink(missing_ok=True)
        unit.connection.execute(delete(file).where(over))
        known = set(unit.connection.scalars(select(file.c.id)))
        abandoned = (unit.context.now - HALF_WRITTEN).timestamp()
        for path in self._folder.iterdir():
            if path.name not in known and path.stat().st_mtime < abandoned:
                path.unlink(missing_ok=True)
