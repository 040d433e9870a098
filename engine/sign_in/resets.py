"""A new password by mail: asked for, mailed by a job, set by whoever holds the link.

Asking does the same whoever is meant: the job finds out whether there is anybody to write to.
"""

from dataclasses import dataclass, field

from sqlalchemy import select

from engine.access.accounts import set_password
from engine.access.actors import ACTIVE, account_name, find_person, read_person
from engine.access.links import RESET, LinkUsed, make_link, person_of_link, use_link
from engine.access.passwords import Passwords, check_password
from engine.access.scope import USER
from engine.access.throttle import KEY_LENGTH, Limit, begin_attempt
from engine.audit.deeds import log_deed
from engine.context import Actor, Context
from engine.people import acting
from engine.publish.live import LiveSite
from engine.queue.enqueue import enqueue
from engine.storage.snapshot import Unit

KIND = "mail_reset"
EMAIL = "email"


@dataclass(frozen=True, slots=True)
class ResetMail:
    """What a mail about a new password is made of."""

    to: str
    name: str
    secret: str = field(repr=False)


def ask_reset(live: LiveSite, mobile: str, *, address: str) -> None:
    """Order a mail to the person with a mobile number, if there is one.

    Raises:
        TooManyAttempts: too often for this number, or from this address.
    """
    with live.write(acting(live)) as unit:
        account = account_name(unit.snapshot, mobile)
        limits = (
            Limit(f"reset:{account}"[:KEY_LENGTH], free=3),
            Limit(f"reset from:{address}", free=20),
        )
        begin_attempt(unit.connection, limits, now=unit.context.now)
        # Whatever else somebody typed into the field, it is kept nowhere.
        known = find_person(unit.connection, unit.snapshot, mobile) is not None
        enqueue(unit, KIND, {"account": account if known else ""})
    live.job_bell.set()


def make_reset(unit: Unit, account: str) -> ResetMail | None:
    """Make a link to a new password; None when nobody is to be written to."""
    person = find_person(unit.connection, unit.snapshot, account) if account else None
    if person is None or person.state != ACTIVE:
        return None
    to = _mail_of(unit, person.id)
    if not to:
        return None
    secret = make_link(unit.connection, RESET, now=unit.context.now, user_id=person.id)
    return ResetMail(to, person.name, secret)


def reset_password(
    live: LiveSite, passwords: Passwords, *, secret: str, new: str, least: int, address: str
) -> None:
    """Set a new password for the holder of a link: every session ends.

    Raises:
        LinkUsed: the link cannot be used, or its account is not active.
        InvalidInput: the password will not do; the link can be used again.
    """
    with live.read(acting(live)) as unit:
        user_id = person_of_link(unit.connection, secret, RESET, now=unit.context.now)
        person = read_person(unit.connection, unit.snapshot, user_id)
    if person is None or person.state != ACTIVE:
        raise LinkUsed
    check_password(new, least=least, about=(person.mobile, person.name))
    hashed = passwords.hash(new)
    context = Context(Actor(user_id=user_id, name=person.name), live.clock(), address=address)
    with live.write(context) as unit:
        use_link(unit.connection, secret, RESET, now=context.now)
        set_password(unit.connection, user_id, hashed, now=context.now)
        log_deed(unit.connection, context, "password.reset", person.name, {"by": "mail"})


def _mail_of(unit: Unit, user_id: int) -> str:
    user = unit.snapshot.object(USER)
    if EMAIL not in user.fields:
        return ""
    column = user.field(EMAIL).column
    found = unit.connection.scalar(select(column).where(user.table.c.id == user_id))
    return found if isinstance(found, str) else ""
