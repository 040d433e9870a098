"""The world of these tests: books and tasks with files, and the store beside the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from engine.context import SYSTEM, Actor, Context
from engine.fields.file import FileRef
from engine.files.content import ContentStore
from engine.files.upload import Limits, keep, take_in
from engine.records.create import create
from engine.records.read import get
from engine.storage.snapshot import Unit
from tests.invariants import check_all
from tests.support.files import check_files
from tests.support.library import added_field
from tests.support.web import Visit, Web, library_web

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"
EVERYTHING = frozenset({"pdf", "txt", "csv", "png", "jpg", "webp", "gif", "docx", "zip", "mp4"})


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), **said: Any) -> bytes:
    """Give a picture; ``said`` is what its file says beside its pixels."""
    out = BytesIO()
    Image.new("RGB", size, (200, 80, 40)).save(out, format=kind, **said)
    return out.getvalue()


@dataclass(slots=True)
class Desk:
    """One site. Ann and Bob read every book and their own tasks alone."""

    web: Web
    store: ContentStore
    limits: Limits
    ann: Actor
    bob: Actor
    later: timedelta = timedelta()
    visited: bool = False

    @property
    def now(self) -> datetime:
        """Give the present of the test."""
        return self.web.live.clock() + self.later

    @contextmanager
    def unit(self, actor: Actor = SYSTEM) -> Iterator[Unit]:
        """Open a transaction of ``actor``."""
        with self.web.live.write(Context(actor=actor, now=self.now)) as unit:
            yield unit

    def upload(
        self,
        name: str,
        content: bytes,
        actor: Actor = SYSTEM,
        place: str = "book.x_papers",
        limits: Limits | None = None,
    ) -> FileRef:
        """Take a file in for a field, as ``actor``."""
        limits = limits or self.limits
        bound = self.web.live.snapshot.object(place.partition(".")[0])
        field = bound.field(place.partition(".")[2])
        blocks = (content[at : at + 1000] for at in range(0, len(content), 1000))
        arrived = take_in(self.store, limits, field.definition, name, blocks)
        with self.unit(actor) as unit:
            made = keep(unit, self.store, limits, arrived, field)
        arrived.throw_away()
        return made

    def book(self, actor: Actor = SYSTEM, **values: Any) -> int:
        """Create a book."""
        with self.unit(actor) as unit:
            return create(unit, "book", {"title": "Dune", "author": "Herbert", **values}).id

    def task(self, actor: Actor, **values: Any) -> int:
        """Create a task, which its owner alone may read."""
        with self.unit(actor) as unit:
            return create(unit, "x_task", {"name": "Bind", **values}).id

    def files(self, object_key: str, record_id: int, key: str) -> Any:
        """Give the files of a record as they are stored."""
        with self.unit() as unit:
            return get(unit, object_key, record_id, (key,)).value(key)

    def sign_in(self, mobile: str) -> Visit:
        """Sign somebody in; the time of it is written beside history."""
        self.visited = True
        return self.web.sign_in(mobile)

    def judge(self) -> None:
        """Hold database and store against everything that must be true."""
        with self.web.live.database.read() as connection:
            if not self.visited:
                check_all(connection, self.web.live.snapshot)
            check_files(connection, self.web.live.snapshot, self.store)


FIELDS = (
    added_field("x_papers", type="file", many=True, max_count=3, max_size=1),
    added_field("x_proof", type="file", types=["pdf"]),
    added_field("x_cover", type="image"),
    added_field("x_photos", type="image", many=True),
)
TASK = {
    "op": "add",
    "document": "object/x_task",
    "path": "",
    "value": {
        "kind": "object", "key": "x_task", "label": "Task", "name_field": "name",
        "abilities": {"owner": True, "recycle_bin": True, "import": True, "export": True},
        "fields": {
            "name": {"type": "text", "label": "Name", "required": True},
            "x_notes": {"type": "file", "label": "Notes", "many": True},
            "x_secret": {"type": "file", "label": "Secret"},
        },
    },
}  # fmt: skip
CLERK = {
    "op": "add",
    "document": "role/x_clerk",
    "path": "",
    "value": {
        "kind": "role",
        "key": "x_clerk",
        "label": "Clerk",
        "objects": {
            "book": {"read": "all", "create": True, "update": "all"},
            "x_task": {
                "read": "own", "create": True, "update": "own", "delete": "own",
                "restore": "own", "purge": "own", "fields": {"x_secret": "hidden"},
            },
        },
    },
}  # fmt: skip


@contextmanager
def open_desk(url: str, folder: Path) -> Iterator[Desk]:
    """Serve the library with what these tests need."""
    with library_web(url, folder, *FIELDS, TASK, CLERK) as web:
        limits = Limits(largest=2 << 20, quota=8 << 20, types=EVERYTHING)
        ann, bob = (
            Actor(web.person(name, mobile, "x_clerk"), name, roles=frozenset({"x_clerk"}))
            for name, mobile in (("Ann", "13900000011"), ("Bob", "13900000012"))
        )
        yield Desk(web, ContentStore(folder), limits, ann, bob)
