"""Files of sample records: a few drawn pictures and one short text, shared by all of them."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from engine.context import Context
from engine.fields.file import FileRef, most_files
from engine.files.attachments import find_files, loose_copy
from engine.files.content import ContentStore
from engine.files.upload import IMAGE, Limits, keep, take_in
from engine.publish.live import LiveSite
from engine.storage.snapshot import BoundField, BoundObject, Unit

PICTURE, DOCUMENT = "picture", "document"
"""Hints of ``sample:`` that a field of files understands; without one it stays empty."""
SIZE = (360, 270)
THREAD = 18
COLOURS = ((47, 91, 234), (19, 122, 82), (163, 85, 10), (107, 75, 214))
GROUND = (246, 247, 249)
TEXT = "Sample file\r\n样例文件\r\n".encode()
FILLED = 0.8
NO_LIMITS = Limits(largest=1 << 24, quota=1 << 62, types=frozenset({"png", "txt"}))


@dataclass(slots=True)
class SampleFiles:
    """Makes files for sample records; each content is stored once."""

    live: LiveSite
    context: Context
    store: ContentStore
    _kept: dict[str, list[FileRef]] = field(default_factory=dict)

    def prepare(self, bound: BoundObject) -> None:
        """Store what the files of an object are drawn from; outside of any transaction."""
        for one in bound.fields.values():
            hint = one.definition.sample
            if not one.type.files or not isinstance(hint, str) or hint in self._kept:
                continue
            is_picture = one.definition.type == IMAGE
            contents = list(map(drawn, COLOURS)) if is_picture else [TEXT]
            name = "sample.png" if is_picture else "sample.txt"
            self._kept[hint] = [self._keep(one, name, content) for content in contents]

    def values(self, unit: Unit, bound: BoundObject, random: Random) -> dict[str, list[str]]:
        """Give some fields of one record files of their own."""
        made: dict[str, list[str]] = {}
        for one in bound.fields.values():
            hint = one.definition.sample
            sources = self._kept.get(hint, []) if isinstance(hint, str) else []
            if not one.type.files or not sources or random.random() > FILLED:
                continue
            count = random.randint(1, min(most_files(one.definition), len(sources)))
            chosen = random.sample(sources, count)
            found = find_files(unit, [ref.id for ref in chosen])
            made[one.key] = [loose_copy(unit, found[ref.id]) for ref in chosen]
        return made

    def _keep(self, one: BoundField, name: str, content: bytes) -> FileRef:
        arrived = take_in(self.store, NO_LIMITS, one.definition, name, [content])
        with self.live.write(self.context) as unit:
            return keep(unit, self.store, NO_LIMITS, arrived, one)


def drawn(colour: Sequence[int]) -> bytes:
    """Draw a piece of woven cloth as PNG."""
    width, height = SIZE
    rows = b"".join(b"\x00" + bytes(_row(y, width, colour)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _row(y: int, width: int, colour: Sequence[int]) -> Iterator[int]:
    for x in range(width):
        over = (x // THREAD + y // THREAD) % 2 == 0
        edge = (x if over else y) % THREAD < THREAD // 4
        yield from GROUND if edge else (colour if over else [part // 2 + 110 for part in colour])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
