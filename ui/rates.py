"""How many calls a token may make in a minute: counted in this process, forgotten with it."""

import threading
from datetime import datetime

from metadata.errors import PlatformError

MINUTE = 60.0
MOST_KEPT = 10_000
"""Tokens whose level is remembered; those that rest are forgotten first."""


class TooManyRequests(PlatformError):
    """A token has used up what it may call in a minute; ``seconds`` tells how long to wait."""

    code = "too_many_requests"
    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.retry_after = seconds


class Rates:
    """A bucket for each token: as full as a minute allows, and filled again all the time."""

    def __init__(self, a_minute: int) -> None:
        """Allow ``a_minute`` calls; 0 allows any number."""
        self._most = float(a_minute)
        self._lock = threading.Lock()
        self._levels: dict[int, tuple[float, float]] = {}  # token -> what is left, and when

    def take(self, token: int, now: datetime) -> None:
        """Count one call.

        Raises:
            TooManyRequests: the token has none left.
        """
        if not self._most:
            return
        at, speed = now.timestamp(), self._most / MINUTE
        with self._lock:
            level, since = self._levels.get(token, (self._most, at))
            level = min(self._most, level + max(at - since, 0.0) * speed)
            if level < 1:
                raise TooManyRequests(int((1 - level) / speed) + 1)
            self._levels[token] = (level - 1, at)
            if len(self._levels) > MOST_KEPT:
                self._forget(at - MINUTE)

    def _forget(self, before: float) -> None:
        """Forget who has rested for a minute: he has everything left."""
        self._levels = {key: one for key, one in self._levels.items() if one[1] > before}
