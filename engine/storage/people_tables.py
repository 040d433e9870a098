"""The platform's tables of people: how they sign in, what they may call twice, what is theirs."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
)

from engine.storage.kernel_tables import KERNEL
from engine.storage.types import BigId, Instant, Json

credential = Table(
    "heddle_credential",
    KERNEL,
    Column("user_id", BigId, primary_key=True, autoincrement=False),
    Column("password_hash", Text),  # NULL: no password yet
    Column("changed_at", Instant, nullable=False),
    Column("must_change", Boolean, nullable=False, default=False),  # somebody else chose it
)

session = Table(
    "heddle_session",
    KERNEL,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("user_id", BigId, nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("address", Text, nullable=False, default=""),
    Column("agent", Text, nullable=False, default=""),
    Column("strong", Boolean, nullable=False, server_default=false()),  # a second factor was shown
    Column("viewed_id", BigId),  # the person through whose eyes it looks; NULL: his own
    Column("must_change", Boolean, nullable=False, server_default=false()),  # a new password first
)

second_factor = Table(
    "heddle_second_factor",
    KERNEL,
    Column("user_id", BigId, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("confirmed_at", Instant),  # NULL: not in force yet
    Column("last_step", BigId, nullable=False),  # no code of it or of an earlier one works again
)

recovery_code = Table(
    "heddle_recovery_code",
    KERNEL,
    Column("user_id", BigId, primary_key=True, autoincrement=False),
    Column("hash", Text, primary_key=True),
)

token = Table(
    "heddle_token",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("user_id", BigId, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("used_at", Instant),
    Column("scopes", Json),  # words of engine.access.limits; NULL: whatever its user may
    sqlite_autoincrement=True,
)

throttle = Table(
    "heddle_throttle",
    KERNEL,
    Column("key", Text, primary_key=True),  # "account:…" or "address:…"
    Column("failures", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("blocked_until", Instant),
)

link = Table(
    "heddle_link",
    KERNEL,
    Column("hash", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),  # of engine.access.links
    Column("user_id", BigId),
    Column("ends_at", Instant, nullable=False),
    Column("used_at", Instant),
)

sign_in_log = Table(
    "heddle_sign_in_log",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("user_id", BigId),
    Column("account", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("address", Text, nullable=False, default=""),
    Column("agent", Text, nullable=False, default=""),
    sqlite_autoincrement=True,
)

Index("heddle_sign_in_log_at", sign_in_log.c.at, sign_in_log.c.id)
Index("heddle_sign_in_log_user", sign_in_log.c.user_id, sign_in_log.c.at, sign_in_log.c.id)
Index("heddle_sign_in_log_outcome", sign_in_log.c.outcome, sign_in_log.c.at, sign_in_log.c.id)

idempotency = Table(
    "heddle_idempotency",
    KERNEL,
    Column("user_id", BigId, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("body_hash", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", Integer),
    Column("headers", Json),
    Column("body", LargeBinary),
)

personal = Table(
    "heddle_personal",
    KERNEL,
    Column("user_id", BigId, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),  # scene, list, preferences
    Column("key", Text, primary_key=True),
    Column("body", Json, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
