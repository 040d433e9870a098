"""A process that works and kills itself.

Arguments: work, database URL, folder, seed, and at which statement to die (0: never). What was
committed, and so promised, is printed: one JSON line each; at the end the number of statements.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from engine.access.actors import read_actor
from engine.audit.sealing import seal_logs
from engine.bulk.order import BulkOrder, order_bulk
from engine.bulk.run import bulk_handlers
from engine.carry.carrying import restore
from engine.context import Context, Locale
from engine.errors import InvalidInput
from engine.exchange.importer import start_import
from engine.exchange.jobs import job_handlers
from engine.exchange.order import parse_options
from engine.exchange.store import FileStore
from engine.publish.live import LiveSite
from engine.records.create import create
from engine.storage.database import Database
from engine.upkeep.handlers import upkeep_handlers
from engine.worker.runner import JobRunner
from tests.support.library import added_field, publish, system_context

ROWS = 60
CROWD = 5


def promise(**facts: Any) -> None:
    """Tell what is committed; it is out of this process before anything else happens."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def admin(live: LiveSite) -> Context:
    """Act as the first person there is."""
    with live.read(system_context(live)) as unit:
        table = unit.snapshot.object("user").table
        number = unit.connection.execute(select(table.c.id).order_by(table.c.id)).scalars().first()
        assert number is not None
        actor = read_actor(unit.connection, unit.snapshot, number)
        assert actor is not None
    return Context(actor=actor, now=live.clock(), request_id="deep")


def run_jobs(live: LiveSite, folder: Path) -> None:
    """Run every job that waits."""
    locale = Locale()
    handlers = {
        **job_handlers(FileStore(folder), locale),
        **bulk_handlers(locale),
        **upkeep_handlers(),
    }
    JobRunner(live, handlers).run_waiting()


def creates(live: LiveSite, _folder: Path, seed: str) -> None:
    """Create books one by one."""
    for number in range(8):
        isbn = f"{seed}-{number}"
        with live.write(system_context(live)) as unit:
            made = create(unit, "book", {"title": isbn, "author": "x", "isbn": isbn})
        promise(created=made.id, isbn=isbn)


def crowds(live: LiveSite, _folder: Path, seed: str) -> None:
    """Create books from several threads, whose work is flushed together; some are refused."""

    def work(part: int) -> None:
        for number in range(CROWD):
            isbn = f"{seed}-{part}-{number}"
            for _ in range(2):
                with suppress(InvalidInput):
                    with live.write(system_context(live), brief=True) as unit:
                        made = create(unit, "book", {"title": isbn, "author": "x", "isbn": isbn})
                    promise(created=made.id, isbn=isbn)

    with ThreadPoolExecutor(CROWD) as threads:
        list(threads.map(work, range(CROWD)))


def edits(live: LiveSite, folder: Path, seed: str) -> None:
    """Change all books by one job."""
    order = BulkOrder(
        object="book", verb="edit", values={"shelf": seed}, where=None, language="zh-CN"
    )
    promise(job=order_bulk(live, admin(live), order), shelf=seed)
    run_jobs(live, folder)


def imports(live: LiveSite, folder: Path, seed: str) -> None:
    """Import books from a file."""
    files, context = FileStore(folder), admin(live)
    lines = ["title,author,isbn", *(f"{seed},x,{seed}-{row}" for row in range(ROWS))]
    path = files.receive(iter(["\n".join(lines).encode()]))
    with live.write(context) as unit:
        stored = files.register(unit, path, "books.csv", "import")
    options = parse_options({})
    number = start_import(
        live, context, files, object_key="book", file_id=stored.id, options=options
    )
    promise(job=number, imported=seed, rows=ROWS)
    run_jobs(live, folder)


def publishes(live: LiveSite, _folder: Path, seed: str) -> None:
    """Publish a field."""
    key = f"x_{seed}"
    promise(version=publish(live, added_field(key)), field=key)


def backfills(live: LiveSite, folder: Path, seed: str) -> None:
    """Make a field unique and sortable on data that is there: checks and indexes come as jobs."""
    key = f"x_{seed}"
    number = publish(live, added_field(key, sortable=True))
    promise(version=number, field=key)
    change = {
        "op": "set",
        "document": "object/book",
        "path": f"fields/{key}/unique",
        "value": True,
    }
    promise(version=publish(live, change), field=key)
    run_jobs(live, folder)


def seals(live: LiveSite, _folder: Path, seed: str) -> None:
    """Seal the logs again and again, each time with something new in them."""
    for number in range(3):
        isbn = f"{seed}-{number}"
        with live.write(system_context(live)) as unit:
            create(unit, "book", {"title": isbn, "author": "x", "isbn": isbn})
        promise(sealed=seal_logs(live.database, live.clock), isbn=isbn)


WORKS: Mapping[str, Callable[[LiveSite, Path, str], None]] = {
    "create": creates,
    "crowd": crowds,
    "edit": edits,
    "import": imports,
    "publish": publishes,
    "backfill": backfills,
    "seal": seals,
}


def main() -> None:
    """Do the work, and die at a statement of it."""
    work, url, folder, seed, end = sys.argv[1:]
    count, last = 0, int(end)

    def counted(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    live = LiveSite(Database(url)) if work != "restore" else None
    if live is not None:
        with live.read(system_context(live)):  # what is loaded once is no part of the work
            pass
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, moment, counted)
    if live is None:
        restore(Path(folder) / "site.tar", url, Path(folder) / "there", lambda *_: None)
        promise(restored=True)
    else:
        WORKS[work](live, Path(folder), seed)
    promise(statements=count)
