"""The folder of contents: each is kept once, under the digest of its bytes.

A content is first written beside the others under a random name; it gets its own name inside the
transaction that writes its row. What a dead process leaves is found and removed by the sweep.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.files.errors import FileTooLarge

FOLDER = "content"
INCOMING = "incoming"
MEGABYTE = 1 << 20
HEAD = 8192
"""Bytes at the beginning of a file that tell what it is."""
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Incoming:
    """A content that has arrived and is not kept yet."""

    path: Path
    digest: str
    size: int
    head: bytes


class ContentStore:
    """The contents of one installation, on a disk that all its workers share."""

    def __init__(self, data_dir: Path) -> None:
        """Keep contents in a folder of ``data_dir``; it is made when the first one comes."""
        self._folder = data_dir / FOLDER

    def path(self, digest: str) -> Path:
        """Give where a content lies, or would lie."""
        return self._folder / digest[:2] / digest

    def new_path(self) -> Path:
        """Give a place for something that is being written."""
        folder = self._folder / INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        return folder / secrets.token_hex(16)

    def receive(self, blocks: Iterable[bytes], most: int) -> Incoming:
        """Write a content that comes in, block by block.

        Args:
            blocks: its bytes.
            most: bytes it may have.

        Raises:
            FileTooLarge: it has more.
        """
        path, hasher, size, head = self.new_path(), hashlib.sha256(), 0, b""
        try:
            with path.open("xb") as target:
                for block in blocks:
                    size += len(block)
                    if size > most:
                        raise FileTooLarge(most=round(most / MEGABYTE, 1))
                    if len(head) < HEAD:
                        head += block[: HEAD - len(head)]
                    hasher.update(block)
                    target.write(block)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Incoming(path, hasher.hexdigest(), size, head)

    def arrived(self, path: Path) -> Incoming:
        """Take a file of `new_path` that somebody else wrote."""
        hasher, head = hashlib.sha256(), b""
        with path.open("rb") as source:
            while block := source.read(BLOCK):
                head = head or block[:HEAD]
                hasher.update(block)
        return Incoming(path, hasher.hexdigest(), path.stat().st_size, head)

    def keep(self, incoming: Incoming) -> None:
        """Give a content its name; one that is there already stays."""
        path = self.path(incoming.digest)
        if path.exists():
            incoming.path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.path.replace(path)

    def remove(self, digest: str) -> None:
        """Remove a content."""
        self.path(digest).unlink(missing_ok=True)

    def strays(self, before: float) -> Iterator[Path]:
        """Give what lies here since before an instant (seconds of the epoch), row or not."""
        for folder in sorted(self._folder.glob("*")):
            for path in folder.iterdir():
                if path.stat().st_mtime < before:
                    yield path


def blocks_of(path: Path) -> Iterator[bytes]:
    """Read a file block by block."""
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            yield block
