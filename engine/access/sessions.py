"""Sessions of people in browsers. The id is new at each sign-in and is never chosen by a client.

A session ends after some idle hours, after some days whatever happens, at sign-out, when its
person gets a new password and when the account is disabled.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, false, func, insert, select, update

from engine.access.secret import hash_of, new_secret
from engine.storage.people_tables import credential, personal, session

SEEN_EVERY = timedelta(minutes=5)
"""How exactly the last use is kept: not every request of a reader becomes a write."""
AGENT_LENGTH = 255
PREFERENCES = "preferences"


@dataclass(frozen=True, slots=True)
class SessionRules:
    """When sessions end."""

    idle: timedelta = timedelta(hours=8)
    absolute: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Session:
    """A live session with its person's preferences.

    Attributes:
        strong: a second factor was shown for it.
        viewed_id: the person through whose eyes it looks at the moment.
        must_change: a new password comes first.
    """

    id_hash: bytes
    user_id: int
    csrf: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str = ""
    agent: str = ""
    strong: bool = False
    viewed_id: int | None = None
    must_change: bool = False
    preferences: Any = None

    @property
    def key(self) -> str:
        """Give a name of this session that is safe to show: it opens nothing."""
        return self.id_hash.hex()[:16]

    def lives(self, now: datetime, rules: SessionRules) -> bool:
        """Tell whether it has not ended."""
        return self.ends_at > now and now - self.seen_at <= rules.idle

    def stale(self, now: datetime) -> bool:
        """Tell whether its last use should be written down again."""
        return now - self.seen_at >= SEEN_EVERY


_PLAIN = (
    session.c.id_hash,
    session.c.user_id,
    session.c.csrf,
    session.c.created_at,
    session.c.seen_at,
    session.c.ends_at,
    session.c.address,
    session.c.agent,
    session.c.strong,
    session.c.viewed_id,
    session.c.must_change,
)
SESSION_COLUMNS = (*_PLAIN, personal.c.body)
"""What a `Session` is made of, in its order."""
SESSION_SOURCE = session.outerjoin(
    personal,
    and_(
        personal.c.user_id == session.c.user_id,
        personal.c.kind == PREFERENCES,
        personal.c.key == "",
    ),
)


def open_session(
    connection: Connection,
    user_id: int,
    *,
    now: datetime,
    rules: SessionRules,
    address: str = "",
    agent: str = "",
    strong: bool = False,
) -> str:
    """Open a session and give its id, the only time it is known here.

    When somebody else chose the password, it only leads to choosing another one.
    """
    secret = new_secret()
    chosen = select(credential.c.must_change).where(credential.c.user_id == user_id)
    connection.execute(
        insert(session).values(
            id_hash=hash_of(secret),
            user_id=user_id,
            csrf=new_secret(),
            created_at=now,
            seen_at=now,
            ends_at=now + rules.absolute,
            address=address,
            agent=agent[:AGENT_LENGTH],
            strong=strong,
            must_change=func.coalesce(chosen.scalar_subquery(), false()),
        )
    )
    return secret


def free_session(connection: Connection, id_hash: bytes) -> None:
    """Let a session go on: its person has chosen a password of his own."""
    connection.execute(
        update(session).where(session.c.id_hash == id_hash).values(must_change=False)
    )


def touch_session(connection: Connection, id_hash: bytes, now: datetime) -> None:
    """Write down that a session was used; an older instant never replaces a younger one."""
    mine = and_(session.c.id_hash == id_hash, session.c.seen_at < now)
    connection.execute(update(session).where(mine).values(seen_at=now))


def strengthen_session(connection: Connection, id_hash: bytes) -> None:
    """Note that a second factor was shown for a session."""
    connection.execute(update(session).where(session.c.id_hash == id_hash).values(strong=True))


def look_as(connection: Connection, id_hash: bytes, viewed_id: int | None) -> None:
    """Let a session look through somebody's eyes; None: its own person's again."""
    mine = session.c.id_hash == id_hash
    connection.execute(update(session).where(mine).values(viewed_id=viewed_id))


def sessions_of(
    connection: Connection, user_id: int, *, now: datetime, rules: SessionRules
) -> list[Session]:
    """List a person's live sessions, the one used last first."""
    live = and_(
        session.c.user_id == user_id,
        session.c.ends_at > now,
        session.c.seen_at >= now - rules.idle,
    )
    rows = connection.execute(select(*_PLAIN).where(live).order_by(session.c.seen_at.desc()))
    return [Session(*row) for row in rows]


def close_session(connection: Connection, id_hash: bytes, *, user_id: int) -> bool:
    """End one session of a person; tells whether it was his."""
    mine = and_(session.c.id_hash == id_hash, session.c.user_id == user_id)
    return connection.execute(delete(session).where(mine)).rowcount == 1


def close_sessions(connection: Connection, user_id: int, *, keep: bytes | None = None) -> int:
    """End all sessions of a person, but the one to ``keep``; gives how many ended."""
    mine = session.c.user_id == user_id
    if keep is not None:
        mine = and_(mine, session.c.id_hash != keep)
    return connection.execute(delete(session).where(mine)).rowcount


def remove_ended(connection: Connection, *, now: datetime, rules: SessionRules) -> int:
    """Remove sessions that have ended; gives how many."""
    ended = (session.c.ends_at <= now) | (session.c.seen_at < now - rules.idle)
    return connection.execute(delete(session).where(ended)).rowcount
