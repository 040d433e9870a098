"""The second factor of a person: codes that an authenticator app makes, and recovery codes.

The app's secret is sealed with the key file. A code holds for one step of 30 seconds (and as many
around it as the setting allows), and no code of a step that was used, or of an earlier one, works
again. Recovery codes are kept as keyed hashes, and each works once.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import Connection, and_, delete, func, insert, select, update

from engine.access.absent import insert_or_replace
from engine.access.keys import Keys
from engine.storage.people_tables import recovery_code, second_factor
from engine.storage.snapshot import Snapshot
from metadata.errors import PlatformError

PURPOSE = "second factor"
RECOVERY = "recovery code"
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is mistaken for something else when read from paper."""
PARTS, PART = 3, 4
DIGITS = 6


class WrongCode(PlatformError):
    """A code that is wrong, has run out, or was used before: never told which."""

    code = "wrong_code"
    status = 422


class SecondFactorExists(PlatformError):
    """It is on already: it is switched off before another one takes its place."""

    code = "second_factor_exists"
    status = 409


class SecondFactorNeeded(PlatformError):
    """A role of this person demands a second factor, and this session has shown none."""

    code = "second_factor_needed"
    status = 403


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What is stored. ``confirmed_at`` is None until the first code was right."""

    user_id: int
    sealed: bytes
    begun_at: datetime
    confirmed_at: datetime | None
    last_step: int


def is_required(snapshot: Snapshot, role_keys: frozenset[str]) -> bool:
    """Tell whether somebody with these roles must have a second factor."""
    return snapshot.once(
        ("second factor", role_keys),
        lambda: any(
            snapshot.site.roles[key].require_totp
            for key in role_keys
            if key in snapshot.site.roles
        ),
    )


def read_factor(connection: Connection, user_id: int) -> SecondFactor | None:
    """Give a person's second factor, in force or only begun."""
    mine = select(
        second_factor.c.user_id,
        second_factor.c.sealed,
        second_factor.c.begun_at,
        second_factor.c.confirmed_at,
        second_factor.c.last_step,
    ).where(second_factor.c.user_id == user_id)
    row = connection.execute(mine).first()
    return None if row is None else SecondFactor(*row)


def has_factor(connection: Connection, user_id: int) -> bool:
    """Tell whether a second factor is in force."""
    found = read_factor(connection, user_id)
    return found is not None and found.confirmed_at is not None


def begin_factor(connection: Connection, keys: Keys, user_id: int, *, now: datetime) -> None:
    """Make a secret; nothing is asked for it until `confirm_factor`.

    Raises:
        SecondFactorExists: one is in force.
    """
    if has_factor(connection, user_id):
        raise SecondFactorExists
    sealed = keys.seal(PURPOSE, pyotp.random_base32().encode(), str(user_id))
    row = {
        "user_id": user_id,
        "sealed": sealed,
        "begun_at": now,
        "confirmed_at": None,
        "last_step": 0,
    }
    insert_or_replace(connection, second_factor, row)


def secret_of(keys: Keys, factor: SecondFactor) -> str:
    """Give the secret as apps take it.

    Raises:
        SealBroken: the key file is another one by now.
    """
    return keys.unseal(PURPOSE, factor.sealed, str(factor.user_id)).decode()


def address_of(secret: str, *, account: str, issuer: str) -> str:
    """Give what the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def confirm_factor(
    connection: Connection, keys: Keys, user_id: int, code: str, *, now: datetime, drift: int
) -> list[str]:
    """Put a begun factor into force; gives the recovery codes, the only time they are known.

    Raises:
        WrongCode: the code does not fit, or nothing was begun.
        SecondFactorExists: it is in force already.
    """
    factor = read_factor(connection, user_id)
    if factor is None:
        raise WrongCode
    if factor.confirmed_at is not None:
        raise SecondFactorExists
    _use_step(connection, keys, factor, code, now=now, drift=drift)
    mine = second_factor.c.user_id == user_id
    connection.execute(update(second_factor).where(mine).values(confirmed_at=now))
    return new_recovery_codes(connection, keys, user_id)


def check_code(
    connection: Connection, keys: Keys, user_id: int, code: str, *, now: datetime, drift: int
) -> str:
    """Use a code up; gives what it was: ``code`` of the app, or ``recovery_code``.

    Raises:
        WrongCode: it is neither.
    """
    factor = read_factor(connection, user_id)
    if factor is None or factor.confirmed_at is None:
        raise WrongCode
    plain = _plain(code)
    if len(plain) == DIGITS and plain.isascii() and plain.isdigit():
        _use_step(connection, keys, factor, plain, now=now, drift=drift)
        return "code"
    used = and_(
        recovery_code.c.user_id == user_id,
        recovery_code.c.hash == _hash(keys, user_id, plain),
    )
    if connection.execute(delete(recovery_code).where(used)).rowcount != 1:
        raise WrongCode
    return "recovery_code"


def new_recovery_codes(connection: Connection, keys: Keys, user_id: int) -> list[str]:
    """Make new recovery codes; the earlier ones work no more."""
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    codes = [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(PART)) for _ in range(PARTS))
        for _ in range(RECOVERY_CODES)
    ]
    rows = [{"user_id": user_id, "hash": _hash(keys, user_id, _plain(code))} for code in codes]
    connection.execute(insert(recovery_code), rows)
    return codes


def recovery_codes_left(connection: Connection, user_id: int) -> int:
    """Count the recovery codes that still work."""
    mine = select(func.count()).where(recovery_code.c.user_id == user_id)
    return int(connection.scalar(mine) or 0)


def remove_factor(connection: Connection, user_id: int) -> bool:
    """Remove a second factor with its recovery codes; tells whether one was in force."""
    was = has_factor(connection, user_id)
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    connection.execute(delete(second_factor).where(second_factor.c.user_id == user_id))
    return was


def _use_step(
    connection: Connection,
    keys: Keys,
    factor: SecondFactor,
    code: str,
    *,
    now: datetime,
    drift: int,
) -> None:
    app = pyotp.TOTP(secret_of(keys, factor))
    present = app.timecode(now)
    steps = [
        step
        for step in range(present - drift, present + drift + 1)
        if strings_equal(app.generate_otp(step), _plain(code))
    ]
    if not steps:
        raise WrongCode
    # Of two who send the same code at once, exactly one finds the step unused.
    unused = and_(second_factor.c.user_id == factor.user_id, second_factor.c.last_step < steps[-1])
    used = update(second_factor).where(unused).values(last_step=steps[-1])
    if connection.execute(used).rowcount != 1:
        raise WrongCode


def _plain(code: str) -> str:
    return "".join(sign for sign in code.strip().lower() if sign.isalnum())


def _hash(keys: Keys, user_id: int, plain: str) -> str:
    return keys.sign(RECOVERY, f"{user_id}:{plain}")
