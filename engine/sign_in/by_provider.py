"""Letting somebody in whom the identity provider knows: only an account that there is."""

from collections.abc import Mapping
from typing import Any

from engine.access.accounts import Origin
from engine.access.actors import ACTIVE, INVITED, Person, find_by_mail, find_person
from engine.access.sessions import SessionRules
from engine.people import acting
from engine.publish.live import LiveSite
from engine.settings import Settings
from engine.sign_in.opening import Entered, activate, note, open_for
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError

CLAIMS = {"mobile": "phone_number", "email": "email"}
"""What an account is found by -> the claim that says it."""


class NotKnownHere(PlatformError):
    """The provider knows him, we do not: no active account has his number or address."""

    code = "not_known_here"
    status = 403


def sign_in_by_provider(
    live: LiveSite,
    settings: Settings,
    rules: SessionRules,
    claims: Mapping[str, Any],
    *,
    origin: Origin,
) -> Entered:
    """Open a session for whom the provider's word is about, or ask for a code.

    Raises:
        NotKnownHere: there is no such account, it is not active, or the provider has not checked
            the number or address; ``reason`` tells of the last.
        NotPlaced: the account has no department or no role.
    """
    claim = CLAIMS[settings.oidc_match]
    told = claims.get(claim)
    told = told if isinstance(told, str) else ""
    checked = claims.get(f"{claim}_verified") is True or settings.oidc_unverified
    if told and not checked:
        note(live, "refused", told, None, origin)
        raise NotKnownHere(reason="unverified")
    with live.write(acting(live)) as unit:
        person = _find(unit, settings.oidc_match, told)
        if person is not None and _may_enter(person, settings):
            activate(unit, person)
            return open_for(unit, person.id, rules, origin, "signed_in_by_provider")
    note(live, "refused", told, person, origin)
    raise NotKnownHere


def _may_enter(person: Person, settings: Settings) -> bool:
    return person.state == ACTIVE or (person.state == INVITED and settings.oidc_activates)


def _find(unit: Unit, by: str, told: str) -> Person | None:
    if not told:
        return None
    found = find_by_mail if by == "email" else find_person
    return found(unit.connection, unit.snapshot, told)
