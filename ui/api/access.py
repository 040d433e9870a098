"""Who may do what with a record, and why: the same predicates that decide, in words."""

from dataclasses import replace
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from engine.access.actors import read_person
from engine.access.explain import Access, ActionAccess, Place, explain
from engine.access.roles import rights_of
from engine.access.viewers import viewers
from engine.errors import FieldError, Forbidden, InvalidInput
from engine.query.names import names_of
from engine.records.reach import owner_of
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.api.answers import answer, respond
from ui.api.asked import limit_of, refuse_unknown, whole_number
from ui.api.records import RECORD
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

ASKING = ("roles", "people")
"""Administration rights that let somebody ask about others; either will do."""


@get(f"{RECORD}/access", right=BY_OBJECT, sync_to_thread=True)
def get_access(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[bytes]:
    """Explain what the caller (or, for who administers people, ``user``) may do here and why."""
    asked = dict(request.query_params)
    refuse_unknown(asked, {"user"})
    with site.read(context) as unit:
        place = Place(object_key, record_id, owner_of(unit, object_key, record_id))
        about = unit
        if asked.get("user"):
            about = as_person(unit, whole_number("user", asked["user"]))
        body = _told(about, place, explain(about, place), context.locale.language)
    return respond(answer(body))


@get(f"{RECORD}/access/people", right=BY_OBJECT, sync_to_thread=True)
def get_people(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[bytes]:
    """List who can see a record, for who administers people."""
    asked = dict(request.query_params)
    refuse_unknown(asked, {"cursor", "limit"})
    after = whole_number("cursor", asked["cursor"]) if asked.get("cursor") else 0
    with site.read(context) as unit:
        place = Place(object_key, record_id, owner_of(unit, object_key, record_id))
        require_asking(unit)
        found, more = viewers(unit, place, after=after, limit=limit_of(asked))
    items = [
        {
            "user": {"id": one.user, "label": one.name},
            "reason": one.reason,
            "message": translate(context.locale.language, f"access.{one.reason}"),
            "edits": one.edits,
        }
        for one in found
    ]
    return respond(answer({"items": items, "next_cursor": str(more) if more else None}))


def may_ask(unit: Unit) -> bool:
    """Tell whether the actor may be told what others may do."""
    return any(rights_of(unit).admin(right) for right in ASKING)


def require_asking(unit: Unit) -> None:
    """Refuse unless `may_ask`.

    Raises:
        Forbidden: he may ask about himself alone.
    """
    if not may_ask(unit):
        raise Forbidden(object="", action=ASKING[0])


def as_person(unit: Unit, user_id: int) -> Unit:
    """Give the unit as another person's, with nothing of what was kept for the one who asks.

    Raises:
        Forbidden: the actor may ask about himself alone.
        InvalidInput: there is no such person.
    """
    require_asking(unit)
    person = read_person(unit.connection, unit.snapshot, user_id)
    if person is None:
        raise InvalidInput([FieldError("user", "no_such_record")])
    about = replace(unit.context, actor=person.actor)
    return Unit(about, unit.connection, unit.snapshot)


def _told(unit: Unit, place: Place, found: Access, language: str) -> dict[str, Any]:
    actor, member = unit.context.actor, found.member
    people = {one for one in (place.owner, *found.line) if one is not None}
    wanted = {("user", one) for one in people}
    rooms = {("department", one) for one in (found.department,) if one is not None}
    names = names_of(unit, {*wanted, *rooms})

    def link(kind: str, number: int | None) -> dict[str, Any] | None:
        label = names.get((kind, number or 0), f"#{number}")
        return None if number is None else {"id": number, "label": label}

    return {
        "user": {"id": actor.user_id, "label": actor.name},
        "superadmin": actor.superadmin,
        "owner": link("user", place.owner),
        "owner_department": link("department", found.department),
        "line": [link("user", one) for one in found.line],
        "membership": None
        if member is None
        else {"level": member.level, "expires_at": member.expires_at},
        "actions": [_action(unit, one, language) for one in found.actions],
        "fields": [
            {"field": one.field, "level": one.level, "mask": one.mask} for one in found.fields
        ],
    }


def _action(unit: Unit, one: ActionAccess, language: str) -> dict[str, Any]:
    roles = unit.snapshot.site.roles
    return {
        "action": one.action,
        "allowed": one.allowed,
        "reason": one.reason,
        "message": translate(language, f"access.{one.reason}"),
        "team": one.team,
        "grants": [
            {
                "role": grant.role,
                "label": say(roles[grant.role].label, language),
                "scope": grant.scope,
                "reaches": grant.reaches,
            }
            for grant in one.grants
        ],
    }


ROUTES = [get_access, get_people]
