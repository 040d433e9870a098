"""The records that somebody has starred, for conditions; `engine.personal.stars` changes them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from engine.storage.people_tables import personal
from engine.storage.snapshot import Unit

KIND = "stars"
"""Of the personal documents: one for each object, `ids_in` says what it holds."""
MOST_STARS = 500
"""Of one object; more than a condition compares with would be no choice."""

_READ = select(personal.c.body).where(
    personal.c.user_id == bindparam("me"),
    personal.c.kind == KIND,
    personal.c.key == bindparam("of_key"),
)


def starred_ids(unit: Unit, object_key: str) -> tuple[int, ...]:
    """Give the records of an object that the actor has starred, the oldest star first."""
    me = unit.context.actor.user_id
    if me is None:
        return ()
    key = memo_key(object_key)
    found: tuple[int, ...] | None = unit.memo.get(key)
    if found is None:
        body = unit.connection.scalar(_READ, {"me": me, "of_key": object_key})
        found = unit.memo[key] = ids_in(body or {})
    return found


def memo_key(object_key: str) -> tuple[str, str]:
    """Name what a unit of work remembers of an object's stars."""
    return "stars", object_key


def ids_in(body: Mapping[str, Any]) -> tuple[int, ...]:
    """Read a personal document of stars."""
    return tuple(int(one) for one in body.get("ids", ()))
