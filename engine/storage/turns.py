"""Writing to SQLite: one at a time, in order of arrival, over one connection kept for it.

Its page cache stays warm, since nobody else writes. Those who wait for a brief turn are done
together: each in a savepoint of its own, one after the other, in one transaction that is flushed
to the disk once. Nobody is told that he is done before that.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from engine.errors import Busy
from engine.storage.fair_lock import FairLock

MOST_TOGETHER = 32
LONGEST_TOGETHER = 0.05
"""Seconds from the first one's beginning on in which others may join."""


class _Group:
    """Turns whose transaction is one; all but the last wait for its end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver: Any = connection.connection.dbapi_connection
        self.transaction = connection.begin()
        self.began = time.monotonic()
        self.size = 0  # of those that are done, each but for the end
        self.ended = threading.Event()
        self.error: Exception | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether another one may join."""
        return self.size < MOST_TOGETHER and time.monotonic() - self.began < LONGEST_TOGETHER


class Turns:
    """The turns of those who write to one SQLite database."""

    def __init__(self, engine: Engine, patience: float) -> None:
        """Open nothing yet.

        Args:
            engine: of the database.
            patience: how many seconds somebody waits for his turn.
        """
        self._engine = engine
        self._patience = patience
        self._lock = FairLock()
        self._kept: Connection | None = None
        self._group: _Group | None = None

    @contextmanager
    def turn(self, *, brief: bool) -> Iterator[Connection]:
        """Give a connection to write with: committed at the end, undone on any error.

        ``brief``: it may share its transaction with others.

        Raises:
            Busy: no turn in time; nothing was done.
        """
        if not self._lock.acquire(self._patience, joins=brief):
            raise Busy
        try:
            group = self._joined()
        except BaseException:
            self._leave(self._group, joins=False)
            raise
        try:
            yield group.connection
            self._keep(group)
        except BaseException:
            try:
                self._undo(group)
            finally:
                self._leave(group, joins=brief)
            raise
        self._leave(group, joins=brief)
        group.ended.wait()
        if group.error is not None:
            raise _same(group.error) from group.error

    def close(self) -> None:
        """Close the connection; somebody may write again all the same."""
        if self._lock.acquire(self._patience):
            try:
                self._drop()
            finally:
                self._lock.release()

    def _joined(self) -> _Group:
        """Give the group of this turn, the open one or a new one."""
        if self._group is None:
            self._group = self._begun()
        elif self._group.size:
            self._group.driver.execute("SAVEPOINT turn")
        return self._group

    def _begun(self) -> _Group:
        if self._kept is None or self._kept.closed or self._kept.invalidated:
            self._kept = self._engine.connect()
        driver: Any = self._kept.connection.dbapi_connection
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:  # another process is writing
            raise Busy from error
        return _Group(self._kept)

    def _keep(self, group: _Group) -> None:
        """Make what a turn did part of its group."""
        if group.size:
            group.driver.execute("RELEASE turn")
        group.size += 1

    def _undo(self, group: _Group) -> None:
        """Take back what a turn did; where nothing else is left of its group, end it."""
        if group.size == 0:
            self._end(group, commit=False)
            return
        try:
            group.driver.execute("ROLLBACK TO turn")
            group.driver.execute("RELEASE turn")
        except sqlite3.Error as error:  # what failed has ended the whole transaction
            group.error = error
            self._end(group, commit=False)

    def _leave(self, group: _Group | None, *, joins: bool) -> None:
        """Let the next one join, or end the group: one of both, whatever happens."""
        if group is not None and self._group is group:
            if joins and group.is_open and self._lock.pass_on():
                return
            self._end(group, commit=True)
        self._lock.release()

    def _end(self, group: _Group, *, commit: bool) -> None:
        self._group = None
        try:
            if commit:
                group.transaction.commit()
            else:
                group.transaction.rollback()
        except Exception as error:  # noqa: BLE001 - it is told to everybody in the group
            group.error = group.error or error
            with suppress(sqlite3.Error):
                group.driver.rollback()
            self._drop()
        finally:
            group.ended.set()

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()


def _same(error: Exception) -> Exception:
    """Give the error once more, for one of several threads that it is told to."""
    if isinstance(error, DBAPIError):
        return type(error)(error.statement, error.params, error.orig or error)
    return RuntimeError("the transaction that it was part of failed")
