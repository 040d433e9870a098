"""A lock that serves in order of arrival: SQLite's own waiting is a lottery under load."""

import threading
from collections import deque
from types import TracebackType

Waiting = tuple[threading.Event, bool]


class FairLock:
    """First come, first served; `threading.Lock` promises no order.

    Not re-entrant: a second write inside a write on one thread is our bug and would wait for
    ever, so it raises instead.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[Waiting] = deque()
        self._holder: int | None = None

    def acquire(self, timeout: float, *, joins: bool = False) -> bool:
        """Wait at most ``timeout`` seconds; tell whether the lock is held now.

        ``joins``: it may be had by `pass_on`.
        """
        me = threading.get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("a write transaction inside a write transaction")
            if self._holder is None:
                self._holder = me
                return True
            turn = threading.Event()
            self._waiting.append((turn, joins))
        if turn.wait(timeout):
            self._holder = me
            return True
        with self._guard:
            if turn.is_set():  # handed over in the very moment of giving up
                self._holder = me
                return True
            self._waiting.remove((turn, joins))
            return False

    def pass_on(self) -> bool:
        """Hand the lock to whoever waits longest, if he joins; else it stays held."""
        with self._guard:
            if not self._waiting or not self._waiting[0][1]:
                return False
            self._hand_over()
            return True

    def release(self) -> None:
        """Hand the lock to whoever waits longest."""
        with self._guard:
            if self._waiting:
                self._hand_over()
            else:
                self._holder = None

    def _hand_over(self) -> None:
        self._holder = 0  # taken: by the thread that wakes up
        self._waiting.popleft()[0].set()

    def __enter__(self) -> "FairLock":
        """Take the lock, however long it takes."""
        self.acquire(threading.TIMEOUT_MAX)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock back."""
        self.release()
