"""A worker of jobs that is killed at a statement.

Arguments: database URL, how many seconds its clock is ahead, and before which statement to the
database it gets its SIGKILL (0: never). It runs every job that is ready.
"""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from engine.bulk.run import bulk_handlers
from engine.context import Locale, system_clock
from engine.exchange.jobs import job_handlers
from engine.exchange.store import FileStore
from engine.publish.live import LiveSite
from engine.storage.database import Database
from engine.upkeep.handlers import upkeep_handlers
from engine.worker.runner import JobRunner


def main() -> None:
    """Run what waits until the end comes."""
    url, ahead, statement, folder = sys.argv[1:]
    late = timedelta(seconds=float(ahead))
    live = LiveSite(Database(url), clock=lambda: system_clock() + late)
    last, seen = int(statement), 0

    def count(*_call: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(live.database.engine, "before_cursor_execute", count)
    event.listen(live.database.engine, "commit", count)
    files = job_handlers(FileStore(Path(folder)), Locale())
    JobRunner(live, {**files, **bulk_handlers(Locale()), **upkeep_handlers()}).run_waiting()
