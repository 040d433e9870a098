"""Who can see a record: everybody is asked the predicates that his own lists are asked.

What they go by (who stands below whom, who is in the record's team) is read for all people at
once beforehand; a question whose answer was not foreseen is asked all the same, only later.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.access.actors import people
from engine.access.explain import Place, Reason
from engine.access.roles import rights_of, scopes_of
from engine.access.scope import foresee as foresee_scopes
from engine.access.teams import foresee as foresee_team
from engine.context import Actor
from engine.query.members import admits
from engine.query.organisation import CHANGED
from engine.storage.snapshot import Unit

ASKED = ("read", "update")
"""The actions that are told of everybody."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who can see a record: why, and whether he may edit it."""

    user: int
    name: str
    reason: Reason
    edits: bool


def viewers(
    unit: Unit, place: Place, *, after: int = 0, limit: int = 50
) -> tuple[list[Viewer], int | None]:
    """List people who can see a record, by id, and where to go on; None at the end.

    Each is asked the same predicates as his own lists are; who cannot sign in sees nothing.
    """
    known = people(unit.connection, unit.snapshot)
    actors = [one.actor for one in known if one.id > after and one.enters]
    found: list[Viewer] = []
    for one in _as_each(unit, place, actors):
        seen = viewer(one, place)
        if seen is None:
            continue
        if len(found) == limit:
            return found, found[-1].user
        found.append(seen)
    return found, None


def viewer(unit: Unit, place: Place) -> Viewer | None:
    """Tell why the unit's actor can see a record; None: he cannot."""
    rights, actor = rights_of(unit), unit.context.actor
    if not rights.allows(place.object, "read") or actor.user_id is None:
        return None
    predicate = rights.predicate(place.object, "read")
    if not admits(unit, predicate, place.id, place.owner):
        return None
    reason: Reason = "granted" if predicate.covers(place.owner) else "team"
    edits = rights.allows(place.object, "update") and admits(
        unit, rights.predicate(place.object, "update"), place.id, place.owner
    )
    return Viewer(actor.user_id, actor.name, "superadmin" if actor.superadmin else reason, edits)


def _as_each(unit: Unit, place: Place, actors: Sequence[Actor]) -> Iterator[Unit]:
    """Give the unit as each of some people's; what was kept for the one who asks is not theirs."""
    memo: dict[Hashable, Any] = {one: unit.memo[one] for one in (CHANGED,) if one in unit.memo}
    shared = Unit(unit.context, unit.connection, unit.snapshot, memo)
    asked = ((one, scopes_of(unit.snapshot, one, place.object, ASKED)) for one in actors)
    foresee_scopes(shared, asked)
    users = [one.user_id for one in actors if one.user_id is not None]
    foresee_team(shared, unit.snapshot.object(place.object), place.id, users)
    for one in actors:
        yield replace(shared, context=replace(unit.context, actor=one))
