"""Signing in by password or link, the second step of those who have one, and signing out.

A password is checked outside of any transaction: the work takes long on purpose, and nobody
else's writing must wait for it. Whatever the first step was, the second one is asked: a link or
another site's word stands for a password and for nothing more.
"""

from dataclasses import dataclass
from datetime import timedelta

from engine.access.accounts import (
    Origin,
    WrongCredentials,
    log_sign_in,
    password_hash,
    renew_hash,
)
from engine.access.actors import (
    ACTIVE,
    INVITED,
    Person,
    account_name,
    find_person,
    mark_signed_in,
    read_person,
)
from engine.access.keys import Keys
from engine.access.links import (
    SECOND_STEP,
    SIGN_IN,
    LinkUsed,
    make_link,
    person_of_link,
    use_link,
)
from engine.access.passwords import Passwords
from engine.access.scope import USER
from engine.access.second_factor import WrongCode, check_code, has_factor
from engine.access.sessions import Session, SessionRules, close_session, open_session, remove_ended
from engine.access.throttle import (
    TooManyAttempts,
    begin_attempt,
    forgive,
    limits_of,
    remove_old,
)
from engine.people import TRUSTED, NotPlaced, acting
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.shape import load_live, shape_of
from engine.storage.snapshot import Unit

STEP_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was opened: ``secret`` is its id, known to the browser alone."""

    secret: str
    person: Person


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The first step is done, a code is still asked for: ``secret`` stands for what was shown."""

    secret: str
    person: Person


Entered = SignedIn | SecondStep


def sign_in(
    live: LiveSite,
    passwords: Passwords,
    rules: SessionRules,
    *,
    mobile: str,
    password: str,
    origin: Origin,
) -> Entered:
    """Open a session for somebody who knows his password, or ask him for a code.

    Raises:
        WrongCredentials: something does not fit; what, and whether there is such an account at
            all, shows neither in the answer nor in how long it takes.
        TooManyAttempts: wait.
        NotPlaced: the account has no department or no role.
    """
    with live.read(acting(live)) as unit:
        account = account_name(unit.snapshot, mobile)
        person = find_person(unit.connection, unit.snapshot, mobile)
        stored = password_hash(unit.connection, person.id if person is not None else 0)
    limits = limits_of(account, origin.address)
    try:
        with live.database.write() as connection:
            begin_attempt(connection, limits, now=live.clock())
    except TooManyAttempts:
        note(live, "throttled", account, None, origin)
        raise
    right = passwords.matches(stored, password)
    if not right or person is None or stored is None or person.state not in {ACTIVE, INVITED}:
        note(live, "refused", account, person, origin)
        raise WrongCredentials
    if not person.placed:
        note(live, "refused", account, person, origin)
        raise NotPlaced
    better = passwords.hash(password) if passwords.outdated(stored) else None
    with live.write(acting(live)) as unit:
        forgive(unit.connection, limits)
        if better is not None:
            renew_hash(unit.connection, person.id, better, now=unit.context.now)
        activate(unit, person)
        return open_for(unit, person.id, rules, origin, "signed_in")


def sign_in_by_link(
    live: LiveSite, rules: SessionRules, *, secret: str, origin: Origin
) -> Entered:
    """Take a sign-in link for a password; an invited account becomes active.

    Raises:
        LinkUsed: the link cannot be used, or its account is disabled.
        NotPlaced: the account has no department or no role.
    """
    with live.write(acting(live)) as unit:
        link = use_link(unit.connection, secret, SIGN_IN, now=unit.context.now)
        person = read_person(unit.connection, unit.snapshot, link.user_id or 0)
        if person is None or person.state not in {ACTIVE, INVITED}:
            raise LinkUsed
        activate(unit, person)
        return open_for(unit, person.id, rules, origin, "signed_in_by_link")


def sign_in_with_code(
    live: LiveSite,
    keys: Keys,
    rules: SessionRules,
    *,
    secret: str,
    code: str,
    origin: Origin,
    drift: int,
) -> SignedIn:
    """Open a session for somebody whose first step is done and who has a code.

    Args:
        live: the site.
        keys: of the installation.
        rules: of sessions.
        secret: of the `SecondStep`.
        code: of the app, or a recovery code.
        origin: where he is.
        drift: so many steps of 30 seconds around the present one hold.

    Raises:
        LinkUsed: the first step was too long ago.
        WrongCode: the code does not fit, or was used.
        TooManyAttempts: wait.
    """
    with live.read(acting(live)) as unit:
        now = unit.context.now
        user_id = person_of_link(unit.connection, secret, SECOND_STEP, now=now)
        person = read_person(unit.connection, unit.snapshot, user_id)
    if person is None:
        raise LinkUsed
    limits = limits_of(f"second:{user_id}", origin.address)
    try:
        with live.database.write() as connection:
            begin_attempt(connection, limits, now=live.clock())
    except TooManyAttempts:
        note(live, "throttled", person.mobile, person, origin)
        raise
    try:
        with live.write(acting(live)) as unit:
            now = unit.context.now
            kind = check_code(unit.connection, keys, user_id, code, now=now, drift=drift)
            use_link(unit.connection, secret, SECOND_STEP, now=now)
            forgive(unit.connection, limits)
            return _open(unit, user_id, rules, origin, f"signed_in_with_{kind}", strong=True)
    except WrongCode:
        note(live, "second_step_refused", person.mobile, person, origin)
        raise


def sign_out(live: LiveSite, session: Session, origin: Origin) -> None:
    """End the session that asks for it."""
    with live.database.write() as connection:
        close_session(connection, session.id_hash, user_id=session.user_id)
        log_sign_in(
            connection,
            "signed_out",
            account="",
            user_id=session.user_id,
            origin=origin,
            now=live.clock(),
        )


def activate(unit: Unit, person: Person) -> None:
    """Make an invited account active: its person has come."""
    if person.state != INVITED:
        return
    held = load_live(unit, shape_of(unit, USER), person.id)
    if held.values["state"] == INVITED:  # it may have been closed meanwhile
        change(unit, USER, person.id, {"state": ACTIVE}, version=None, writing=TRUSTED)


def open_for(
    unit: Unit, user_id: int, rules: SessionRules, origin: Origin, outcome: str
) -> Entered:
    """Open a session, or ask for a code first: how the first step went is ``outcome``.

    Raises:
        WrongCredentials: the account is not active any more.
        NotPlaced: the account has no department or no role.
    """
    if not has_factor(unit.connection, user_id):
        return _open(unit, user_id, rules, origin, outcome)
    person = _active(unit, user_id)
    now = unit.context.now
    secret = make_link(unit.connection, SECOND_STEP, now=now, user_id=user_id, lasts=STEP_LASTS)
    log_sign_in(
        unit.connection,
        "second_step_asked",
        account=person.mobile,
        user_id=user_id,
        origin=origin,
        now=now,
    )
    return SecondStep(secret, person)


def note(
    live: LiveSite, outcome: str, account: str, person: Person | None, origin: Origin
) -> None:
    """Write a line of the sign-in log in a transaction of its own."""
    user_id = person.id if person is not None else None
    with live.database.write() as connection:
        log_sign_in(
            connection, outcome, account=account, user_id=user_id, origin=origin, now=live.clock()
        )


def _open(
    unit: Unit,
    user_id: int,
    rules: SessionRules,
    origin: Origin,
    outcome: str,
    *,
    strong: bool = False,
) -> SignedIn:
    now = unit.context.now
    person = _active(unit, user_id)
    remove_ended(unit.connection, now=now, rules=rules)
    remove_old(unit.connection, now=now)
    secret = open_session(
        unit.connection,
        user_id,
        now=now,
        rules=rules,
        address=origin.address,
        agent=origin.agent,
        strong=strong,
    )
    mark_signed_in(unit.connection, unit.snapshot, user_id, now)
    log_sign_in(
        unit.connection, outcome, account=person.mobile, user_id=user_id, origin=origin, now=now
    )
    return SignedIn(secret, person)


def _active(unit: Unit, user_id: int) -> Person:
    person = read_person(unit.connection, unit.snapshot, user_id)
    if person is None or person.state != ACTIVE:  # disabled while the password was checked
        raise WrongCredentials
    if not person.placed:
        raise NotPlaced
    return person
