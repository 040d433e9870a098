"""What a person, or an administrator for him, does about the second factor."""

from engine.access.accounts import password_hash
from engine.access.actors import Person, find_person, read_person
from engine.access.keys import Keys
from engine.access.passwords import Passwords
from engine.access.roles import SUPERADMIN
from engine.access.scope import USER
from engine.access.second_factor import (
    begin_factor,
    confirm_factor,
    is_required,
    new_recovery_codes,
    remove_factor,
)
from engine.access.sessions import Session, close_sessions, strengthen_session
from engine.access.throttle import begin_attempt, forgive, limits_of
from engine.audit.deeds import log_deed
from engine.context import Context
from engine.errors import FieldError, Forbidden, InvalidInput, RecordNotFound
from engine.people import UnknownPerson, acting
from engine.publish.live import LiveSite
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError


class SecondFactorRequired(PlatformError):
    """It cannot be switched off: a role of this person demands one."""

    code = "second_factor_required"
    status = 409


def check_present_password(
    live: LiveSite, passwords: Passwords, session: Session, given: str, *, address: str
) -> None:
    """Ask for the present password, where there is one; guesses are slowed down as at sign-in.

    Raises:
        InvalidInput: it is wrong; for the field ``present``.
        TooManyAttempts: wait.
    """
    with live.database.read() as connection:
        stored = password_hash(connection, session.user_id)
    if stored is None:
        return
    limits = limits_of(f"profile:{session.user_id}", address)
    with live.database.write() as connection:
        begin_attempt(connection, limits, now=live.clock())
    if not passwords.matches(stored, given):
        raise InvalidInput([FieldError("present", "password_wrong")])
    with live.database.write() as connection:
        forgive(connection, limits)


def begin(live: LiveSite, keys: Keys, session: Session) -> None:
    """Make a secret for the person of a session to put into an app.

    Raises:
        SecondFactorExists: one is in force.
    """
    with live.database.write() as connection:
        begin_factor(connection, keys, session.user_id, now=live.clock())


def confirm(
    live: LiveSite, keys: Keys, context: Context, session: Session, code: str, *, drift: int
) -> list[str]:
    """Put the factor into force: every other session ends. Gives the recovery codes.

    Raises:
        WrongCode: the code does not fit.
        TooManyAttempts: wait.
    """
    user_id = session.user_id
    limits = limits_of(f"second:{user_id}", context.address)
    with live.database.write() as connection:
        begin_attempt(connection, limits, now=context.now)
    with live.write(context) as unit:
        connection = unit.connection
        codes = confirm_factor(connection, keys, user_id, code, now=context.now, drift=drift)
        forgive(connection, limits)
        strengthen_session(connection, session.id_hash)
        close_sessions(connection, user_id, keep=session.id_hash)
        log_deed(connection, context, "second_factor.on", context.actor.name)
    return codes


def renew_codes(live: LiveSite, keys: Keys, session: Session) -> list[str]:
    """Make new recovery codes for the person of a session; the earlier ones work no more."""
    with live.database.write() as connection:
        return new_recovery_codes(connection, keys, session.user_id)


def switch_off(live: LiveSite, context: Context, session: Session) -> None:
    """Take the second factor of the person of a session away.

    Raises:
        SecondFactorRequired: a role demands it.
    """
    with live.write(context) as unit:
        person = read_person(unit.connection, unit.snapshot, session.user_id)
        if person is not None and is_required(unit.snapshot, frozenset(person.roles)):
            raise SecondFactorRequired
        if remove_factor(unit.connection, session.user_id):
            log_deed(unit.connection, context, "second_factor.off", context.actor.name)


def reset(live: LiveSite, context: Context, user_id: int) -> Person:
    """Take somebody's second factor away because he lost it; his sessions end.

    Raises:
        RecordNotFound: there is no such person.
        Forbidden: he may do everything, and the actor may not.
    """
    with live.write(context) as unit:
        person = read_person(unit.connection, unit.snapshot, user_id)
        if person is None:
            raise RecordNotFound(object=USER, id=user_id)
        if SUPERADMIN in person.roles and not context.actor.superadmin:
            raise Forbidden(object="", action="second_factor_of_superadmin")
        _reset(unit, person)
    return person


def reset_on_server(live: LiveSite, mobile: str) -> Person:
    """Take somebody's second factor away by the command line.

    Raises:
        UnknownPerson: no such account.
    """
    with live.write(acting(live)) as unit:
        person = find_person(unit.connection, unit.snapshot, mobile)
        if person is None:
            raise UnknownPerson(mobile=mobile)
        _reset(unit, person)
    return person


def _reset(unit: Unit, person: Person) -> None:
    if remove_factor(unit.connection, person.id):
        close_sessions(unit.connection, person.id)
        log_deed(unit.connection, unit.context, "second_factor.reset", person.name)
