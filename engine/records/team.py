"""Teams of records: who joins one, who leaves, and what happens when the owner changes.

A membership belongs to one record. It raises no version, so that nobody's edit is in conflict
with it; history, an event and the search for whoever listens tell of it like of any change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, select, update

from engine.access.actors import DISABLED
from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.access.teams import memo_key as somewhere_key
from engine.errors import FieldError, InvalidInput, RecordNotFound, UnknownField
from engine.events import EventKind, RecordEvent
from engine.history.write import TEAM, FieldChange, HistoryEntry, write_histories
from engine.query.listing import ListRequest, read_page
from engine.query.members import ABILITY, MEMBER_COLUMNS, Member
from engine.query.members import memo_key as levels_key
from engine.query.names import names_of
from engine.query.pointing import pointing
from engine.query.predicate import AccessPredicate, Level
from engine.records.outbox import tell_all
from engine.records.reach import readable, require_reach
from engine.records.shape import Shape, load_live, shape_of
from engine.storage.snapshot import BoundObject, Unit
from engine.storage.team_tables import team
from metadata.model import InverseDef

MANAGE = "manage_team"
LEVELS = ("read", "write")
MOST_RELATED = 1_000
"""Records of one related list that are dealt with together with theirs."""
KINDS: Mapping[str, EventKind] = {
    "add_member": "team.added",
    "change_member": "team.changed",
    "remove_member": "team.removed",
    "leave_team": "team.removed",
    "member_expired": "team.removed",
    "undo": "team.changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A membership as somebody wants it. ``also``: related lists whose records are meant too."""

    user: int
    level: Level = "read"
    expires_at: datetime | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """A record whose team was changed, and somebody's place there before; None: none."""

    object: str
    record: int
    member: Member | None


def team_of(unit: Unit, object_key: str, record_id: int) -> list[Member]:
    """List the members of a record's team that the actor may read, those who joined first.

    Who has expired is no member any more, whether or not he was removed.

    Raises:
        RecordNotFound: no such record, or out of reach.
        UnknownField: records of the object have no team.
    """
    bound = _with_team(unit, object_key)
    shape = shape_of(unit, object_key)
    record = load_live(unit, shape, record_id)
    if not readable(unit, object_key, record_id, record.owner):
        raise RecordNotFound(object=object_key, id=record_id)
    query = select(*MEMBER_COLUMNS).where(*_of_record(bound, record_id))
    rows = unit.connection.execute(query.order_by(team.c.added_at, team.c.user_id))
    return [one for one in (Member(*row) for row in rows) if one.holds(unit.context.now)]


def put_member(unit: Unit, object_key: str, record_id: int, place: Place) -> list[Before]:
    """Add somebody to the team of a record, or change his place in it.

    Returns:
        Every record where something changed, with what was there before.

    Raises:
        RecordNotFound: no such record, or out of reach.
        Forbidden: it may be read, but its team not changed.
        UnknownField: records of the object have no team.
        InvalidInput: nobody to add, the owner, a level or an instant that will not do.
    """
    _require(unit, object_key)
    shape = shape_of(unit, object_key)
    record = load_live(unit, shape, record_id)
    require_reach(unit, shape, record, MANAGE)
    check_place(unit, object_key, place)
    if record.owner == place.user:
        raise InvalidInput([FieldError("user", "owner_is_no_member")])
    done = _put(unit, shape.bound, [record_id], place)
    for inverse in _also(unit, object_key, place.also):
        far = unit.snapshot.object(inverse.object)
        ids = _related(unit, object_key, record_id, inverse, but=place.user)
        done += _put(unit, far, ids, place)
    return done


def remove_member(
    unit: Unit, object_key: str, record_id: int, user: int, also: Sequence[str] = ()
) -> list[Before]:
    """Take somebody out of the team of a record; oneself one may always take out.

    Raises:
        RecordNotFound: no such record, out of reach, or he is not in its team.
        Forbidden: it may be read, but its team not changed.
        UnknownField: records of the object have no team.
    """
    done = take_member(unit, object_key, record_id, user, also)
    if not done:
        raise RecordNotFound(object=object_key, id=record_id)
    return done


def take_member(
    unit: Unit, object_key: str, record_id: int, user: int, also: Sequence[str] = ()
) -> list[Before]:
    """Take somebody out of a team and those of related records, wherever he is in one.

    Raises:
        RecordNotFound: no such record, or out of reach.
        Forbidden: it may be read, but its team not changed.
        UnknownField: records of the object have no team.
    """
    bound = _with_team(unit, object_key)
    leaving = user == unit.context.actor.user_id
    action = "leave_team" if leaving else MANAGE
    rights_of(unit).require(object_key, action)
    shape = shape_of(unit, object_key)
    record = load_live(unit, shape, record_id)
    require_reach(unit, shape, record, action)
    told = "leave_team" if leaving else "remove_member"
    done = _take(unit, bound, [record_id], user, told)
    for inverse in _also(unit, object_key, also):
        far = unit.snapshot.object(inverse.object)
        ids = _related(unit, object_key, record_id, inverse, but=None, leaving=leaving)
        done += _take(unit, far, ids, user, told)
    return done


def put_back(unit: Unit, before: Iterable[Before], user: int, left: Place | None) -> int:
    """Give teams back what they had of somebody, where the actor may change them; counts them.

    ``left``: the place that he was left with, None for none; where he has another since, he
    keeps it.
    """
    restored = 0
    for one in before:
        shape = shape_of(unit, one.object)
        record = load_live(unit, shape, one.record)
        require_reach(unit, shape, record, MANAGE)
        if not _is_left(_held(unit, shape.bound, [one.record], user).get(one.record), left):
            continue
        if one.member is None:
            restored += len(_take(unit, shape.bound, [one.record], user, "undo"))
        elif record.owner != user:
            place = Place(user=user, level=one.member.level, expires_at=one.member.expires_at)
            restored += len(_put(unit, shape.bound, [one.record], place, told="undo"))
    return restored


def _is_left(now: Member | None, left: Place | None) -> bool:
    """Tell whether nobody changed somebody's place since it was left so."""
    if now is None or left is None:
        return now is None and left is None
    return (now.level, now.expires_at) == (left.level, left.expires_at)


def stay(
    unit: Unit, shape: Shape, owners: Iterable[tuple[int, int | None]], level: Level | None
) -> None:
    """Keep whoever acts in the teams of new records that he made for somebody else."""
    actor = unit.context.actor.user_id
    if level is None or actor is None or not shape.bound.definition.has(ABILITY):
        return
    ids = [record_id for record_id, owner in owners if owner not in {None, actor}]
    _put(unit, shape.bound, ids, Place(user=actor, level=level))


def owner_came(unit: Unit, shape: Shape, record_id: int, owner: int | None) -> None:
    """Take the new owner out of the team: what he owns he needs no place in."""
    if owner is not None and shape.bound.definition.has(ABILITY):
        _take(unit, shape.bound, [record_id], owner, "remove_member")


def dissolve(unit: Unit, bound: BoundObject, ids: Sequence[int]) -> None:
    """Forget the teams of records that are gone for good."""
    if bound.definition.has(ABILITY):
        gone = and_(team.c.object_id == bound.id, team.c.record_id.in_(ids))
        unit.connection.execute(delete(team).where(gone))


def expire(unit: Unit, most: int) -> int:
    """Remove memberships that have ended; gives how many. They granted nothing since."""
    ended = select(team.c.object_id, team.c.record_id, *MEMBER_COLUMNS)
    ended = ended.where(team.c.expires_at <= unit.context.now).order_by(team.c.expires_at)
    rows = unit.connection.execute(ended.limit(most)).all()
    objects = {one.id: one for one in unit.snapshot.objects.values()}
    for row in rows:
        member = Member(*row[2:])
        mine = (team.c.object_id == row[0], team.c.record_id == row[1])
        unit.connection.execute(delete(team).where(*mine, team.c.user_id == member.user))
        if row[0] in objects:
            _tell(unit, objects[row[0]], [(row[1], member, None)], member.user, "member_expired")
    return len(rows)


def cascades(unit: Unit, object_key: str) -> tuple[InverseDef, ...]:
    """Give the related lists that are offered when a member is added or removed."""
    definition = unit.snapshot.object(object_key).definition
    named = (definition.abilities.get(ABILITY) or {}).get("cascade", ())
    lists = unit.snapshot.site.related.get(object_key, {})
    return tuple(
        lists[key]
        for key in named
        if key in lists and rights_of(unit).allows(lists[key].object, MANAGE)
    )


def check_place(unit: Unit, object_key: str, place: Place) -> None:
    """Check what can be said of a membership before any record is looked at.

    Raises:
        InvalidInput: every fault of it.
    """
    faults = []
    if not _may_join(unit, place.user):
        faults.append(FieldError("user", "no_such_record"))
    if place.level not in LEVELS:
        faults.append(FieldError("level", "unknown_level"))
    if place.expires_at is not None and place.expires_at <= unit.context.now:
        faults.append(FieldError("expires_at", "not_in_the_future"))
    offered = {one.key for one in cascades(unit, object_key)}
    unknown = [one for one in place.also if one not in offered]
    faults += [FieldError("also", "unknown_list", {"value": one}) for one in unknown]
    if faults:
        raise InvalidInput(faults)


def _with_team(unit: Unit, object_key: str) -> BoundObject:
    bound = unit.snapshot.object(object_key)
    if not bound.definition.has(ABILITY):
        raise UnknownField(object=object_key, field=ABILITY)
    return bound


def _require(unit: Unit, object_key: str) -> None:
    rights_of(unit).require(object_key, "read")
    _with_team(unit, object_key)
    rights_of(unit).require(object_key, MANAGE)


def _may_join(unit: Unit, user: int) -> bool:
    """Tell whether somebody is there, not disabled, and known to the actor."""
    try:
        person = load_live(unit, shape_of(unit, USER), user)
    except RecordNotFound:
        return False
    return person.whole.get("state") != DISABLED and readable(unit, USER, user, person.owner)


def _also(unit: Unit, object_key: str, keys: Sequence[str]) -> list[InverseDef]:
    offered = {one.key: one for one in cascades(unit, object_key)}
    unknown = [one for one in keys if one not in offered]
    if unknown:
        raise InvalidInput([FieldError("also", "unknown_list", {"value": one}) for one in unknown])
    return [offered[one] for one in dict.fromkeys(keys)]


def _related(
    unit: Unit,
    object_key: str,
    record_id: int,
    inverse: InverseDef,
    *,
    but: int | None,
    leaving: bool = False,
) -> list[int]:
    """Give the records of a related list whose team the actor may change, but those of ``but``."""
    far = unit.snapshot.object(inverse.object)
    predicate: AccessPredicate = rights_of(unit).predicate(
        far.key, "leave_team" if leaving else MANAGE
    )
    owner = ("owner",) if "owner" in far.fields else ()
    request = ListRequest(
        object=far.key,
        columns=owner,
        where=pointing(far.field(inverse.field), object_key, record_id),
        sort=("id",),
        limit=MOST_RELATED,
    )
    page = read_page(unit, predicate, request)
    slot = page.slots.get("owner")
    return [
        row[page.id_index]
        for row in page.rows
        if but is None or slot is None or slot.stored(row) != but
    ]


def _of_record(bound: BoundObject, record_id: int) -> tuple[Any, Any]:
    return team.c.object_id == bound.id, team.c.record_id == record_id


def _held(unit: Unit, bound: BoundObject, ids: Sequence[int], user: int) -> dict[int, Member]:
    query = select(team.c.record_id, *MEMBER_COLUMNS).where(
        team.c.object_id == bound.id, team.c.record_id.in_(ids), team.c.user_id == user
    )
    return {row[0]: Member(*row[1:]) for row in unit.connection.execute(query)}


def _put(
    unit: Unit, bound: BoundObject, ids: Sequence[int], place: Place, told: str = ""
) -> list[Before]:
    if not ids:
        return []
    held, context = _held(unit, bound, ids, place.user), unit.context
    new = Member(place.user, place.level, place.expires_at, context.actor.user_id, context.now)
    fresh = [one for one in ids if one not in held]
    other = [
        one
        for one, was in held.items()
        if (was.level, was.expires_at) != (place.level, place.expires_at)
    ]
    if fresh:
        values = dict(zip((column.key for column in MEMBER_COLUMNS), _row(new), strict=True))
        rows = [{"object_id": bound.id, "record_id": one, **values} for one in fresh]
        unit.connection.execute(insert(team), rows)
    if other:
        mine = (team.c.record_id.in_(other), team.c.user_id == place.user)
        changed = update(team).where(team.c.object_id == bound.id, *mine)
        unit.connection.execute(changed.values(level=place.level, expires_at=place.expires_at))
    _forget(unit, bound, place.user, [*fresh, *other])
    _tell(unit, bound, [(one, None, new) for one in fresh], place.user, told or "add_member")
    changes = [(one, held[one], new) for one in other]
    _tell(unit, bound, changes, place.user, told or "change_member")
    return [Before(bound.key, one, held.get(one)) for one in (*fresh, *other)]


def _row(member: Member) -> tuple[Any, ...]:
    return (member.user, member.level, member.expires_at, member.added_by, member.added_at)


def _take(
    unit: Unit, bound: BoundObject, ids: Sequence[int], user: int, told: str
) -> list[Before]:
    held = _held(unit, bound, ids, user) if ids else {}
    if not held:
        return []
    mine = (team.c.record_id.in_(list(held)), team.c.user_id == user)
    unit.connection.execute(delete(team).where(team.c.object_id == bound.id, *mine))
    _forget(unit, bound, user, list(held))
    _tell(unit, bound, [(one, was, None) for one, was in held.items()], user, told)
    return [Before(bound.key, one, was) for one, was in held.items()]


def _forget(unit: Unit, bound: BoundObject, user: int, ids: Iterable[int]) -> None:
    """Forget what this transaction knew of somebody's memberships."""
    known: dict[int, str] = unit.memo.get(levels_key(bound.id, user), {})
    for one in ids:
        known.pop(one, None)
    unit.memo.setdefault(somewhere_key(user), {})[bound.id] = True


Change = tuple[int, Member | None, Member | None]


def _tell(unit: Unit, bound: BoundObject, changes: Sequence[Change], user: int, told: str) -> None:
    """Write history and events of changes of somebody's place in teams of one object."""
    if not changes:
        return
    versions = _versions(unit, bound, [one for one, _, _ in changes])
    name = names_of(unit, {(USER, user)}).get((USER, user), f"#{user}")
    entries = []
    for one, old, new in changes:
        change = FieldChange(TEAM, _kept(old), _kept(new), name, name)
        entries.append(HistoryEntry(one, told, versions.get(one, 0), [change]))
    write_histories(unit, bound, entries)
    kind = KINDS[told]
    tell_all(
        unit,
        [
            RecordEvent(kind, bound.id, one, versions.get(one, 0), user=user)
            for one, _, _ in changes
        ],
    )


def _versions(unit: Unit, bound: BoundObject, ids: Sequence[int]) -> dict[int, int]:
    table = bound.table
    rows = unit.connection.execute(select(table.c.id, table.c.version).where(table.c.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _kept(member: Member | None) -> dict[str, Any] | None:
    """Give a place in a team as history keeps it."""
    if member is None:
        return None
    ends = member.expires_at
    return {
        "user": member.user,
        "level": member.level,
        "expires_at": ends.isoformat() if ends is not None else None,
    }
