"""A process that dies in the middle of an import.

Arguments: database URL, data folder, after how many chunks, and whether ``before`` the commit of
that chunk or ``after`` it.
"""

import os
import sys
from pathlib import Path

from engine.context import Locale
from engine.exchange.importer import import_handler
from engine.exchange.store import FileStore
from engine.publish.live import LiveSite
from engine.queue import lease
from engine.storage.database import Database
from engine.worker.runner import JobRunner

DIED = 7


def main() -> None:
    """Run the waiting import until its end comes."""
    url, folder, chunks, moment = sys.argv[1:]
    live = LiveSite(Database(url))
    done = 0

    def count(_rows: int) -> None:
        nonlocal done
        done += 1
        if done == int(chunks) and moment == "after":
            os._exit(DIED)

    save = lease.save_progress

    def save_and_die(*args: object, **options: object) -> None:
        save(*args, **options)  # type: ignore[arg-type]
        if done == int(chunks) - 1 and options.get("done") and moment == "before":
            os._exit(DIED)

    lease.save_progress = save_and_die
    JobRunner(
        live, {"import": import_handler(FileStore(Path(folder)), Locale(), count)}
    ).run_waiting()
