"""The judge of files: rows, values and contents agree."""

import secrets
from datetime import timedelta

from sqlalchemy import Connection, insert, select

from engine.context import SYSTEM, Context, system_clock
from engine.files.content import ContentStore
from engine.records.shape import shape_of
from engine.storage.kernel_tables import attachment, content
from engine.storage.snapshot import Snapshot, Unit


def loose_file(unit: Unit, name: str, *, picture: bool = False) -> str:
    """Note an upload of the acting person, without its bytes; gives its id."""
    made = secrets.token_hex(16)
    unit.connection.execute(
        insert(attachment).values(
            id=made,
            digest="0" * 64,
            thumb="1" * 64 if picture else None,
            name=name,
            type="image/png" if picture else "application/pdf",
            size=1234,
            by=unit.context.actor.user_id,
            created_at=unit.context.now,
            kept_until=unit.context.now + timedelta(days=1),
        )
    )
    return made


def check_files(connection: Connection, snapshot: Snapshot, store: ContentStore) -> None:
    """Hold every value against its file's row, and every row against its content."""
    unit = Unit(Context(actor=SYSTEM, now=system_clock()), connection, snapshot)
    named = set()
    for key in snapshot.objects:
        shape = shape_of(unit, key)
        for row in connection.execute(select(*shape.columns)):
            record = shape.stored(row)
            for field in shape.files:
                for one in record.values[field.key] or ():
                    named.add((tuple(one), shape.bound.id, field.id, record.id))
    rows = connection.execute(select(attachment)).all()
    held = {
        ((row.id, row.name, row.type, row.size), row.object_id, row.field_id, row.record_id)
        for row in rows
        if row.kept_until is None
    }
    assert named == held
    digests = set(connection.scalars(select(content.c.digest)))
    wanted = {one for row in rows for one in (row.digest, row.thumb) if one}
    assert wanted <= digests
    assert all(store.path(digest).is_file() for digest in digests)
