"""What is closed to a session though its person may do it.

While he looks through another's eyes, and until he has the second factor that a role demands.
"""

from collections.abc import Mapping
from typing import Any

from engine.access.second_factor import SecondFactorNeeded, is_required
from engine.access.sessions import Session
from engine.context import Actor
from engine.errors import ReadOnlyView
from engine.storage.snapshot import Snapshot
from metadata.errors import PlatformError
from ui.security.rights import EARLY, IN_VIEW, OWN, SAFE

RENEWAL = "/new-password"
BEFORE_RENEWAL = frozenset({RENEWAL, "/sign-out", "/language"})
"""What somebody may ask for who has to choose a password first."""


class PasswordMustChange(PlatformError):
    """Somebody else chose the password: another one comes first."""

    code = "password_must_change"
    status = 403


def check_gates(
    scope: Mapping[str, Any], session: Session, person: Actor, snapshot: Snapshot
) -> None:
    """Refuse what is closed to a session now.

    Args:
        scope: of the request; its handler's options say what the route is.
        session: whose request it is.
        person: who is signed in, whoever's eyes he looks through.
        snapshot: of the site.

    Raises:
        ReadOnlyView: it looks through another's eyes, and the route changes something or shows
            what is private.
        PasswordMustChange: a password of one's own comes first.
        SecondFactorNeeded: a second factor comes first.
    """
    if session.must_change and scope["path"] not in BEFORE_RENEWAL:
        raise PasswordMustChange
    opt = scope["route_handler"].opt
    closed = scope["method"] not in SAFE or opt.get(OWN)
    if session.viewed_id is not None and closed and not opt.get(IN_VIEW):
        raise ReadOnlyView
    if not session.strong and not opt.get(EARLY) and is_required(snapshot, person.roles):
        raise SecondFactorNeeded
