"""The personal layer: small documents of one person, by kind and key. Nobody else's are seen."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update, bindparam, delete, insert, select, update

from engine.storage.people_tables import personal
from engine.storage.snapshot import Unit

Body = Mapping[str, Any]

MEMO = "personal documents"
ONE = (
    personal.c.user_id == bindparam("me"),
    personal.c.kind == bindparam("of_kind"),
    personal.c.key == bindparam("of_key"),
)

READ: Select[Any] = select(personal.c.kind, personal.c.key, personal.c.body).where(
    personal.c.user_id == bindparam("me")
)
HOLD: Select[Any] = select(personal.c.body).where(*ONE).with_for_update()
"""Two tabs of one person change one document in turn."""
CHANGE: Update = (
    update(personal).where(*ONE).values(body=bindparam("new_body"), updated_at=bindparam("at"))
)
ADD: Insert = insert(personal)
REMOVE: Delete = delete(personal).where(*ONE)


def read_personal(unit: Unit, kind: str, key: str) -> Body:
    """Give one of the actor's documents; empty when he has none."""
    return _mine(unit).get((kind, key), {})


def list_personal(unit: Unit, kind: str) -> dict[str, Body]:
    """Give all of the actor's documents of a kind: key -> body, by key."""
    return {key: body for (of_kind, key), body in sorted(_mine(unit).items()) if of_kind == kind}


def change_personal(unit: Unit, kind: str, key: str, change: Callable[[Body], Body]) -> Body:
    """Replace one of the actor's documents by what ``change`` makes of it.

    An empty result removes the document. Call it in a unit of work that writes.

    Raises:
        ValueError: nobody acts, so there is nobody to keep it for.
    """
    me = unit.context.actor.user_id
    if me is None:
        raise ValueError("a personal document needs a person")
    at = {"me": me, "of_kind": kind, "of_key": key}
    body = change(unit.connection.scalar(HOLD, at) or {})
    unit.memo.pop(MEMO, None)
    if not body:
        unit.connection.execute(REMOVE, at)
        return body
    values = {"new_body": body, "at": unit.context.now}
    if unit.connection.execute(CHANGE, at | values).rowcount == 0:
        row = {"user_id": me, "kind": kind, "key": key, "body": body}
        unit.connection.execute(ADD, row | {"updated_at": unit.context.now})
    return body


def _mine(unit: Unit) -> dict[tuple[str, str], Body]:
    """Read the actor's documents once for a call: a screen asks for several, he has few."""
    me = unit.context.actor.user_id
    if me is None:
        return {}
    found: dict[tuple[str, str], Body] | None = unit.memo.get(MEMO)
    if found is None:
        rows = unit.connection.execute(READ, {"me": me})
        found = unit.memo[MEMO] = {(kind, key): body for kind, key, body in rows}
    return found
