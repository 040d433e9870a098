"""Secrets that work once.

The set-up link while nobody administers, links that sign a person in, what stands between the
first and the second step of signing in, links to a new password.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from engine.access.secret import hash_of, new_secret
from engine.storage.people_tables import link
from metadata.errors import PlatformError

LASTS = timedelta(minutes=30)
SET_UP = "set_up"
SIGN_IN = "sign_in"
SECOND_STEP = "second_step"
RESET = "reset"
INVITE = "invite"
INVITATION_LASTS = timedelta(days=7)


class LinkUsed(PlatformError):
    """A one-time link that was used before, has run out, or never was one."""

    code = "link_used"
    status = 410


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was good. ``user_id`` is None for the set-up link."""

    purpose: str
    user_id: int | None


def make_link(
    connection: Connection,
    purpose: str,
    *,
    now: datetime,
    user_id: int | None = None,
    lasts: timedelta = LASTS,
) -> str:
    """Make a link and give its secret part.

    A set-up link takes the place of earlier ones, an invitation of those of its person.
    """
    gone = link.c.ends_at < now
    if purpose == SET_UP:
        gone = gone | (link.c.purpose == SET_UP)
    if purpose == INVITE:
        gone = gone | and_(link.c.purpose == INVITE, link.c.user_id == user_id)
    connection.execute(delete(link).where(gone))
    secret = new_secret()
    connection.execute(
        insert(link).values(
            hash=hash_of(secret), purpose=purpose, user_id=user_id, ends_at=now + lasts
        )
    )
    return secret


def is_good(connection: Connection, secret: str, purpose: str, *, now: datetime) -> bool:
    """Tell whether a link could be used now, without using it."""
    good = _good(secret, purpose, now)
    return connection.execute(select(link.c.purpose).where(good)).first() is not None


def person_of_link(connection: Connection, secret: str, purpose: str, *, now: datetime) -> int:
    """Give whose link this is, without using it.

    Raises:
        LinkUsed: it cannot be used.
    """
    found = connection.scalar(select(link.c.user_id).where(_good(secret, purpose, now)))
    if found is None:
        raise LinkUsed
    return int(found)


def drop_links(connection: Connection, user_id: int) -> None:
    """Make worthless what stands for a person's present password: open second steps, resets."""
    mine = and_(link.c.user_id == user_id, link.c.purpose.in_((SECOND_STEP, RESET)))
    connection.execute(delete(link).where(mine))


def use_link(connection: Connection, secret: str, purpose: str, *, now: datetime) -> Link:
    """Use a link up: of two who try at once, exactly one gets it.

    Raises:
        LinkUsed: it cannot be used; why is not told.
    """
    used = connection.execute(
        update(link)
        .where(_good(secret, purpose, now))
        .values(used_at=now)
        .returning(link.c.purpose, link.c.user_id)
    ).first()
    if used is None:
        raise LinkUsed
    return Link(*used)


def _good(secret: str, purpose: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        link.c.hash == hash_of(secret),
        link.c.purpose == purpose,
        link.c.used_at.is_(None),
        link.c.ends_at > now,
    )
