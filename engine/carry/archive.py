"""The file of a backup: a tar of a head, the tables row by row, and the stored files.

The head comes last, for it holds the digests of all the rest: a file without it is not whole.
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from engine.carry.errors import ArchiveBroken
from engine.carry.load import Told
from engine.carry.reading import DatabaseSource
from engine.carry.rows import Digest, Row, from_line, to_line
from engine.carry.tables import TableShape, from_json, to_json

FORMAT = 1
HEAD = "head.json"
TABLES = "tables"
FILES = "files"
FOLDERS = ("files", "content")
"""Folders of the data folder that hold what people brought; the key file is in none of them."""
BLOCK = 1 << 20
LARGEST_HEAD = 64 << 20


def write_archive(
    path: Path, source: DatabaseSource, data_dir: Path, told: Told
) -> dict[str, str]:
    """Write a backup beside ``path``, and give it its name when it is whole and on disk.

    Returns:
        Table -> digest of its rows.
    """
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w|") as tar:
                digests = {
                    shape.name: _add_table(tar, shape, source.rows(shape), told)
                    for shape in source.tables
                }
                head = {
                    "format": FORMAT,
                    "tables": [
                        {**to_json(shape), "digest": digests[shape.name]}
                        for shape in source.tables
                    ],
                    "unread": dict(source.unread),
                    "files": dict(_add_files(tar, data_dir)),
                }
                _add_bytes(tar, HEAD, json.dumps(head, ensure_ascii=False).encode())
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return digests


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """A backup that was opened."""

    tar: tarfile.TarFile
    tables: Sequence[TableShape]
    unread: Mapping[str, int]
    digests: Mapping[str, str]
    files: Mapping[str, str]

    def rows(self, shape: TableShape) -> Iterator[Row]:
        """Give the rows of a table.

        Raises:
            ArchiveBroken: a line is none.
        """
        with _member(self.tar, f"{TABLES}/{shape.name}.jsonl") as file:
            for line in io.TextIOWrapper(file, "utf-8"):
                try:
                    yield from_line(shape, line)
                except (ValueError, TypeError):
                    raise ArchiveBroken(part=shape.name) from None

    def put_files(self, data_dir: Path) -> int:
        """Put the stored files where they belong; gives how many.

        Raises:
            ArchiveBroken: one is not what the head says.
        """
        for name, digest in self.files.items():
            target = data_dir / Path(*PurePosixPath(name).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            aside = target.with_name(f".{target.name}.restored")
            found = hashlib.sha256()
            with _member(self.tar, f"{FILES}/{name}") as file, aside.open("wb") as out:
                while block := file.read(BLOCK):
                    found.update(block)
                    out.write(block)
                out.flush()
                os.fsync(out.fileno())
            if found.hexdigest() != digest:
                aside.unlink()
                raise ArchiveBroken(part=name)
            aside.replace(target)
        return len(self.files)


@contextmanager
def opened_archive(path: Path) -> Iterator[ArchiveSource]:
    """Open a backup.

    Raises:
        ArchiveBroken: it is no backup, not whole, or of a newer program.
    """
    if not path.is_file() or not tarfile.is_tarfile(path):
        raise ArchiveBroken(part=path.name)
    with tarfile.open(path, "r:") as tar:
        yield _source(tar)


def _source(tar: tarfile.TarFile) -> ArchiveSource:
    try:
        with _member(tar, HEAD) as file:
            head = json.loads(file.read(LARGEST_HEAD))
        if head["format"] != FORMAT:
            raise ArchiveBroken(part=HEAD)
        names = [str(name) for name in head["files"]]
        if not all(_is_safe(name) for name in names):
            raise ArchiveBroken(part=HEAD)
        return ArchiveSource(
            tar,
            [from_json(one) for one in head["tables"]],
            {str(key): int(value) for key, value in head["unread"].items()},
            {one["name"]: one["digest"] for one in head["tables"]},
            head["files"],
        )
    except (ValueError, TypeError, KeyError, AttributeError, tarfile.TarError):
        raise ArchiveBroken(part=HEAD) from None


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    inside = len(path.parts) > 1 and path.parts[0] in FOLDERS
    return inside and not path.is_absolute() and ".." not in path.parts and "\\" not in name


@contextmanager
def _member(tar: tarfile.TarFile, name: str) -> Iterator[IO[bytes]]:
    try:
        file = tar.extractfile(name)
    except (KeyError, tarfile.TarError):
        file = None
    if file is None:
        raise ArchiveBroken(part=name)
    with file:
        yield file


def _add_table(tar: tarfile.TarFile, shape: TableShape, rows: Iterable[Row], told: Told) -> str:
    """Add a table; its size must be known first, so it is written beside."""
    digest = Digest()
    with tempfile.TemporaryFile() as file:
        for row in rows:
            line = to_line(shape, row)
            digest.add(line)
            file.write(line.encode() + b"\n")
        told(shape.name, digest.rows)
        size = file.tell()
        file.seek(0)
        _add(tar, f"{TABLES}/{shape.name}.jsonl", size, file)
    return digest.text


def _add_files(tar: tarfile.TarFile, data_dir: Path) -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for path in sorted((data_dir / folder).rglob("*")):
            name = path.relative_to(data_dir).as_posix()
            if not path.is_file() or path.is_symlink() or "incoming" in path.parts:
                continue
            try:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                    size = file.tell()
                    file.seek(0)
                    _add(tar, f"{FILES}/{name}", size, file)
            except FileNotFoundError:  # swept away since the folder was listed
                continue
            yield name, digest


def _add_bytes(tar: tarfile.TarFile, name: str, body: bytes) -> None:
    _add(tar, name, len(body), io.BytesIO(body))


def _add(tar: tarfile.TarFile, name: str, size: int, file: IO[Any]) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    tar.addfile(info, file)
