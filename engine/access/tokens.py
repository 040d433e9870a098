"""Tokens of the API: they carry their user's rights, never more, and die with the user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update

from engine.access.secret import hash_of, new_secret
from engine.errors import FieldError, InvalidInput
from engine.storage.people_tables import token
from metadata.errors import PlatformError

PREFIX = "hdl_"
"""Makes a lost token recognisable to scanners of leaked secrets."""
USED_EVERY = timedelta(hours=1)
NAME_LENGTH = 100
ENDED_SHOWN = timedelta(days=30)
MOST_DAYS = 3650


class TokenExpired(PlatformError):
    """A token that has run out; ``name`` is what its owner called it."""

    code = "token_expired"
    status = 401


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it; the secret itself is known to nobody."""

    id: int
    user_id: int
    name: str
    created_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    scopes: Sequence[str] | None = None

    def stale(self, now: datetime) -> bool:
        """Tell whether its last use should be written down again."""
        return self.used_at is None or now - self.used_at >= USED_EVERY


_COLUMNS = (
    token.c.id,
    token.c.user_id,
    token.c.name,
    token.c.created_at,
    token.c.ends_at,
    token.c.used_at,
    token.c.scopes,
)
_READ = select(*_COLUMNS).where(token.c.hash == bindparam("hash"))


def create_token(
    connection: Connection,
    user_id: int,
    *,
    name: str,
    days: int | None,
    now: datetime,
    scopes: Sequence[str] = (),
) -> tuple[int, str]:
    """Make a token; gives its number and its secret, which is shown this once.

    ``name`` is what its owner calls it; without ``days`` it holds until it is revoked;
    ``scopes`` are those of `engine.access.limits.parse_scopes`.

    Raises:
        InvalidInput: the name or the number of days will not do.
    """
    name = name.strip()
    if not name or len(name) > NAME_LENGTH:
        raise InvalidInput([FieldError("name", "name_length", {"most": NAME_LENGTH})])
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InvalidInput(
            [FieldError("days", "days_out_of_range", {"low": 1, "high": MOST_DAYS})]
        )
    secret = PREFIX + new_secret()
    made = connection.execute(
        insert(token)
        .values(
            user_id=user_id,
            name=name,
            hash=hash_of(secret),
            created_at=now,
            ends_at=None if days is None else now + timedelta(days=days),
            scopes=list(scopes) or None,
        )
        .returning(token.c.id)
    )
    return int(made.scalar_one()), secret


def read_token(connection: Connection, secret: str, *, now: datetime) -> Token | None:
    """Give the token of a secret, or None when there is none.

    Raises:
        TokenExpired: it has run out; only who holds it learns so.
    """
    row = connection.execute(_READ, {"hash": hash_of(secret)}).first()
    if row is None:
        return None
    found = Token(*row)
    if found.ends_at is not None and found.ends_at <= now:
        raise TokenExpired(name=found.name, ended=f"{found.ends_at:%Y-%m-%d %H:%M} UTC")
    return found


def touch_token(connection: Connection, token_id: int, now: datetime) -> None:
    """Write down that a token was used."""
    connection.execute(update(token).where(token.c.id == token_id).values(used_at=now))


def tokens_of(connection: Connection, user_id: int, *, now: datetime) -> list[Token]:
    """List a person's tokens, also those that ran out lately, the youngest first."""
    since = now - ENDED_SHOWN
    shown = and_(
        token.c.user_id == user_id, or_(token.c.ends_at.is_(None), token.c.ends_at > since)
    )
    rows = connection.execute(select(*_COLUMNS).where(shown).order_by(token.c.id.desc()))
    return [Token(*row) for row in rows]


def revoke_token(connection: Connection, token_id: int, *, user_id: int | None = None) -> bool:
    """End a token; tells whether it was there (and was ``user_id``'s, when one is given)."""
    mine = token.c.id == token_id
    if user_id is not None:
        mine = and_(mine, token.c.user_id == user_id)
    return connection.execute(delete(token).where(mine)).rowcount == 1


def revoke_tokens(connection: Connection, user_id: int) -> int:
    """End all tokens of a person; gives how many."""
    return connection.execute(delete(token).where(token.c.user_id == user_id)).rowcount
