"""A library whose clerk imports and exports: the world of these tests."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.access.actors import read_person
from engine.context import Actor, Context, Locale
from engine.exchange.exporter import ExportOrder, start_export
from engine.exchange.importer import start_import
from engine.exchange.jobs import job_handlers
from engine.exchange.order import parse_options
from engine.exchange.store import FileStore, StoredFile
from engine.exchange.table import open_table
from engine.publish.live import LiveSite
from engine.queue.job import Job, RowError, read_errors, read_job
from engine.records.change import change
from engine.records.purge import purge
from engine.records.remove import remove
from engine.records.writing import Writing
from engine.worker.runner import JobRunner
from tests.integration.records.world import World, make_world
from tests.support.library import opened, publish, system_context
from tests.support.templates import fill

LOCALE = Locale()
TRUST = Writing(system_fields=True, unversioned=True)
ROLE = {
    "op": "add",
    "document": "role/x_desk",
    "path": "",
    "value": {
        "kind": "role",
        "key": "x_desk",
        "label": "Desk",
        "objects": {
            "book": {
                "read": "all", "create": True, "update": "all", "import": True, "export": "all",
                "fields": {"shelf": "hidden", "isbn": {"level": "edit", "mask": "always"}},
            },
            "reader": {"read": "all", "create": True, "update": "all", "import": True},
            "loan": {
                "read": "own", "create": True, "update": "own", "import": True, "export": "own",
            },
            "user": {"read": "all"},
        },
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job."""

    job: Job
    errors: Sequence[RowError]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Give created, updated, skipped, failed."""
        found = self.job.counts
        return found["created"], found["updated"], found["skipped"], found["failed"]

    @property
    def told(self) -> list[tuple[int, str, str]]:
        """Give row, column and code of each error."""
        return [(error.row, error.column, error.code) for error in self.errors]


@dataclass(frozen=True, slots=True)
class Desk:
    """The library, its file store, and who acts."""

    world: World
    files: FileStore
    cy: int  # the clerk at the desk

    @property
    def live(self) -> LiveSite:
        """Give the site."""
        return self.world.live

    def context(self, user_id: int | None = None, language: str = "zh-CN") -> Context:
        """Give a context of the clerk, or of somebody else."""
        from_id = self.cy if user_id is None else user_id
        with self.live.read(system_context(self.live)) as unit:
            person = read_person(unit.connection, unit.snapshot, from_id)
        assert person is not None
        locale = Locale(language=language)
        return Context(actor=person.actor, now=self.live.clock(), locale=locale, request_id="r-9")

    def keep(self, content: bytes, name: str = "books.csv", by: int | None = None) -> StoredFile:
        """Put a file into the store."""
        path = self.files.receive(iter([content]))
        with self.live.write(self.context(by)) as unit:
            return self.files.register(unit, path, name, "import")

    def order(
        self, content: bytes | str, object_key: str = "book", by: int | None = None, **options: Any
    ) -> int:
        """Order an import; gives the job."""
        data = content.encode() if isinstance(content, str) else content
        return start_import(
            self.live,
            self.context(by),
            self.files,
            object_key=object_key,
            file_id=self.keep(data, by=by).id,
            options=parse_options(options),
        )

    def bring(
        self, content: bytes | str, object_key: str = "book", by: int | None = None, **options: Any
    ) -> Outcome:
        """Import a file."""
        return self.finish(self.order(content, object_key, by, **options))

    def finish(self, number: int) -> Outcome:
        """Run whatever waits; gives what became of a job."""
        JobRunner(self.live, job_handlers(self.files, LOCALE)).run_waiting()
        with self.live.database.read() as connection:
            return Outcome(read_job(connection, number), read_errors(connection, number))

    def send(self, **order: Any) -> list[list[Any]]:
        """Export; gives the rows of the file, the header among them."""
        path = self.export(**order)
        sheet = open_table(path)
        return [list(sheet.header), *(list(cells) for _, cells in sheet.rows)]

    def export(self, object: str = "book", by: int | None = None, **order: Any) -> Path:
        """Export; gives the file."""
        number = start_export(self.live, self.context(by), ExportOrder(object=object, **order))
        job = self.finish(number).job
        assert job.state == "done", job.result
        assert job.result is not None
        return self.files.path(job.result["file"])

    def rows(self, object_key: str, *columns: str) -> list[tuple[Any, ...]]:
        """Read living records as they are stored, in the order of ids."""
        with self.world.unit() as unit:
            bound = unit.snapshot.object(object_key)
            found = [bound.field(key).column for key in columns]
            query = select(*found).where(bound.table.c.deleted_at.is_(None))
            return [
                tuple(row) for row in unit.connection.execute(query.order_by(bound.table.c.id))
            ]


def make_desk(url: str, folder: Path) -> Desk:
    """Open the library and hire the clerk."""
    desk, ann, bob, cy = fill(url, "exchange", _furnish)
    world = World(opened(url), desk, ann, bob)
    return Desk(world, FileStore(folder / "var"), cy)


def _furnish(url: str) -> tuple[int, Actor, Actor, int]:
    world = make_world(url)
    publish(world.live, ROLE)
    cy = world.create(
        "user", name="Cy", mobile="13900000003", department=world.desk, roles=["x_desk"]
    )
    with world.unit() as unit:
        for (seeded,) in unit.connection.execute(select(unit.snapshot.object("book").table.c.id)):
            remove(unit, "book", seeded)
            purge(unit, "book", seeded)
        change(unit, "user", cy.id, {"state": "active"}, version=None, writing=TRUST)
    world.live.database.close()
    return world.desk, world.ann, world.bob, cy.id


def csv_text(*rows: Sequence[Any]) -> str:
    """Write rows as CSV."""
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue()


def numbered(count: int) -> Iterator[tuple[str, str]]:
    """Give titles and authors that differ."""
    for number in range(count):
        yield f"Book {number:05d}", f"Author {number % 7}"
