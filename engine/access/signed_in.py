"""Who is signed in: a session with its person, read in one statement for every request."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from engine.access.actors import acting_columns, acting_of, read_actor
from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.access.secret import hash_of
from engine.access.sessions import SESSION_COLUMNS, SESSION_SOURCE, Session, SessionRules
from engine.context import Actor
from engine.storage.people_tables import session
from engine.storage.snapshot import Snapshot, Unit

VIEW_AS = "view_as"
WIDTH = len(SESSION_COLUMNS)


def read_signed_in(
    connection: Connection, snapshot: Snapshot, secret: str, *, now: datetime, rules: SessionRules
) -> tuple[Session, Actor] | None:
    """Give the live session of an id with its person.

    None when there is none, when it has ended, and unless its person may be signed in.
    """
    if USER not in snapshot.objects:
        return None
    query = snapshot.once("signed in", lambda: _query(snapshot))
    row = connection.execute(query, {"id_hash": hash_of(secret)}).first()
    if row is None:
        return None
    found, person = Session(*row[:WIDTH]), acting_of(snapshot, row[WIDTH:])
    if not person.enters or not found.lives(now, rules):
        return None
    return found, person.actor


def seen_by(unit: Unit, viewer: Actor, viewed_id: int) -> Actor:
    """Give the person through whose eyes somebody looks: read anew, like every right.

    The viewer himself when that may not be (any more): nothing is shown of another then.
    """
    viewed = read_actor(unit.connection, unit.snapshot, viewed_id)
    return viewed if viewed is not None and may_view(unit, viewer, viewed) else viewer


def may_view(unit: Unit, viewer: Actor, viewed: Actor) -> bool:
    """Tell whether somebody may look through another's eyes."""
    if viewed.user_id == viewer.user_id or (viewed.superadmin and not viewer.superadmin):
        return False
    return rights_of(replace(unit, context=replace(unit.context, actor=viewer))).admin(VIEW_AS)


def _query(snapshot: Snapshot) -> Select[Any]:
    user = snapshot.object(USER)
    return (
        select(*SESSION_COLUMNS, *acting_columns(snapshot))
        .select_from(SESSION_SOURCE.join(user.table, user.table.c.id == session.c.user_id))
        .where(session.c.id_hash == bindparam("id_hash"), user.table.c.deleted_at.is_(None))
    )
