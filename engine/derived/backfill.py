"""A new or changed computed field gets its values: with the publish where few, else by a job."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, func, select

from engine.derived.affected import MOST_NOW
from engine.derived.follow import follow_computed
from engine.derived.graph import graph_of, inverse_of
from engine.derived.later import Reach, put_off
from engine.query.paths import program_of
from engine.storage.snapshot import BoundField, BoundObject, Snapshot, Unit
from metadata.computed import FOLLOWS, FORMULA


@dataclass(frozen=True, slots=True)
class Backfill:
    """Computed fields of an object whose values have to be made; ``records``: of how many."""

    object: str
    fields: tuple[str, ...]
    records: int

    @property
    def later(self) -> bool:
        """Tell whether a job does it."""
        return self.records > MOST_NOW


def backfills(connection: Connection, old: Snapshot, new: Snapshot) -> Iterator[Backfill]:
    """Give what has to be computed when ``new`` takes the place of ``old``, in its order."""
    for group in graph_of(new).groups:
        for key, members in groupby(group, key=lambda one: one.object):
            was = old.objects.get(key)
            fields = tuple(one.key for one in members if _is_new(old, new, key, one.key))
            if fields and was is not None:
                count = select(func.count()).select_from(was.table)
                records = connection.execute(count.where(was.table.c.deleted_at.is_(None)))
                yield Backfill(key, fields, records.scalar_one())


def backfill(unit: Unit, old: Snapshot) -> bool:
    """Fill the new and changed computed fields; tells whether some of it was put off."""
    later = False
    for one in list(backfills(unit.connection, old, unit.snapshot)):
        if one.later:
            put_off(unit, one.object, one.fields, Reach())
            later = True
        elif one.records:
            table = unit.snapshot.object(one.object).table
            living = select(table.c.id).where(table.c.deleted_at.is_(None))
            ids = list(unit.connection.execute(living).scalars())
            follow_computed(unit, one.object, one.fields, ids)
    return later


def _is_new(old: Snapshot, new: Snapshot, object_key: str, key: str) -> bool:
    before = old.objects.get(object_key)
    was = before.fields.get(key) if before is not None else None
    if before is None or was is None or was.definition.derived is None:
        return True
    bound = new.objects[object_key]
    return _meaning(old, before, was) != _meaning(new, bound, bound.fields[key])


def _meaning(snapshot: Snapshot, bound: BoundObject, field: BoundField) -> Hashable:
    """Give all that decides the values of a field: what is equal has equal values."""
    computed = field.definition.derived
    columns = tuple(column.key for column in field.columns)
    if computed is None:
        return columns
    if computed.kind == FOLLOWS:
        return columns, bound.field(computed.field).id
    if computed.kind == FORMULA:
        return columns, program_of(snapshot, bound, field).name
    inverse = inverse_of(snapshot, bound, field.key)
    child = snapshot.object(inverse.object) if inverse is not None else bound
    summed = child.fields.get(computed.field)
    link = child.fields[inverse.field].id if inverse is not None else 0
    return columns, repr(computed), link, summed.id if summed is not None else 0
