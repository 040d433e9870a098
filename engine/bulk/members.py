"""Adding somebody to the teams of many records at once, taking him out, and back again."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.errors import FieldError, InvalidInput, InvalidValue
from engine.fields.moments import read_instant
from engine.query.members import Member
from engine.records.team import Before, Place, check_place, put_back, put_member, take_member
from engine.storage.snapshot import Unit

WORDS = frozenset({"user", "level", "expires_at", "also"})


def place_of(unit: Unit, values: Mapping[str, Any]) -> Place:
    """Read what a bulk action was told.

    Raises:
        InvalidInput: unknown words, nobody, or values that will not do.
    """
    faults = [FieldError(key, "unknown_field") for key in values.keys() - WORDS]
    user, also = values.get("user"), values.get("also") or []
    if type(user) is not int:
        faults.append(FieldError("user", "required"))
    if not isinstance(also, list | tuple) or not all(isinstance(one, str) for one in also):
        faults.append(FieldError("also", "unknown_list", {"value": ""}))
    ends: datetime | None = None
    try:
        given = values.get("expires_at")
        ends = read_instant(given, unit.context.locale.zone) if given else None
    except InvalidValue as error:
        faults.append(FieldError("expires_at", error.reason, error.params))
    if faults or type(user) is not int:
        raise InvalidInput(faults)
    return Place(user=user, level=values.get("level", "read"), expires_at=ends, also=tuple(also))


def check_members(unit: Unit, object_key: str, values: Mapping[str, Any]) -> None:
    """Check what is the same for all records.

    Raises:
        InvalidInput: see `place_of` and `engine.records.team.check_place`.
    """
    check_place(unit, object_key, place_of(unit, values))


def add(
    unit: Unit, object_key: str, record_id: int, values: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Add somebody to one team; gives what brings it back, None when nothing changed."""
    place = place_of(unit, values)
    return _kept(put_member(unit, object_key, record_id, place), place.user, place)


def take(
    unit: Unit, object_key: str, record_id: int, values: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Take somebody out of one team; gives what brings it back, None when he was in none."""
    place = place_of(unit, values)
    done = take_member(unit, object_key, record_id, place.user, place.also)
    return _kept(done, place.user, None)


def bring_back(unit: Unit, kept: Mapping[str, Any]) -> int:
    """Give teams back what they had, but where his place is another since; counts them."""
    user = int(kept["user"])
    left = _place(user, kept["left"])
    return put_back(unit, (_before(unit, user, *one) for one in kept["teams"]), user, left)


def _kept(done: Iterable[Before], user: int, left: Place | None) -> Mapping[str, Any] | None:
    teams = [[one.object, one.record, _plain(one.member)] for one in done]
    return {"user": user, "left": _plain(left), "teams": teams} if teams else None


def _plain(member: Member | Place | None) -> list[str | None] | None:
    if member is None:
        return None
    return [member.level, member.expires_at.isoformat() if member.expires_at else None]


def _before(unit: Unit, user: int, object_key: str, record_id: int, held: Any) -> Before:
    was = _place(user, held)
    if was is None:
        return Before(object_key, record_id, None)
    member = Member(user, was.level, was.expires_at, None, unit.context.now)
    return Before(object_key, record_id, member)


def _place(user: int, held: Any) -> Place | None:
    """Read what `_plain` wrote."""
    if held is None:
        return None
    level, ends = held
    return Place(user=user, level=level, expires_at=datetime.fromisoformat(ends) if ends else None)
