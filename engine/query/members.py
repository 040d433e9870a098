"""Teams of records: who is in one, in SQL and for single records.

A membership that has expired is none: every question carries the instant that it is asked for.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from engine.query.plans import Plan, plan_of
from engine.query.predicate import AccessPredicate, Level, Membership
from engine.query.shapes import member_values
from engine.storage.snapshot import BoundObject, Unit
from engine.storage.team_tables import team

ABILITY = "team"
READ: Level = "read"
WRITE: Level = "write"
MOST_IDS = 500
"""Ids in one statement."""

Truth = ColumnElement[bool]


def shared_ids(object_id: int, slot: str, level: str) -> Select[Any]:
    """Select the ids of the records in whose team somebody is."""
    return select(team.c.record_id).where(
        team.c.user_id == bindparam(f"{slot}_me", type_=team.c.user_id.type),
        team.c.object_id == object_id,
        *_holds(slot, level),
    )


def is_shared(id_: ColumnElement[Any], object_id: int, slot: str, level: str) -> Truth:
    """Give the condition on the id of a record that somebody is in its team; asks each record."""
    mine = team.alias(f"{slot}_team")
    return (
        exists()
        .select_from(mine)
        .where(
            mine.c.object_id == object_id,
            mine.c.record_id == id_,
            mine.c.user_id == bindparam(f"{slot}_me", type_=mine.c.user_id.type),
            *_holds(slot, level, mine.c),
        )
    )


def is_among_shared(
    id_: ColumnElement[Any], object_id: int, slot: str, level: str, dialect: str
) -> Truth:
    """Give the same condition where the team leads to the records: few of very many."""
    ids = shared_ids(object_id, slot, level).correlate(None)
    if dialect == "postgresql":
        # An array, so that whatever the planner guesses, it goes by the primary key.
        found: Truth = id_ == func.any(func.array(ids.scalar_subquery()))
        return found
    return id_.in_(ids)


def admits(unit: Unit, predicate: AccessPredicate, record_id: int, owner: int | None) -> bool:
    """Tell whether a record, whose owner is known, is let through."""
    if predicate.covers(owner):
        return True
    found = predicate.team
    return found is not None and found.suffices(levels_of(unit, found, (record_id,))[record_id])


def admitted(
    unit: Unit, predicate: AccessPredicate, owners: Mapping[int, int | None]
) -> frozenset[int]:
    """Give those of some records, by id with their owners, that are let through."""
    inside = {one for one, owner in owners.items() if predicate.covers(owner)}
    rest = owners.keys() - inside
    found = predicate.team
    if found is not None and rest:
        held = levels_of(unit, found, rest)
        inside |= {one for one in rest if found.suffices(held[one])}
    return frozenset(inside)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's place in the team of a record."""

    user: int
    level: Level
    expires_at: datetime | None
    added_by: int | None
    added_at: datetime

    def holds(self, now: datetime) -> bool:
        """Tell whether it has not ended."""
        return self.expires_at is None or self.expires_at > now

    def suffices(self, level: Level) -> bool:
        """Tell whether it lets somebody do what needs this level."""
        return level in {READ, self.level}


MEMBER_COLUMNS = (
    team.c.user_id,
    team.c.level,
    team.c.expires_at,
    team.c.added_by,
    team.c.added_at,
)
"""What a `Member` is made of, in its order."""


def member_of(unit: Unit, bound: BoundObject, record_id: int, user: int) -> Member | None:
    """Give somebody's place in the team of a record, unless it has ended."""
    place = (team.c.object_id == bound.id, team.c.record_id == record_id)
    query = select(*MEMBER_COLUMNS).where(*place, team.c.user_id == user)
    row = unit.connection.execute(query).first()
    found = None if row is None else Member(*row)
    return found if found is not None and found.holds(unit.context.now) else None


def levels_of(unit: Unit, asked: Membership, ids: Collection[int]) -> dict[int, str]:
    """Give what somebody holds in the teams of some records: read, write or "" for nothing."""
    known: dict[int, str] = unit.memo.setdefault(memo_key(asked.object_id, asked.user), {})
    missing = [one for one in ids if one not in known]
    for first in range(0, len(missing), MOST_IDS):
        part = missing[first : first + MOST_IDS]
        known.update(dict.fromkeys(part, ""))
        plan = plan_of(unit, "levels in teams", _levels)
        values = {"of_id": asked.object_id, "ids": part, **member_values(asked, "team")}
        rows: Any = plan.run(unit, values)
        known.update({row[0]: row[1] for row in rows})
    return {one: known[one] for one in ids}


def foresee(unit: Unit, bound: BoundObject, record_id: int, users: Iterable[int]) -> None:
    """Read at once what `levels_of` will want to know of many people and one record."""
    plan = plan_of(unit, "levels of everybody", _everybody)
    values = {"of_id": bound.id, "of_record": record_id, "team_at": unit.context.now}
    rows: Any = plan.run(unit, values)
    held = dict(tuple(row) for row in rows)
    for user in users:
        unit.memo.setdefault(memo_key(bound.id, user), {})[record_id] = held.get(user, "")


def memo_key(object_id: int, user: int) -> tuple[str, int, int]:
    """Name what a unit of work remembers of somebody's memberships."""
    return "levels in teams", object_id, user


def is_member_somewhere(object_id: int, user: ColumnElement[Any]) -> Truth:
    """Give the condition that somebody is in a team of an object; expired ones count as well."""
    return exists().select_from(team).where(team.c.user_id == user, team.c.object_id == object_id)


def _holds(slot: str, level: str, columns: Any = team.c) -> list[Truth]:
    at: Any = bindparam(f"{slot}_at", type_=columns.expires_at.type)
    terms: list[Truth] = [or_(columns.expires_at.is_(None), columns.expires_at > at)]
    if level == WRITE:
        terms.append(columns.level == WRITE)
    return terms


def _levels() -> Plan:
    of_id: Any = bindparam("of_id", type_=team.c.object_id.type)
    me: Any = bindparam("team_me", type_=team.c.user_id.type)
    ids: Any = bindparam("ids", expanding=True)
    mine = (team.c.object_id == of_id, team.c.user_id == me, team.c.record_id.in_(ids))
    return Plan(select(team.c.record_id, team.c.level).where(*mine, *_holds("team", READ)))


def _everybody() -> Plan:
    of_id: Any = bindparam("of_id", type_=team.c.object_id.type)
    of_record: Any = bindparam("of_record", type_=team.c.record_id.type)
    here = (team.c.object_id == of_id, team.c.record_id == of_record)
    return Plan(select(team.c.user_id, team.c.level).where(*here, *_holds("team", READ)))
