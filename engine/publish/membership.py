"""Roles that a publish takes away from the people who have them."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from engine.access.scope import USER
from engine.storage.snapshot import Snapshot
from metadata.errors import Problem
from metadata.model import Site


def member_counts(connection: Connection, snapshot: Snapshot) -> dict[str, int]:
    """Count the people of each role, those whose account is closed included."""
    user = snapshot.objects.get(USER)
    roles = user.field("roles").side if user is not None else None
    if user is None or roles is None:
        return {}
    query = (
        select(roles.c.value, func.count())
        .join(user.table, user.table.c.id == roles.c.record_id)
        .where(user.table.c.deleted_at.is_(None))
        .group_by(roles.c.value)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def lost_roles(connection: Connection, snapshot: Snapshot, new: Site) -> Iterator[Problem]:
    """Tell which roles go although people have them."""
    gone = [key for key in snapshot.site.roles if key not in new.roles]
    counts = member_counts(connection, snapshot) if gone else {}
    for key in gone:
        if counts.get(key):
            params = {"role": key, "count": counts[key]}
            yield Problem("role_has_members", document=f"role/{key}", params=params)
