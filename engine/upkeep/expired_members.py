"""Removing memberships that have ended; they granted nothing from that very instant."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, select

from engine.context import SYSTEM, Context
from engine.publish.live import LiveSite
from engine.records.team import expire
from engine.storage.team_tables import team

EVERY = timedelta(minutes=1)
MOST = 200
"""Memberships of one transaction: people are waiting."""
ENDED = select(team.c.user_id).where(
    team.c.expires_at <= bindparam("now", type_=team.c.expires_at.type)
)


class RemoveExpiredMembers:
    """Tidies teams up, so that nobody is shown who is no member any more; a chore."""

    def __init__(self) -> None:
        """Look for the first time at once."""
        self._next: datetime | None = None

    def __call__(self, live: LiveSite) -> None:
        """Remove some, when it is time."""
        now = live.clock()
        if self._next is not None and now < self._next:
            return
        self._next = now + EVERY
        with live.database.read() as connection:
            if not connection.scalar(select(exists(ENDED)), {"now": now}):
                return
        with live.write(Context(actor=SYSTEM, now=now)) as unit:
            removed = expire(unit, MOST)
        if removed == MOST:
            self._next = now
