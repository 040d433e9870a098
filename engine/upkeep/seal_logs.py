"""Sealing the logs while the site is served: a little at a time, so that nobody notices."""

from datetime import datetime, timedelta

from engine.audit.sealing import seal_logs
from engine.publish.live import LiveSite

FIRST = timedelta(minutes=1)
"""How long a process has been up before it seals: one that ends soon leaves it to others."""
EVERY = timedelta(minutes=10)
GOES_ON = timedelta(seconds=10)
"""The pause between turns while there is much to seal, as after an import."""
AT_ONCE = 4
PATIENCE = 1.0
"""Seconds to wait for somebody who is writing; jobs wait meanwhile."""


class SealLogs:
    """A chore of the runner: seals what the logs have gained."""

    def __init__(self) -> None:
        """Wait a while before the first time."""
        self._next: datetime | None = None

    def __call__(self, live: LiveSite) -> None:
        """Seal, when it is time."""
        now = live.clock()
        if self._next is None:
            self._next = now + FIRST
        if now < self._next:
            return
        made = seal_logs(live.database, live.clock, most=AT_ONCE, patience=PATIENCE)
        self._next = now + (GOES_ON if made == AT_ONCE else EVERY)
