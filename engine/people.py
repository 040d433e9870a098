"""People as a whole: the first administrator and accounts."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from engine.access.absent import insert_if_absent, insert_or_replace
from engine.access.accounts import set_password
from engine.access.actors import (
    ACTIVE,
    DISABLED,
    Person,
    admin_exists,
    find_person,
    people,
)
from engine.access.links import SET_UP, SIGN_IN, make_link, use_link
from engine.access.roles import SUPERADMIN
from engine.access.scope import DEPARTMENT, USER
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


def company_name(connection: Connection) -> str:
    """Give the name that the company gave itself at set-up; "" when it gave none."""
    found = connection.scalar(select(setting.c.value).where(setting.c.key == COMPANY_NAME))
    return found if isinstance(found, str) else ""


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
