"""Drafts: changes that wait. Autosaved, based on a version, published or thrown away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from engine.publish.store import served_version
from engine.storage.kernel_tables import draft
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError
from metadata.load import parse_changes


class UnknownDraft(PlatformError):
    """There is no such open draft."""

    code = "unknown_draft"
    status = 404


@dataclass(frozen=True, slots=True)
class Draft:
    """An open draft. ``changes`` as api.md's drafts, in order; ``packs`` replace the packs.

    ``merges``: somebody said that local changes go with new versions of pinned packs.
    """

    id: int
    base: int
    changes: Sequence[dict[str, Any]]
    packs: str | None
    note: str
    by: int | None
    by_name: str
    created_at: datetime
    updated_at: datetime
    merges: bool = False


_COLUMNS: tuple[ColumnElement[Any], ...] = (
    draft.c.id,
    draft.c.base,
    draft.c.changes,
    draft.c.packs,
    draft.c.note,
    draft.c.by,
    draft.c.by_name,
    draft.c.created_at,
    draft.c.updated_at,
    draft.c.merges,
)


def create_draft(
    unit: Unit,
    changes: Sequence[dict[str, Any]],
    *,
    note: str = "",
    packs: str | None = None,
    merges: bool = False,
) -> Draft:
    """Begin a draft on the served version.

    Raises:
        MetadataInvalid: a change does not have the shape of one.
    """
    parse_changes(list(changes))
    now = unit.context.now
    values: dict[str, Any] = {
        "base": served_version(unit.connection),
        "changes": list(changes),
        "packs": packs,
        "note": note,
        "by": unit.context.actor.user_id,
        "by_name": unit.context.actor.name,
        "created_at": now,
        "updated_at": now,
        "merges": merges,
    }
    number = unit.connection.execute(
        insert(draft).values(**values).returning(draft.c.id)
    ).scalar_one()
    return Draft(id=number, **values)


def read_draft(unit: Unit, number: int) -> Draft:
    """Read an open draft.

    Raises:
        UnknownDraft: it never was, is published, or was thrown away.
    """
    found = unit.connection.execute(
        select(*_COLUMNS).where(draft.c.id == number, draft.c.published_as.is_(None))
    ).one_or_none()
    if found is None:
        raise UnknownDraft(draft=number)
    return Draft(*found)


def own_draft(unit: Unit) -> Draft | None:
    """Give the newest open draft of the actor, if any; one that brings packs is not meant."""
    by = unit.context.actor.user_id
    mine = draft.c.by.is_(None) if by is None else draft.c.by == by
    found = unit.connection.execute(
        select(*_COLUMNS)
        .where(mine, draft.c.published_as.is_(None), draft.c.packs.is_(None))
        .order_by(draft.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if found is None else Draft(*found)


def pack_drafts(unit: Unit) -> list[Draft]:
    """List the open drafts that bring packs, newest first."""
    rows = unit.connection.execute(
        select(*_COLUMNS)
        .where(draft.c.published_as.is_(None), draft.c.packs.is_not(None))
        .order_by(draft.c.id.desc())
    )
    return [Draft(*row) for row in rows]


def save_draft(
    unit: Unit, number: int, changes: Sequence[dict[str, Any]], *, note: str | None = None
) -> None:
    """Replace the changes of an open draft.

    Raises:
        MetadataInvalid: a change does not have the shape of one.
        UnknownDraft: it is not open any more.
    """
    parse_changes(list(changes))
    values: dict[str, Any] = {"changes": list(changes), "updated_at": unit.context.now}
    if note is not None:
        values["note"] = note
    _update(unit, number, values)


def rebase_draft(unit: Unit, number: int) -> None:
    """Put an open draft on the served version; whether it still fits, its plan tells."""
    values = {"base": served_version(unit.connection), "updated_at": unit.context.now}
    _update(unit, number, values)


def allow_merge(unit: Unit, number: int) -> None:
    """Let the local changes go with new versions of pinned packs."""
    _update(unit, number, {"merges": True, "updated_at": unit.context.now})


def discard_draft(unit: Unit, number: int) -> None:
    """Throw an open draft away."""
    read_draft(unit, number)
    unit.connection.execute(delete(draft).where(draft.c.id == number))


def _update(unit: Unit, number: int, values: dict[str, Any]) -> None:
    done = unit.connection.execute(
        update(draft).where(draft.c.id == number, draft.c.published_as.is_(None)).values(**values)
    )
    if done.rowcount != 1:
        raise UnknownDraft(draft=number)
