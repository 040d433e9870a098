"""The job runner: threads inside the serving process, or a process of its own on PostgreSQL."""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError

from engine.errors import Busy, DatabaseLost, NotReady
from engine.publish.live import LiveSite
from engine.queue import lease
from engine.queue.job import Job
from metadata.errors import PlatformError

log = logging.getLogger("heddle.worker")

Handler = Callable[[LiveSite, Job], None]
"""Runs a job to its end in steps of its own; returns when there is nothing left to do.

It finishes the job itself (`engine.queue.lease.finish`) in its last transaction.
"""
Chore = Callable[[LiveSite], None]
"""Something small that is done while no job waits; it tells by itself when it is due."""
POLL_SECONDS = 1.0
KEEP_SECONDS = 15.0


class JobRunner:
    """Runs jobs of the kinds it has handlers for, one at a time."""

    def __init__(
        self, live: LiveSite, handlers: Mapping[str, Handler], chores: Sequence[Chore] = ()
    ) -> None:
        """Run nothing until `start`."""
        self._live = live
        self._handlers = handlers
        self._chores = chores
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
                for chore in self._chores:
                    chore(self._live)
            except (Busy, DatabaseLost):
                log.warning("the queue cannot be read; trying again")
            except Exception:  # this thread has to live as long as its process
                log.exception("the queue cannot be read; trying again")
            self._live.job_bell.wait(POLL_SECONDS)

    def run_this(self, number: int) -> bool:
        """Run one job here and now, also before its time; False when another worker has it."""
        return self._run_one(number)

    def _run_one(self, only: int | None = None) -> bool:
        if only is None and not self._waiting():
            return False
        with self._live.database.write() as connection:
            kinds, now = self._handlers.keys(), self._live.clock()
            held = lease.claim(connection, self._id, kinds, now, only=only)
        if held is None:
            return False
        keeper = _Keeper(self._live, held)
        keeper.start()
        try:
            self._handlers[held.kind](self._live, held)
        except lease.LeaseLost:
            log.warning("job %d was taken over by another worker", held.id)
        except (Busy, DatabaseLost, NotReady) as passing:
            self._give_back(held, passing)
        except PlatformError as refused:
            self._fail(held, refused)
        except Exception:
            log.exception("job %d (%s) failed", held.id, held.kind)
            self._give_back(held, None)
        finally:
            keeper.stop()
        return True

    def _waiting(self) -> bool:
        """Look without writing: an idle site does not take the write lock every second."""
        with self._live.database.read() as connection:
            return lease.is_any_ready(connection, self._handlers.keys(), self._live.clock())

    def _fail(self, held: Job, refused: PlatformError) -> None:
        """End a job that somebody's input or state makes impossible: trying again is no use."""
        result = {**(held.result or {}), **_told(refused)}
        try:
            with self._live.database.write() as connection:
                lease.finish(connection, held, self._live.clock(), state="failed", result=result)
        except lease.LeaseLost:
            log.warning("job %d was taken over by another worker", held.id)

    def _give_back(self, held: Job, passing: PlatformError | None) -> None:
        """Let a job be tried again later: the cause may pass."""
        problem = {"code": "internal", "params": {}} if passing is None else _told(passing)
        try:
            with self._live.database.write() as connection:
                lease.give_back(connection, held, self._live.clock(), problem)
        except lease.LeaseLost:
            log.warning("job %d was taken over by another worker", held.id)


def _told(error: PlatformError) -> dict[str, object]:
    return {"code": error.code, "params": _plain(error.params)}


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
            except (SQLAlchemyError, Busy, DatabaseLost):
                log.warning("the lease of job %d was not renewed this time", self._held.id)

    def stop(self) -> None:
        """End the renewing."""
        self._over.set()
        self.join()
