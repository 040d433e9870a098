"""People as a whole: the first administrator, accounts, signing in and out.

A password is checked outside of any transaction: the work takes long on purpose, and nobody
else's writing must wait for it.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from engine.access.absent import insert_if_absent, insert_or_replace
from engine.access.accounts import (
    Origin,
    WrongCredentials,
    log_sign_in,
    password_hash,
    renew_hash,
    set_password,
)
from engine.access.actors import (
    ACTIVE,
    DISABLED,
    INVITED,
    Person,
    account_name,
    admin_exists,
    find_person,
    mark_signed_in,
    people,
    read_person,
)
from engine.access.links import SET_UP, SIGN_IN, LinkUsed, make_link, use_link
from engine.access.passwords import Passwords
from engine.access.roles import SUPERADMIN
from engine.access.scope import DEPARTMENT, USER
from engine.access.sessions import Session, SessionRules, close_session, open_session, remove_ended
from engine.access.throttle import TooManyAttempts, begin_attempt, forgive, limits_of, remove_old
from engine.audit.deeds import log_deed
from engine.context import SYSTEM, Context
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.company import root_of
from engine.records.create import create
from engine.records.writing import Writing
from engine.storage.kernel_tables import setting
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError

FIRST_ADMIN = "first_admin"
COMPANY_NAME = "company_name"
TRUSTED = Writing(system_fields=True, unversioned=True, check_links=False)


class AdminExists(PlatformError):
    """Set-up is over: somebody administers the site already."""

    code = "admin_exists"
    status = 409


class UnknownPerson(PlatformError):
    """There is no account of this mobile number."""

    code = "unknown_person"
    status = 404


class NotPlaced(PlatformError):
    """Who signs in has no department or no role: told to nobody who could not prove who he is."""

    code = "not_placed"
    status = 403


class LastAdmin(PlatformError):
    """The last one who may do everything cannot be disabled."""

    code = "last_admin"
    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Who is to get an account. Without ``department_id`` the root department is meant."""

    name: str
    mobile: str
    roles: tuple[str, ...] = ()
    department_id: int | None = None
    state: str = ACTIVE


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was opened: ``secret`` is its id, known to the browser alone."""

    secret: str
    person: Person


def acting(live: LiveSite) -> Context:
    """Give the context in which the platform itself acts."""
    return Context(actor=SYSTEM, now=live.clock())


def make_first_admin(
    live: LiveSite,
    *,
    new: NewPerson,
    hashed: str | None,
    root_department: str,
    company: str = "",
    link: str | None = None,
) -> int:
    """Make the first administrator with a department to be in; gives the user's id.

    Args:
        live: the site.
        new: the person; the roles are replaced by the one that may do everything.
        hashed: the password's hash; None when a link is to sign in.
        root_department: the name of the department that all others will belong to.
        company: shown where people sign in.
        link: the set-up link's secret, used up by this.

    Raises:
        AdminExists: somebody was faster.
        LinkUsed: the link cannot be used.
        InvalidInput: the name or the mobile number will not do.
    """
    with live.write(acting(live)) as unit:
        _take_turn(unit.connection)
        if admin_exists(unit.connection, unit.snapshot):
            raise AdminExists
        if link is not None:
            use_link(unit.connection, link, SET_UP, now=unit.context.now)
        if company:
            row = {"key": COMPANY_NAME, "value": company}
            insert_or_replace(unit.connection, setting, row)
        department_id = root_of(unit) or _make_root(unit, root_department)
        admin = replace(new, roles=(SUPERADMIN,), department_id=department_id, state=ACTIVE)
        user_id = add_person(unit, admin)
        if hashed is not None:
            set_password(unit.connection, user_id, hashed, now=unit.context.now)
        about = {"user": user_id}
        log_deed(unit.connection, unit.context, "first_admin.made", admin.name, about)
    return user_id


def make_set_up_link(live: LiveSite) -> str | None:
    """Make the set-up link; None when there is somebody who administers."""
    with live.write(acting(live)) as unit:
        if admin_exists(unit.connection, unit.snapshot):
            return None
        return make_link(unit.connection, SET_UP, now=unit.context.now)


def make_sign_in_link(live: LiveSite, mobile: str) -> str:
    """Make a link that signs somebody in once.

    Raises:
        UnknownPerson: no such account, or it is disabled.
    """
    with live.write(acting(live)) as unit:
        person = find_person(unit.connection, unit.snapshot, mobile)
        if person is None or person.state == DISABLED:
            raise UnknownPerson(mobile=mobile)
        about = {"user": person.id}
        log_deed(unit.connection, unit.context, "sign_in_link.made", person.name, about)
        return make_link(unit.connection, SIGN_IN, now=unit.context.now, user_id=person.id)


def add_person(unit: Unit, new: NewPerson) -> int:
    """Create a user record; gives its id. The unit's actor needs the right to create users.

    Raises:
        InvalidInput: what the record does not take.
    """
    values = {
        "name": new.name,
        "mobile": new.mobile,
        "department": new.department_id or root_of(unit),
        "roles": list(new.roles),
        "state": new.state,
    }
    return create(unit, USER, values, writing=TRUSTED).id


def disable_person(live: LiveSite, mobile: str) -> Person:
    """Disable an account: sessions and tokens end at once.

    Raises:
        UnknownPerson: no such account.
        LastAdmin: nobody could administer after it.
    """
    with live.write(acting(live)) as unit:
        person = find_person(unit.connection, unit.snapshot, mobile)
        if person is None:
            raise UnknownPerson(mobile=mobile)
        if SUPERADMIN in person.roles and not _other_admin(unit, person.id):
            raise LastAdmin(name=person.name)
        change(unit, USER, person.id, {"state": DISABLED}, version=None, writing=TRUSTED)
    return person


def sign_in(
    live: LiveSite,
    passwords: Passwords,
    rules: SessionRules,
    *,
    mobile: str,
    password: str,
    origin: Origin,
) -> SignedIn:
    """Open a session for somebody who knows his password.

    Raises:
        WrongCredentials: something does not fit; what, and whether there is such an account at
            all, shows neither in the answer nor in how long it takes.
        TooManyAttempts: wait.
        NotPlaced: the account has no department or no role.
    """
    with live.read(acting(live)) as unit:
        account = account_name(unit.snapshot, mobile)
        person = find_person(unit.connection, unit.snapshot, mobile)
        stored = password_hash(unit.connection, person.id) if person is not None else None
    limits = limits_of(account, origin.address)
    try:
        with live.database.write() as connection:
            begin_attempt(connection, limits, now=live.clock())
    except TooManyAttempts:
        _log(live, "throttled", account, None, origin)
        raise
    right = passwords.matches(stored, password)
    if not right or person is None or stored is None or person.state != ACTIVE:
        _log(live, "refused", account, person, origin)
        raise WrongCredentials
    if not person.enters:
        _log(live, "refused", account, person, origin)
        raise NotPlaced
    better = passwords.hash(password) if passwords.outdated(stored) else None
    with live.write(acting(live)) as unit:
        forgive(unit.connection, limits)
        if better is not None:
            renew_hash(unit.connection, person.id, better, now=unit.context.now)
        return _open(unit, person.id, rules, origin, "signed_in")


def sign_in_by_link(
    live: LiveSite, rules: SessionRules, *, secret: str, origin: Origin
) -> SignedIn:
    """Open a session for the holder of a sign-in link; an invited account becomes active.

    Raises:
        LinkUsed: the link cannot be used, or its account is disabled.
        NotPlaced: the account has no department or no role.
    """
    with live.write(acting(live)) as unit:
        link = use_link(unit.connection, secret, SIGN_IN, now=unit.context.now)
        person = read_person(unit.connection, unit.snapshot, link.user_id or 0)
        if person is None or person.state not in {ACTIVE, INVITED}:
            raise LinkUsed
        if person.state == INVITED:
            change(unit, USER, person.id, {"state": ACTIVE}, version=None, writing=TRUSTED)
        return _open(unit, person.id, rules, origin, "signed_in_by_link")


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


def company_name(connection: Connection) -> str:
    """Give the name that the company gave itself at set-up; "" when it gave none."""
    found = connection.scalar(select(setting.c.value).where(setting.c.key == COMPANY_NAME))
    return found if isinstance(found, str) else ""


def _open(unit: Unit, user_id: int, rules: SessionRules, origin: Origin, outcome: str) -> SignedIn:
    now = unit.context.now
    person = read_person(unit.connection, unit.snapshot, user_id)
    if person is None or person.state != ACTIVE:  # disabled while the password was checked
        raise WrongCredentials
    if not person.enters:
        raise NotPlaced
    remove_ended(unit.connection, now=now, rules=rules)
    remove_old(unit.connection, now=now)
    secret = open_session(
        unit.connection, user_id, now=now, rules=rules, address=origin.address, agent=origin.agent
    )
    mark_signed_in(unit.connection, unit.snapshot, user_id, now)
    log_sign_in(
        unit.connection, outcome, account=person.mobile, user_id=user_id, origin=origin, now=now
    )
    return SignedIn(secret, person)


def _log(
    live: LiveSite, outcome: str, account: str, person: Person | None, origin: Origin
) -> None:
    user_id = person.id if person is not None else None
    with live.database.write() as connection:
        log_sign_in(
            connection, outcome, account=account, user_id=user_id, origin=origin, now=live.clock()
        )


def _take_turn(connection: Connection) -> None:
    """Hold back others who set up at the same moment until this transaction ends."""
    insert_if_absent(connection, setting, {"key": FIRST_ADMIN, "value": True})
    mine = select(setting.c.key).where(setting.c.key == FIRST_ADMIN)
    connection.execute(mine.with_for_update())


def _make_root(unit: Unit, name: str) -> int:
    return create(unit, DEPARTMENT, {"name": name}, writing=TRUSTED).id


def _other_admin(unit: Unit, user_id: int) -> bool:
    return any(
        SUPERADMIN in person.roles and person.state == ACTIVE and person.id != user_id
        for person in people(unit.connection, unit.snapshot)
    )


def department_named(unit: Unit, name: str) -> int | None:
    """Give the id of the first department with a name; None when there is none."""
    department = unit.snapshot.object(DEPARTMENT)
    table = department.table
    named = select(table.c.id).where(
        department.field("name").column == name, table.c.deleted_at.is_(None)
    )
    return unit.connection.scalar(named.order_by(table.c.id).limit(1))
