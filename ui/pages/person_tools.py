"""What an administrator does for a person beside the record: look as him, reset what he lost."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from engine.access.actors import read_person
from engine.access.roles import SUPERADMIN, rights_of
from engine.access.scope import USER
from engine.access.second_factor import has_factor
from engine.access.signed_in import may_view
from engine.sign_in.factors import reset
from engine.sign_in.viewing import begin_view, end_view
from engine.storage.snapshot import Unit
from ui.given import GivenServices, GivenVisitor
from ui.page import see_other
from ui.pages.frame import go
from ui.pages.profile import signed_in
from ui.request import PageRequest
from ui.security.rights import ADMIN, SIGNED_IN

PEOPLE = ADMIN + "people"


@dataclass(frozen=True, slots=True)
class PersonTools:
    """Addresses of what may be done; "" for what may not."""

    view_url: str = ""
    reset_url: str = ""


def tools_for(unit: Unit, object_key: str, record_id: int) -> PersonTools | None:
    """Give what the unit's actor may do for the person of a record; None for nothing."""
    if object_key != USER or unit.context.read_only:
        return None
    person = read_person(unit.connection, unit.snapshot, record_id)
    if person is None:
        return None
    actor, base = unit.context.actor, f"/people/{record_id}"
    views = person.enters and may_view(unit, actor, person.actor)
    resets = (
        rights_of(unit).admin("people")
        and (actor.superadmin or SUPERADMIN not in person.roles)
        and actor.user_id != person.id
        and has_factor(unit.connection, person.id)
    )
    if not views and not resets:
        return None
    return PersonTools(
        view_url=f"{base}/view-as" if views else "",
        reset_url=f"{base}/second-factor/reset" if resets else "",
    )


@post(
    "/people/{user_id:int}/view-as",
    name="people.view_as",
    sync_to_thread=True,
    right=ADMIN + "view_as",
)
def submit_view_as(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, user_id: FromPath[int]
) -> Response[Any]:
    """Go on through this person's eyes."""
    _, session = signed_in(visitor)
    begin_view(services.site, visitor.context, session, user_id)
    return see_other(request, "/")


@post(
    "/view-as/end",
    name="people.view_as.end",
    sync_to_thread=True,
    right=SIGNED_IN,
    early=True,
    in_view=True,
)
def submit_end_view(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices
) -> Response[Any]:
    """Come back as oneself, to the person who was looked through."""
    _, session = signed_in(visitor)
    if visitor.viewer is None:
        return see_other(request, "/")
    end_view(services.site, visitor.context, session, visitor.viewer)
    return go(request, "/", "view_ended")


@post(
    "/people/{user_id:int}/second-factor/reset",
    name="people.second_factor.reset",
    sync_to_thread=True,
    right=PEOPLE,
)
def submit_reset_factor(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, user_id: FromPath[int]
) -> Response[Any]:
    """Take a second factor away that its person has lost."""
    reset(services.site, visitor.context, user_id)
    return go(request, f"/o/{USER}/{user_id}", "second_factor_reset")


ROUTES = [submit_view_as, submit_end_view, submit_reset_factor]
