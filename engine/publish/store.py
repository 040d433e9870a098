"""Reading and writing published versions and the pointer that says which one is served."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from engine.context import Context
from engine.errors import DraftOutdated
from engine.storage.driven import first_number
from engine.storage.kernel_tables import pointer, version
from metadata.errors import PlatformError


class UnknownVersion(PlatformError):
    """There is no metadata version of that number."""

    code = "unknown_version"
    status = 404


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """A published version as listed: who, when, why, what changed."""

    number: int
    at: datetime
    by: int | None
    by_name: str
    note: str
    changes: Sequence[dict[str, Any]]
    rolls_back_to: int | None


_ENTRY = (
    version.c.number,
    version.c.at,
    version.c.by,
    version.c.by_name,
    version.c.note,
    version.c.changes,
    version.c.rolls_back_to,
)
_SERVED = "SELECT version FROM heddle_pointer WHERE id = 1"
"""As text: it runs in every unit of work."""


def served_version(connection: Connection) -> int:
    """Give the number of the served version, 0 before the first publish."""
    return first_number(connection, _SERVED) or 0


def read_layers(connection: Connection, number: int) -> str:
    """Give the stored layers of a version, as canonical JSON text.

    Raises:
        UnknownVersion: no such version.
    """
    found = connection.execute(
        select(version.c.layers).where(version.c.number == number)
    ).scalar_one_or_none()
    if found is None:
        raise UnknownVersion(version=number)
    return str(found)


def list_versions(
    connection: Connection, *, before: int | None = None, limit: int = 50
) -> list[VersionEntry]:
    """List published versions, newest first."""
    query = select(*_ENTRY).order_by(version.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(version.c.number < before)
    return [VersionEntry(*row) for row in connection.execute(query)]


def write_version(
    connection: Connection, context: Context, number: int, values: dict[str, Any]
) -> None:
    """Write a new version row; ``values``: layers, hash, note, changes, rolls_back_to."""
    connection.execute(
        insert(version).values(
            number=number,
            at=context.now,
            by=context.actor.user_id,
            by_name=context.actor.name,
            **values,
        )
    )


def move_pointer(connection: Connection, *, base: int, number: int) -> None:
    """Serve ``number`` from now on, if ``base`` is still the served version.

    Raises:
        DraftOutdated: somebody else published since.
    """
    if base == 0 and served_version(connection) == 0:
        connection.execute(insert(pointer).values(id=1, version=number))
        return
    moved = connection.execute(
        update(pointer).where(pointer.c.id == 1, pointer.c.version == base).values(version=number)
    )
    if moved.rowcount != 1:
        raise DraftOutdated(base=base, served=served_version(connection))
