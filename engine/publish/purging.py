"""Fields that packs gave up for good: nothing shows them any more, and a job deletes their values.

The publish transaction only ends the field: its key is free, its columns stay taken. What the
history says of it stays. No way leads back: a version that had the field is not published again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    func,
    or_,
    select,
)

from engine.publish.steps import Deferral, Expansion
from engine.storage.kernel_tables import deferred, field_ledger, object_ledger
from engine.storage.ledger import FieldEntry, Ledger, ObjectEntry
from engine.storage.types import BigId
from metadata.errors import Problem
from metadata.model import Site

PURGE: Final = "purge"


@dataclass(frozen=True, slots=True)
class Purge:
    """A field whose data goes. ``values``: of how many records, those in the bin included."""

    object: str
    field: str
    values: int


@dataclass(frozen=True, slots=True)
class Remains:
    """Where the values of a field lie, with those that it had under former types.

    ``ids``: its ledger entries; ``table``: of its records; ``sides``: tables of its own.
    """

    object_id: int
    ids: tuple[int, ...]
    table: Table
    columns: tuple[str, ...]
    sides: tuple[Table, ...]

    def filled(self) -> ColumnElement[bool]:
        """Give the condition that a record has any of it."""
        held = [self.table.c[name].is_not(None) for name in self.columns]
        listed = [self.table.c.id.in_(select(side.c.record_id)) for side in self.sides]
        return or_(False, *held, *listed)


def with_purges(expansion: Expansion, site: Site) -> Expansion:
    """Add the end of what the packs of ``site`` give up for good and the ledger still has."""
    ledger = dict(expansion.ledger)
    ended: list[FieldEntry] = []
    deferrals: list[Deferral] = []
    for owner, known in _given_up(site, expansion.ledger):
        held = ledger[owner.key]
        living = {key: entry for key, entry in held.fields.items() if key != known.key}
        ledger[owner.key] = replace(held, fields=living)
        ended.append(known)
        deferrals.append(Deferral(PURGE, owner.key, known.key, str(known.id)))
    if not ended:
        return expansion
    return replace(
        expansion,
        ledger=ledger,
        change=replace(expansion.change, retired=(*expansion.change.retired, *ended)),
        deferrals=(*expansion.deferrals, *deferrals),
    )


def _given_up(site: Site, ledger: Ledger) -> Iterator[tuple[ObjectEntry, FieldEntry]]:
    for pack in site.packs.values():
        for name, rule in (pack.removed.get("fields") or {}).items():
            owner, _, key = name.partition(".")
            entry, served = ledger.get(owner), site.objects.get(owner)
            if rule.get("data") != PURGE or entry is None or served is None:
                continue
            if key in entry.fields and key not in served.fields:
                yield entry, entry.fields[key]


def purges(connection: Connection, deferrals: Sequence[Deferral]) -> list[Purge]:
    """Tell how many values each field that goes for good has."""
    found = []
    for one in deferrals:
        if one.kind == PURGE:
            left = remains(connection, int(one.name))
            counted = select(func.count()).select_from(left.table).where(left.filled())
            values = connection.execute(counted).scalar_one()
            found.append(Purge(one.object, one.field, values))
    return found


def remains(connection: Connection, field_id: int) -> Remains:
    """Find all that a field leaves: its own columns, and those of the types it had before."""
    ids, rows = [field_id], []
    for number in ids:
        rows.append(
            connection.execute(select(field_ledger).where(field_ledger.c.id == number)).one()
        )
        before = select(field_ledger.c.id).where(field_ledger.c.became == number)
        ids += [one for one in connection.scalars(before) if one not in ids]
    owner = connection.execute(
        select(object_ledger).where(object_ledger.c.id == rows[0].object_id)
    ).one()
    names = [name for row in rows for name in (*row.columns, row.unique_column) if name]
    columns = tuple(dict.fromkeys(names))
    metadata = MetaData()
    whole = Table(
        owner.table_name,
        metadata,
        Column("id", BigId, primary_key=True),
        *(Column(name) for name in columns),
    )
    sides = tuple(
        Table(row.side_table, metadata, Column("record_id", BigId))
        for row in rows
        if row.side_table
    )
    return Remains(owner.id, tuple(ids), whole, columns, sides)


def gone_since(connection: Connection, site: Site, number: int) -> list[Problem]:
    """List the fields of an earlier version whose data was deleted after it.

    Args:
        connection: the transaction.
        site: what the earlier version says.
        number: of that version.
    """
    ended = connection.scalars(select(deferred.c.name).where(deferred.c.kind == PURGE))
    ids = [int(name) for name in ended]
    if not ids:
        return []
    rows = connection.execute(
        select(object_ledger.c.key.label("owner"), field_ledger.c.key)
        .join(object_ledger, object_ledger.c.id == field_ledger.c.object_id)
        .where(
            field_ledger.c.id.in_(ids),
            field_ledger.c.since <= number,
            field_ledger.c.retired > number,
        )
    )
    return [
        Problem(
            "field_purged",
            document=f"object/{row.owner}",
            path=f"fields/{row.key}",
            params={"field": row.key, "version": number},
        )
        for row in rows
        if row.owner in site.objects and row.key in site.objects[row.owner].fields
    ]
