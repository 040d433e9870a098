"""Who maintains a record together with its owner: read, added, changed, removed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Response, delete, get, put
from litestar.params import FromPath, JSONBody

from engine.access.idempotency import Answer
from engine.errors import FieldError, InvalidInput, InvalidValue
from engine.fields.moments import read_instant
from engine.query.members import Member
from engine.query.names import names_of
from engine.records.team import Place, put_member, remove_member, team_of
from engine.storage.snapshot import Unit
from ui.api.answers import answer, mapping_of, respond, write_once
from ui.api.asked import refuse_unknown, words
from ui.api.records import RECORD
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

WORDS = frozenset({"level", "expires_at", "also"})


@get(f"{RECORD}/team", right=BY_OBJECT, sync_to_thread=True)
def get_team(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[bytes]:
    """List the members of a record's team; the owner is none of them."""
    refuse_unknown(dict(request.query_params), set())
    with site.read(context) as unit:
        body = {"items": _items(unit, object_key, record_id), "next_cursor": None}
    return respond(answer(body))


@put(f"{RECORD}/team/{{user_id:int}}", right=BY_OBJECT, sync_to_thread=True)
def put_team(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    user_id: FromPath[int],
    data: JSONBody[Any],
) -> Response[bytes]:
    """Add somebody to a team, or change his level or how long he stays in it."""
    place = _place(mapping_of(data), user_id, context.locale.zone)

    def work(unit: Unit) -> Answer:
        done = put_member(unit, object_key, record_id, place)
        return answer({"changed": len(done), "items": _items(unit, object_key, record_id)})

    return write_once(request, site, context, data, work)


@delete(f"{RECORD}/team/{{user_id:int}}", right=BY_OBJECT, sync_to_thread=True, status_code=200)
def delete_team(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    user_id: FromPath[int],
) -> Response[bytes]:
    """Take somebody out of a team; who takes himself out leaves, and needs no right."""
    asked = dict(request.query_params)
    refuse_unknown(asked, {"also"})

    def work(unit: Unit) -> Answer:
        remove_member(unit, object_key, record_id, user_id, words(asked.get("also", "")))
        return Answer(status=204, body=b"")

    return write_once(request, site, context, None, work)


def _place(body: Mapping[str, Any], user: int, zone: Any) -> Place:
    faults = [FieldError(key, "unknown_field") for key in body.keys() - WORDS]
    also = body.get("also", [])
    if not isinstance(also, list) or not all(isinstance(one, str) for one in also):
        faults.append(FieldError("also", "not_a_list"))
    ends: datetime | None = None
    try:
        ends = read_instant(body["expires_at"], zone) if body.get("expires_at") else None
    except InvalidValue as error:
        faults.append(FieldError("expires_at", error.reason, error.params))
    if faults:
        raise InvalidInput(faults)
    return Place(user=user, level=body.get("level", "read"), expires_at=ends, also=tuple(also))


def _items(unit: Unit, object_key: str, record_id: int) -> list[dict[str, Any]]:
    members = team_of(unit, object_key, record_id)
    people = {("user", one) for member in members for one in _named(member)}
    names = names_of(unit, people)

    def person(number: int | None) -> dict[str, Any] | None:
        known = names.get(("user", number)) if number is not None else None
        return None if number is None else {"id": number, "label": known or f"#{number}"}

    return [
        {
            "user": person(one.user),
            "level": one.level,
            "expires_at": one.expires_at,
            "added_by": person(one.added_by),
            "added_at": one.added_at,
        }
        for one in members
    ]


def _named(member: Member) -> tuple[int, ...]:
    return (member.user,) if member.added_by is None else (member.user, member.added_by)


ROUTES = [get_team, put_team, delete_team]
