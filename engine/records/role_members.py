"""The roles of one person, changed from what they are now: nobody's other roles are lost."""

from collections.abc import Callable, Sequence

from sqlalchemy import select

from engine.access.scope import USER
from engine.records.act import act
from engine.storage.snapshot import Unit

ROLES = "roles"
SET_ROLES = "set_roles"

Wanted = Callable[[Sequence[str]], Sequence[str]]
"""Gives the roles that somebody shall have, from those that he has."""


def change_roles(unit: Unit, person: int, wanted: Wanted) -> None:
    """Set somebody's roles by the action that sets them; another writer of his waits.

    Raises:
        RecordNotFound: no such person, or out of reach.
        Forbidden: roles may not be set.
        InvalidInput: none is left, or one that the actor may not give.
    """
    bound = unit.snapshot.object(USER)
    mine = select(bound.field(ROLES).column).where(bound.table.c.id == person)
    found = unit.connection.scalar(mine.with_for_update())
    act(unit, USER, person, SET_ROLES, {ROLES: list(wanted(tuple(found or ())))})
