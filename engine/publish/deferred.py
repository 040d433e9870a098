"""What a publish leaves to jobs: indexes of full tables, and a look at the records there are.

Until such a job has ended, what it proves is said to be building. A unique field is watched
meanwhile by looking at the live records (`engine.records.uniqueness`); a required one is asked of
whatever is newly written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Index, delete, func, insert, literal, select, update

from engine.fields.base import FieldType
from engine.publish.steps import Deferral, Expansion, Sizes, Step
from engine.query.search_terms import searched_fields
from engine.queue.enqueue import enqueue
from engine.storage.kernel_tables import deferred
from engine.storage.ledger import Ledger
from engine.storage.snapshot import BoundField, BoundObject, Snapshot, Unit
from engine.storage.tables import base_indexes, bind_object, unique_index
from metadata.model import ObjectDef, Site

SMALL = 500
"""A table with more rows than this gets its indexes by a job."""
INDEX_BUILD, INDEX_DROP = "index_build", "index_drop"
UNIQUE_CHECK, REQUIRED_CHECK = "unique_check", "required_check"
SEARCH_REBUILD = "search_rebuild"
CONVERT = "convert"
PURGE_FIELD = "purge_field"
JOBS: Mapping[str, str] = {
    "index": INDEX_BUILD,
    "unique": UNIQUE_CHECK,
    "required": REQUIRED_CHECK,
    "search": SEARCH_REBUILD,
    "convert": CONVERT,
    "purge": PURGE_FIELD,
}
"""Which job does what is deferred."""
BUILDING, READY, BLOCKED = "building", "ready", "blocked"


def sizes_of(connection: Connection, snapshot: Snapshot, old: Site, new: Site) -> Sizes:
    """Tell how full the tables are of the objects that differ."""
    filled, large = set(), set()
    for key, bound in snapshot.objects.items():
        if key not in new.objects or old.objects.get(key) is new.objects[key]:
            continue
        some = select(literal(1)).select_from(bound.table).limit(SMALL + 1).subquery()
        count = connection.execute(select(func.count()).select_from(some)).scalar_one()
        if count:
            filled.add(key)
        if count > SMALL:
            large.add(key)
    return Sizes(frozenset(filled), frozenset(large))


def complete(
    expansion: Expansion,
    old: Site,
    new: Site,
    before: Ledger,
    types: Mapping[str, FieldType],
    sizes: Sizes,
) -> Expansion:
    """Add what an expansion of known objects needs besides columns: indexes, looks at records."""
    steps: list[Step] = []
    deferrals: list[Deferral] = []
    for key, definition in new.objects.items():
        served = old.objects.get(key)
        if served is None or served is definition or key not in before or expansion.problems:
            continue
        was = bind_object(served, before[key], types)
        will = bind_object(definition, expansion.ledger[key], types)
        for step in _indexes(was, will):
            if key in sizes.large:
                deferrals.append(Deferral("index", key, step.field, step.name))
            else:
                steps.append(step)
        if key in sizes.filled:
            deferrals += _looks(served, definition, was, will)
    return replace(
        expansion,
        steps=(*expansion.steps, *steps),
        deferrals=(*expansion.deferrals, *deferrals),
    )


def hand_over(unit: Unit, deferrals: Iterable[Deferral]) -> None:
    """Make jobs of deferrals, in the publish transaction; ``unit`` has the new snapshot."""
    for one in deferrals:
        bound = unit.snapshot.object(one.object)
        if one.kind == "not_unique":
            _forget_unique(unit, bound, bound.fields[one.field])
            continue
        place = {
            "kind": one.kind,
            "object_id": bound.id,
            "field_id": bound.fields[one.field].id if one.field in bound.fields else 0,
            "name": one.name,
        }
        start(unit, one.object, one.field, place)


def start(
    unit: Unit,
    object_key: str,
    field_key: str,
    place: Mapping[str, Any],
    columns: Iterable[str] | None = None,
) -> int:
    """Note that something is being built, and order the job that does it; gives the job's id.

    ``place``: kind, object_id, field_id and name; what has the same is built anew.
    """
    same = [deferred.c[name] == value for name, value in place.items()]
    row = unit.connection.execute(select(deferred.c.id, deferred.c.columns).where(*same)).first()
    values = {"state": BUILDING, "at": unit.context.now, "by": unit.context.actor.user_id}
    if row is None:
        made = insert(deferred).values(
            **place, **values, columns=None if columns is None else list(columns)
        )
        number = int(unit.connection.execute(made.returning(deferred.c.id)).scalar_one())
    else:
        number = int(row.id)
        unit.connection.execute(update(deferred).where(deferred.c.id == number).values(**values))
    payload = {"object": object_key, "field": field_key, "deferred": number}
    if place["name"]:
        payload["name"] = place["name"]
    job_id = enqueue(unit, JOBS[str(place["kind"])], payload)
    unit.connection.execute(update(deferred).where(deferred.c.id == number).values(job_id=job_id))
    return job_id


def settle(connection: Connection, number: int, state: str) -> None:
    """Note how a deferral stands."""
    connection.execute(update(deferred).where(deferred.c.id == number).values(state=state))


def states_of(connection: Connection, object_id: int) -> dict[int, dict[str, tuple[str, int]]]:
    """Give what of an object's fields is not ready: field id -> kind -> (state, job id)."""
    rows = connection.execute(
        select(deferred).where(deferred.c.object_id == object_id, deferred.c.state != READY)
    )
    found: dict[int, dict[str, tuple[str, int]]] = {}
    for row in rows:
        found.setdefault(row.field_id, {})[row.kind] = (row.state, row.job_id or 0)
    return found


def _forget_unique(unit: Unit, bound: BoundObject, field: BoundField) -> None:
    """A field is unique no more: its index would keep what nobody maintains."""
    unit.connection.execute(
        delete(deferred).where(deferred.c.kind == "unique", deferred.c.field_id == field.id)
    )
    payload = {"object": bound.key, "field": field.key, "name": unique_name(bound, field)}
    enqueue(unit, INDEX_DROP, payload)


def unique_name(bound: BoundObject, field: BoundField) -> str:
    """Give the name of the unique index of a field, built or not."""
    return f"{bound.table.name[:34]}_u{field.id}"


def built_index(bound: BoundObject, name: str) -> Index | None:
    """Give a base index, or the unique index of a field, by name; ``bound`` is bound for this."""
    known = {str(index.name): index for index in base_indexes(bound)}
    for field in bound.fields.values():
        if field.definition.unique and unique_name(bound, field) == name and name not in known:
            return unique_index(field)
    return known.get(name)


def _indexes(was: BoundObject, will: BoundObject) -> list[Step]:
    """List the base indexes that come new, those of unique fields aside."""
    known = {str(index.name) for index in base_indexes(was)}
    fields = {one.column.name: one.key for one in will.fields.values() if one.columns}
    return [
        Step("create_index", will.key, fields.get(index.columns[0].name, ""), str(index.name))
        for index in base_indexes(will)
        if str(index.name) not in known and not index.unique
    ]


def _looks(
    served: ObjectDef, definition: ObjectDef, was: BoundObject, will: BoundObject
) -> list[Deferral]:
    """List what must be looked at in the records that are there."""
    found = []
    for field in will.fields.values():
        before = served.fields.get(field.key)
        starts = field.definition.required and not (before and before.required)
        if starts and field.type.fillable and not field.definition.system:
            found.append(Deferral("required", definition.key, field.key))
    if _searched(was) != _searched(will):
        found.append(Deferral("search", definition.key))
    return found


def _searched(bound: BoundObject) -> set[int]:
    return {field.id for field in searched_fields(bound)}
