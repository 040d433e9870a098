"""The rows of files: what each is called, whose it is, until when it is kept.

A file belongs to one field of one record. Before that it is its uploader's for a day; when its
record lets go of it, it is kept for a month, out of sight, so that the record can have it back.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from engine.fields.file import FileRef
from engine.files.upkeep import plan_sweep
from engine.storage.kernel_tables import attachment
from engine.storage.snapshot import Unit

NEW_KEPT = timedelta(days=1)
"""How long an upload waits for its record to be saved."""
LOOSE_KEPT = timedelta(days=30)
MOST_IDS = 500


@dataclass(frozen=True, slots=True)
class Home:
    """Where files belong: ids of the object, the field and the record."""

    object_id: int
    field_id: int
    record_id: int


@dataclass(frozen=True, slots=True)
class Attached:
    """One row. ``thumb`` is None for all but pictures that were written anew."""

    id: str
    digest: str
    thumb: str | None
    name: str
    type: str
    size: int
    by: int | None
    object_id: int | None
    field_id: int | None
    record_id: int | None
    kept_until: datetime | None

    @property
    def ref(self) -> FileRef:
        """Give it as values name it."""
        return FileRef(self.id, self.name, self.type, self.size)


_COLUMNS: Select[Any] = select(
    attachment.c.id,
    attachment.c.digest,
    attachment.c.thumb,
    attachment.c.name,
    attachment.c.type,
    attachment.c.size,
    attachment.c.by,
    attachment.c.object_id,
    attachment.c.field_id,
    attachment.c.record_id,
    attachment.c.kept_until,
)
_BY_IDS = _COLUMNS.where(attachment.c.id.in_(bindparam("ids", expanding=True)))
_CLAIM = (
    update(attachment)
    .where(attachment.c.id == bindparam("at_id"), attachment.c.kept_until.is_not(None))
    .values(
        object_id=bindparam("at_object"),
        field_id=bindparam("at_field"),
        record_id=bindparam("at_record"),
        kept_until=None,
    )
)
_LET_GO = (
    update(attachment)
    .where(attachment.c.id.in_(bindparam("ids", expanding=True)))
    .values(kept_until=bindparam("at_until", type_=attachment.c.kept_until.type))
)
_OF_RECORDS = (
    update(attachment)
    .where(
        attachment.c.object_id == bindparam("of_object"),
        attachment.c.record_id.in_(bindparam("of_records", expanding=True)),
    )
    .values(kept_until=bindparam("at_until", type_=attachment.c.kept_until.type))
)


def new_id() -> str:
    """Make an id that nobody can guess."""
    return secrets.token_hex(16)


def find_files(unit: Unit, ids: Iterable[str]) -> dict[str, Attached]:
    """Read rows by id; unknown ids are left out. It says nothing about who may read them."""
    wanted = list(ids)
    found: dict[str, Attached] = {}
    for first in range(0, len(wanted), MOST_IDS):
        part = {"ids": wanted[first : first + MOST_IDS]}
        found.update({row.id: Attached(*row) for row in unit.connection.execute(_BY_IDS, part)})
    return found


def claim(unit: Unit, file_id: str, home: Home) -> bool:
    """Give a loose file a home; False when it has one."""
    place = {
        "at_id": file_id,
        "at_object": home.object_id,
        "at_field": home.field_id,
        "at_record": home.record_id,
    }
    return unit.connection.execute(_CLAIM, place).rowcount == 1


def copy(unit: Unit, source: Attached, file_id: str, home: Home) -> None:
    """Write the row of a copy: the content is shared, the file is another one."""
    place = {
        "object_id": home.object_id,
        "field_id": home.field_id,
        "record_id": home.record_id,
    }
    unit.connection.execute(insert(attachment), _row(unit, source, file_id) | place)


def loose_copy(unit: Unit, source: Attached) -> str:
    """Write the row of a copy that nobody has yet; gives its id."""
    made = new_id()
    row = _row(unit, source, made) | {"kept_until": unit.context.now + NEW_KEPT}
    unit.connection.execute(insert(attachment), row)
    return made


def let_go(unit: Unit, ids: Sequence[str]) -> None:
    """Take files from their records; they are kept a while, out of sight."""
    for first in range(0, len(ids), MOST_IDS):
        part = list(ids[first : first + MOST_IDS])
        until = unit.context.now + LOOSE_KEPT
        unit.connection.execute(_LET_GO, {"ids": part, "at_until": until})
    if ids:
        plan_sweep(unit)


def let_go_of_records(unit: Unit, object_id: int, record_ids: Sequence[int]) -> None:
    """Take the files of records that are gone for good: nobody can have them back."""
    count = 0
    for first in range(0, len(record_ids), MOST_IDS):
        part = list(record_ids[first : first + MOST_IDS])
        place = {"of_object": object_id, "of_records": part, "at_until": unit.context.now}
        count += unit.connection.execute(_OF_RECORDS, place).rowcount
    if count:
        plan_sweep(unit)


def let_go_of_field(unit: Unit, field_ids: Sequence[int], record_ids: Sequence[int]) -> None:
    """Take the files of a field that is gone for good from these records."""
    count = unit.connection.execute(
        update(attachment)
        .where(attachment.c.field_id.in_(field_ids), attachment.c.record_id.in_(record_ids))
        .values(kept_until=unit.context.now)
    ).rowcount
    if count:
        plan_sweep(unit)


def _row(unit: Unit, source: Attached, file_id: str) -> dict[str, Any]:
    return {
        "id": file_id,
        "digest": source.digest,
        "thumb": source.thumb,
        "name": source.name,
        "type": source.type,
        "size": source.size,
        "by": unit.context.actor.user_id,
        "created_at": unit.context.now,
    }
