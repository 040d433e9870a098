"""Counting the statements that a process sends to its database."""

import threading
from typing import Any

from sqlalchemy import Engine, event


class Tally:
    """A number that only grows; several threads count on it."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._lock = threading.Lock()
        self.count = 0

    def watch(self, engine: Engine) -> None:
        """Count whatever goes to the database of an engine."""
        event.listen(engine, "after_cursor_execute", self._one)

    def _one(self, *_: Any) -> None:
        with self._lock:
            self.count += 1
