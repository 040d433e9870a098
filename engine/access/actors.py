"""Who a person is now: read anew for every request, so that a change of roles holds at once."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, bindparam, exists, select, update

from engine.access.roles import SUPERADMIN
from engine.access.scope import USER
from engine.context import Actor
from engine.errors import InvalidValue
from engine.query.members import ABILITY, is_member_somewhere
from engine.query.organisation import STAMP
from engine.storage.snapshot import BoundObject, Snapshot
from engine.storage.tables import unique_column

INVITED = "invited"
ACTIVE = "active"
DISABLED = "disabled"
KEYS = ("name", "mobile", "state", "roles", "department")
WIDTH = 1 + len(KEYS)
"""Columns of a person."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user record as the platform needs it; see `Actor` for the last two."""

    id: int
    name: str
    mobile: str
    state: str
    roles: tuple[str, ...]
    department_id: int | None
    organisation: int = 0
    teams: frozenset[int] | None = None

    @property
    def placed(self) -> bool:
        """Tell whether he has a place in the company: a department and a role."""
        return self.department_id is not None and bool(self.roles)

    @property
    def enters(self) -> bool:
        """Tell whether he may be signed in: active, with a place in the company."""
        return self.state == ACTIVE and self.placed

    @property
    def actor(self) -> Actor:
        """Give the actor that this person is."""
        return Actor(
            user_id=self.id,
            name=self.name,
            superadmin=SUPERADMIN in self.roles,
            roles=frozenset(self.roles),
            department_id=self.department_id,
            organisation=self.organisation,
            teams=self.teams,
        )


def read_person(connection: Connection, snapshot: Snapshot, user_id: int) -> Person | None:
    """Give the person of a user record that is not in the bin, whatever its state."""
    if USER not in snapshot.objects:
        return None
    query = snapshot.once(("person", "id"), lambda: _acting(snapshot))
    row = connection.execute(query, {"value": user_id}).first()
    return None if row is None else acting_of(snapshot, row)


def read_actor(connection: Connection, snapshot: Snapshot, user_id: int) -> Actor | None:
    """Give the actor of a user record, or None unless its account may be signed in to."""
    person = read_person(connection, snapshot, user_id)
    return person.actor if person is not None and person.enters else None


def find_person(connection: Connection, snapshot: Snapshot, mobile: str) -> Person | None:
    """Give the person with a mobile number, in whatever way it is typed."""
    return _find(connection, snapshot, "mobile", mobile)


def find_by_mail(connection: Connection, snapshot: Snapshot, email: str) -> Person | None:
    """Give the person with an e-mail address, in whatever way it is written."""
    return _find(connection, snapshot, "email", email)


def account_name(snapshot: Snapshot, mobile: str) -> str:
    """Give the one way in which an account is counted, however its number is typed."""
    if USER in snapshot.objects:
        field = snapshot.object(USER).field("mobile")
        with suppress(InvalidValue):
            found = field.type.parse(mobile, field.definition)
            return field.type.unique_key(found, field.definition) or ""
    return mobile.strip().casefold()


def mark_signed_in(
    connection: Connection, snapshot: Snapshot, user_id: int, now: datetime
) -> None:
    """Note the last sign-in on the user record; no change that its version would count."""
    user = snapshot.object(USER)
    mine = user.table.c.id == user_id
    column = user.field("last_signed_in_at").column
    connection.execute(update(user.table).where(mine).values({column: now}))


def people(connection: Connection, snapshot: Snapshot) -> list[Person]:
    """List everybody who is not in the bin, by id."""
    if USER not in snapshot.objects:
        return []
    user = snapshot.object(USER)
    rows = connection.execute(_columns(user).order_by(user.table.c.id))
    return [person_of(row) for row in rows]


def admin_exists(connection: Connection, snapshot: Snapshot) -> bool:
    """Tell whether somebody active may do everything."""
    if USER not in snapshot.objects:
        return False
    user = snapshot.object(USER)
    roles = user.field("roles").side
    if roles is None:
        raise RuntimeError("the roles of a user have no side table")
    found = (
        select(user.table.c.id)
        .join(roles, roles.c.record_id == user.table.c.id)
        .where(
            roles.c.value == SUPERADMIN,
            user.field("state").column == ACTIVE,
            user.table.c.deleted_at.is_(None),
        )
    )
    return bool(connection.scalar(select(exists(found))))


def person_columns(user: BoundObject) -> list[Column[Any]]:
    """Give the columns of a user record that `person_of` reads, in its order."""
    return [user.table.c.id, *(user.field(key).column for key in KEYS)]


def person_of(row: Sequence[Any]) -> Person:
    """Make a person of the values of `person_columns`."""
    user_id, name, mobile, state, roles, department_id = row
    return Person(
        id=user_id,
        name=name or "",
        mobile=mobile or "",
        state=state or "",
        roles=tuple(roles or ()),
        department_id=department_id,
    )


def acting_columns(snapshot: Snapshot) -> list[ColumnElement[Any]]:
    """Give the columns that `acting_of` reads: a person with what his rights are read by.

    Whoever acts is asked for anyway, so this costs no statement of its own.
    """
    user = snapshot.object(USER)
    teams = (is_member_somewhere(one, user.table.c.id) for one in _with_teams(snapshot))
    return [*person_columns(user), STAMP, *teams]


def acting_of(snapshot: Snapshot, row: Sequence[Any]) -> Person:
    """Make a person of the values of `acting_columns`."""
    known, rest = row[:WIDTH], row[WIDTH:]
    pairs = zip(_with_teams(snapshot), rest[1:], strict=True)
    teams = frozenset(number for number, is_in in pairs if is_in)
    return replace(person_of(known), organisation=rest[0] or 0, teams=teams)


def _with_teams(snapshot: Snapshot) -> tuple[int, ...]:
    """Give the ids of the objects whose records have a team."""
    return snapshot.once(
        "objects with teams",
        lambda: tuple(one.id for one in snapshot.objects.values() if one.definition.has(ABILITY)),
    )


def _columns(user: BoundObject) -> Select[Any]:
    return select(*person_columns(user)).where(user.table.c.deleted_at.is_(None))


def _acting(snapshot: Snapshot) -> Select[Any]:
    table = snapshot.object(USER).table
    mine = (table.c.id == bindparam("value"), table.c.deleted_at.is_(None))
    return select(*acting_columns(snapshot)).where(*mine)


def _find(connection: Connection, snapshot: Snapshot, by: str, text: str) -> Person | None:
    if USER not in snapshot.objects or by not in snapshot.object(USER).fields:
        return None
    field = snapshot.object(USER).field(by)
    try:
        stored = field.type.parse(text, field.definition)
    except InvalidValue:
        return None
    key = field.type.unique_key(stored, field.definition)
    if key is None:
        return None
    query = snapshot.once(("person", by), lambda: _by_key(snapshot.object(USER), by))
    row = connection.execute(query, {"value": key}).first()
    return None if row is None else person_of(row)


def _by_key(user: BoundObject, by: str) -> Select[Any]:
    key = unique_column(user.field(by))
    if key is None:
        raise RuntimeError(f"the {by} of a user is not unique")
    return _columns(user).where(key == bindparam("value"))
