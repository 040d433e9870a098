"""What administrators do with accounts: invite, give a new password, pass one on.

Each is an action of users that the platform brings, a right of its own. A password is made into
its hash by the caller, outside of any transaction.
"""

import secrets
from dataclasses import dataclass

from engine.access.accounts import Origin, set_password, set_temporary_password
from engine.access.actors import DISABLED, INVITED, Person, read_person
from engine.access.links import (
    INVITATION_LASTS,
    INVITE,
    LinkUsed,
    make_link,
    person_of_link,
    use_link,
)
from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.access.sessions import SessionRules
from engine.audit.deeds import log_deed
from engine.errors import UnknownAction
from engine.people import TRUSTED, acting
from engine.publish.live import LiveSite
from engine.records.act import ActionNotPossible, declared_action
from engine.records.change import change
from engine.records.company import refuse_above
from engine.records.reach import require_reach
from engine.records.shape import Stored, load_live, shape_of
from engine.records.writing import Writing
from engine.sign_in.opening import Entered, activate, open_for
from engine.storage.snapshot import Unit
from metadata.model import say

RESET, INVITING, HAND_OVER, COPY_ROLES = (
    "reset_password",
    "invite",
    "hand_over_account",
    "copy_roles",
)
PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"
"""What made passwords consist of: nothing that is read for something else."""
GROUPS, GROUP = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """Who takes an account over."""

    name: str
    mobile: str
    hashed: str


def made_password() -> str:
    """Make a password that one can read to somebody over the telephone."""
    return "-".join("".join(secrets.choice(PLAIN) for _ in range(GROUP)) for _ in range(GROUPS))


def account_for(unit: Unit, user_id: int, action: str) -> Stored:
    """Read and hold the account that an action is to be done with.

    Raises:
        UnknownObject, Forbidden, UnknownAction: the action is not granted, or not declared.
        RecordNotFound: no such person, or out of reach.
        SuperadminProtected, HoldsMore: it belongs to somebody who may do more.
        ActionNotPossible: the account is not in a state for it.
    """
    found = declared_action(unit, USER, action)
    if not found.definition.platform:
        raise UnknownAction(object=USER, action=action)
    shape = shape_of(unit, USER)
    record = load_live(unit, shape, user_id)
    require_reach(unit, shape, record, action)
    refuse_above(unit, record.values)
    if not found.holds(unit, record.whole):
        label = say(found.definition.label, unit.context.locale.language)
        raise ActionNotPossible(action=label)
    return record


def invite(unit: Unit, user_id: int) -> str:
    """Make a link by which somebody who was never here chooses his password; raises as above."""
    record = account_for(unit, user_id, INVITING)
    _log(unit, "person.invited", record)
    now, lasts = unit.context.now, INVITATION_LASTS
    return make_link(unit.connection, INVITE, now=now, user_id=user_id, lasts=lasts)


def reset_password(unit: Unit, user_id: int, hashed: str) -> None:
    """Give an account a password that must be changed at the next sign-in; raises as above.

    Its sessions and tokens end.
    """
    record = account_for(unit, user_id, RESET)
    set_temporary_password(unit.connection, user_id, hashed, now=unit.context.now)
    _log(unit, "password.reset", record)


def pass_on(unit: Unit, user_id: int, to: PassedOn, *, version: int | None = None) -> None:
    """Pass an account with all that is its own to another person; raises as above.

    Raises:
        InvalidInput: the name or the mobile number will not do.
    """
    record = account_for(unit, user_id, HAND_OVER)
    values = {"name": to.name, "mobile": to.mobile}
    writing = Writing(unversioned=version is None)
    change(unit, USER, user_id, values, version=version, writing=writing)
    if record.values.get("state") == DISABLED:
        change(unit, USER, user_id, {"state": INVITED}, version=None, writing=TRUSTED)
    set_temporary_password(unit.connection, user_id, to.hashed, now=unit.context.now)
    _log(unit, "person.handed_over", record)


def invited_person(live: LiveSite, secret: str) -> Person:
    """Tell whom an invitation is for.

    Raises:
        LinkUsed: it cannot be used.
    """
    with live.read(acting(live)) as unit:
        now = unit.context.now
        user_id = person_of_link(unit.connection, secret, INVITE, now=now)
        person = read_person(unit.connection, unit.snapshot, user_id)
        if person is None or person.state != INVITED:
            raise LinkUsed
        return person


def accept_invitation(
    live: LiveSite, secret: str, name: str, hashed: str, rules: SessionRules, origin: Origin
) -> Entered:
    """Take up an account that one was invited to: name, password, and a session.

    Raises:
        LinkUsed: somebody was faster, it has run out, or the account is closed.
        InvalidInput: the name will not do.
        NotPlaced: the account has no department or no role.
    """
    with live.write(acting(live)) as unit:
        link = use_link(unit.connection, secret, INVITE, now=unit.context.now)
        person = read_person(unit.connection, unit.snapshot, link.user_id or 0)
        if person is None or person.state != INVITED:
            raise LinkUsed
        change(unit, USER, person.id, {"name": name}, version=None, writing=TRUSTED)
        activate(unit, person)
        set_password(unit.connection, person.id, hashed, now=unit.context.now)
        return open_for(unit, person.id, rules, origin, "signed_in_by_link")


def may(unit: Unit, action: str) -> bool:
    """Tell whether the actor may do an action with some users."""
    return rights_of(unit).allows(USER, action)


def _log(unit: Unit, deed: str, record: Stored) -> None:
    name = str(record.values.get("name") or "")
    log_deed(unit.connection, unit.context, deed, name, {"user": record.id})
