"""The personal layer: small documents of one person, by kind and key. Nobody else's are seen."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update, bindparam, delete, insert, select, update

from engine.storage.kernel_tables import personal
from engine.storage.snapshot import Unit

Body = Mapping[str, Any]

MINE = (personal.c.user_id == bindparam("me"), personal.c.kind == bindparam("of_kind"))
ONE = (*MINE, personal.c.key == bindparam("of_key"))

READ_ONE: Select[Any] = select(personal.c.body).where(*ONE)
READ_ALL: Select[Any] = select(personal.c.key, personal.c.body).where(*MINE)
CHANGE: Update = (
    update(personal).where(*ONE).values(body=bindparam("new_body"), updated_at=bindparam("at"))
)
ADD: Insert = insert(personal)
REMOVE: Delete = delete(personal).where(*ONE)


def read_personal(unit: Unit, kind: str, key: str) -> Body:
    """Give one of the actor's documents; empty when he has none."""
    me = unit.context.actor.user_id
    if me is None:
        return {}
    found = unit.connection.scalar(READ_ONE, {"me": me, "of_kind": kind, "of_key": key})
    return found or {}


def list_personal(unit: Unit, kind: str) -> dict[str, Body]:
    """Give all of the actor's documents of a kind: key -> body, by key."""
    me = unit.context.actor.user_id
    if me is None:
        return {}
    rows = unit.connection.execute(READ_ALL, {"me": me, "of_kind": kind})
    return {row.key: row.body for row in sorted(rows, key=lambda row: str(row.key))}


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
    body = change(read_personal(unit, kind, key))
    if not body:
        unit.connection.execute(REMOVE, at)
        return body
    values = {"new_body": body, "at": unit.context.now}
    if unit.connection.execute(CHANGE, at | values).rowcount == 0:
        row = {"user_id": me, "kind": kind, "key": key, "body": body}
        unit.connection.execute(ADD, row | {"updated_at": unit.context.now})
    return body
