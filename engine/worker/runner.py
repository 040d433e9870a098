"""The job runner: threads inside the serving process, or a process of its own on PostgreSQL."""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from engine.errors import Busy
from engine.publish.live import LiveSite
from engine.queue import lease
from engine.queue.job import Job
from metadata.errors import PlatformError

log = logging.getLogger("heddle.worker")

Handler = Callable[[LiveSite, Job], None]
"""Runs a job to its end in steps of its own; returns when there is nothing left to do.

It finishes the job itself (`engine.queue.lease.finish`) in its last transaction.
"""
POLL_SECONDS = 1.0
KEEP_SECONDS = 15.0


class JobRunner:
    """Runs jobs of the kinds it has handlers for, one at a time."""

    def __init__(self, live: LiveSite, handlers: Mapping[str, Handler]) -> None:
        """Run nothing until `start`."""
        self._live = live
        self._handlers = handlers
        self._id = uuid.uuid4().hex
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heddle-jobs", daemon=True)

    def start(self) -> None:
        """Begin to run jobs in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the step in hand; a job cut short is taken up again by the next runner."""
        self._stopping.set()
        self._live.job_bell.set()
        self._thread.join(KEEP_SECONDS)

    def run_waiting(self) -> int:
        """Run every job that is ready, here and now; tells how many were run."""
        count = 0
        while not self._stopping.is_set() and self._run_one():
            count += 1
        return count

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._live.job_bell.clear()
            try:
                self.run_waiting()
            except (SQLAlchemyError, Busy):
                log.exception("the queue cannot be read; trying again")
            self._live.job_bell.wait(POLL_SECONDS)

    def _run_one(self) -> bool:
        if not self._waiting():
            return False
        with self._live.database.write() as connection:
            held = lease.claim(connection, self._id, self._handlers.keys(), self._live.clock())
        if held is None:
            return False
        keeper = _Keeper(self._live, held)
        keeper.start()
        try:
            self._handlers[held.kind](self._live, held)
        except lease.LeaseLost:
            log.warning("job %d was taken over by another worker", held.id)
        except PlatformError as refused:
            self._end(held, refused)
        except Exception:
            log.exception("job %d (%s) failed", held.id, held.kind)
            self._end(held, None)
        finally:
            keeper.stop()
        return True

    def _waiting(self) -> bool:
        """Look without writing: an idle site does not take the write lock every second."""
        with self._live.database.read() as connection:
            return lease.is_any_ready(connection, self._handlers.keys(), self._live.clock())

    def _end(self, held: Job, refused: PlatformError | None) -> None:
        now = self._live.clock()
        try:
            with self._live.database.write() as connection:
                if refused is None:
                    lease.give_back(connection, held, now)
                else:
                    result = {"code": refused.code, "params": _plain(refused.params)}
                    lease.finish(connection, held, now, state="failed", result=result)
        except lease.LeaseLost:
            log.warning("job %d was taken over by another worker", held.id)


def _plain(params: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in params.items() if isinstance(value, str | int)}


class _Keeper(threading.Thread):
    """Renews the lease of a running job, so that a long step is not taken for a dead worker."""

    def __init__(self, live: LiveSite, held: Job) -> None:
        super().__init__(name=f"heddle-job-{held.id}", daemon=True)
        self._live = live
        self._held = held
        self._over = threading.Event()

    def run(self) -> None:
        """Renew until stopped or lost."""
        while not self._over.wait(KEEP_SECONDS):
            try:
                with self._live.database.write() as connection:
                    lease.keep(connection, self._held, self._live.clock())
            except lease.LeaseLost:
                return
            except (SQLAlchemyError, Busy):
                log.warning("the lease of job %d was not renewed this time", self._held.id)

    def stop(self) -> None:
        """End the renewing."""
        self._over.set()
        self.join()
