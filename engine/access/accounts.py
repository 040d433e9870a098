"""Credentials of users, what ends with an account, and the log of signing in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from engine.access.absent import insert_or_replace
from engine.access.links import drop_links
from engine.access.sessions import AGENT_LENGTH, PREFERENCES, close_sessions, free_session
from engine.access.tokens import revoke_tokens
from engine.storage.people_tables import credential, personal, sign_in_log
from metadata.errors import PlatformError

ACCOUNT_LENGTH = 50
OUTCOMES = (
    "signed_in",
    "signed_in_by_link",
    "signed_in_by_provider",
    "second_step_asked",
    "signed_in_with_code",
    "signed_in_with_recovery_code",
    "second_step_refused",
    "refused",
    "throttled",
    "signed_out",
)


class WrongCredentials(PlatformError):
    """Account or password is wrong, or the account is not active: never told which."""

    code = "wrong_credentials"
    status = 422


class NotSignedIn(PlatformError):
    """A call that needs somebody to be signed in."""

    code = "not_signed_in"
    status = 401


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a call came from."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class SignInEntry:
    """A line of the log."""

    at: datetime
    user_id: int | None
    account: str
    outcome: str
    address: str
    agent: str


def password_hash(connection: Connection, user_id: int) -> str | None:
    """Give what is stored of a person's password; None when there is none."""
    mine = select(credential.c.password_hash).where(credential.c.user_id == user_id)
    return connection.execute(mine).scalar()


def set_temporary_password(
    connection: Connection, user_id: int, hashed: str, *, now: datetime
) -> None:
    """Store a password that an administrator chose: it opens the way to choose another one.

    Every session and every token of the person ends.
    """
    row = {"user_id": user_id, "password_hash": hashed, "changed_at": now, "must_change": True}
    insert_or_replace(connection, credential, row)
    end_access(connection, user_id)
    drop_links(connection, user_id)


def set_password(
    connection: Connection,
    user_id: int,
    hashed: str,
    *,
    now: datetime,
    keep_session: bytes | None = None,
) -> None:
    """Store a new password; every session but ``keep_session`` ends."""
    row = {"user_id": user_id, "password_hash": hashed, "changed_at": now, "must_change": False}
    insert_or_replace(connection, credential, row)
    close_sessions(connection, user_id, keep=keep_session)
    drop_links(connection, user_id)
    if keep_session is not None:
        free_session(connection, keep_session)


def renew_hash(connection: Connection, user_id: int, hashed: str, *, now: datetime) -> None:
    """Store the same password under today's parameters; sessions go on."""
    mine = credential.c.user_id == user_id
    connection.execute(update(credential).where(mine).values(password_hash=hashed, changed_at=now))


def end_access(connection: Connection, user_id: int) -> None:
    """End every session and token of a person: the account is disabled."""
    close_sessions(connection, user_id)
    drop_links(connection, user_id)
    revoke_tokens(connection, user_id)


def log_sign_in(
    connection: Connection,
    outcome: str,
    *,
    account: str,
    user_id: int | None,
    origin: Origin,
    now: datetime,
) -> None:
    """Write a line of the sign-in log.

    Raises:
        ValueError: ``outcome`` is none of `OUTCOMES`.
    """
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    connection.execute(
        insert(sign_in_log).values(
            at=now,
            user_id=user_id,
            account=account[:ACCOUNT_LENGTH],
            outcome=outcome,
            address=origin.address,
            agent=origin.agent[:AGENT_LENGTH],
        )
    )


def read_sign_in_log(
    connection: Connection, *, limit: int, before: int | None = None
) -> Sequence[tuple[int, SignInEntry]]:
    """Give lines of the log with their numbers, the youngest first."""
    query = select(
        sign_in_log.c.id,
        sign_in_log.c.at,
        sign_in_log.c.user_id,
        sign_in_log.c.account,
        sign_in_log.c.outcome,
        sign_in_log.c.address,
        sign_in_log.c.agent,
    )
    if before is not None:
        query = query.where(sign_in_log.c.id < before)
    rows = connection.execute(query.order_by(sign_in_log.c.id.desc()).limit(limit))
    return [(row[0], SignInEntry(*row[1:])) for row in rows]


def save_preferences(
    connection: Connection, user_id: int, body: dict[str, Any], *, now: datetime
) -> None:
    """Store what a person chose for himself: language, theme, density."""
    insert_or_replace(
        connection,
        personal,
        {"user_id": user_id, "kind": PREFERENCES, "key": "", "body": body, "updated_at": now},
    )
