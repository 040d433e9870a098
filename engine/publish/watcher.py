"""PostgreSQL workers learn of a publish: LISTEN, with a slow poll behind it.

One thread with a connection of its own. NOTIFY is part of the publish transaction, so it comes
after the commit and only then; the poll covers a connection that broke in between.
"""

import logging
import threading
import uuid
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from engine.publish.apply import CHANNEL
from engine.publish.live import LiveSite
from engine.publish.workers import beat, leave

log = logging.getLogger("heddle.publish")

POLL_SECONDS = 1.0
"""How long one wait for a notice lasts; also the longest that `Watcher.stop` waits."""
RETRY_SECONDS = 1.0


class Watcher:
    """Keeps a `LiveSite` at the published version. Does nothing on SQLite, which needs none."""

    def __init__(self, live: LiveSite) -> None:
        """Watch nothing until `start`."""
        self.worker_id = uuid.uuid4().hex
        self._live = live
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heddle-watcher", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        if self._live.database.dialect == "postgresql":
            self._thread.start()

    def stop(self) -> None:
        """Stop watching; waits for the thread to end, and forgets this worker."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(POLL_SECONDS + 1)
            with self._live.database.write() as connection:
                leave(connection, self.worker_id)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except DBAPIError:
                log.warning("lost the connection that listens for publishes; trying again")
                self._stopping.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        engine = self._live.database.engine
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            while not self._stopping.is_set():
                self._look(connection)
                driver: Any = connection.connection.driver_connection
                for _note in driver.notifies(timeout=POLL_SECONDS, stop_after=1):
                    break

    def _look(self, connection: Connection) -> None:
        self._live.refresh(connection)
        beat(connection, self.worker_id, self._live)
