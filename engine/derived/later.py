"""What is too much for the transaction of a change: a durable job, and a mark until it is done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Select, delete, func, insert, select

from engine.derived.affected import chain
from engine.derived.graph import Computation, Step
from engine.queue.enqueue import enqueue
from engine.storage.kernel_tables import recomputing
from engine.storage.snapshot import Unit

JOB = "recompute"


@dataclass(frozen=True, slots=True)
class Reach:
    """Which records of an object are meant: from ``seeds`` by ``steps``; all without steps.

    With ``seeds`` and without steps the records themselves are meant.
    """

    seeds: tuple[int, ...] = ()
    steps: tuple[Step, ...] = ()

    def data(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"seeds": list(self.seeds), "steps": [asdict(step) for step in self.steps]}

    @staticmethod
    def of(data: Mapping[str, Any]) -> "Reach":
        """Read what `data` gave."""
        return Reach(tuple(data["seeds"]), tuple(Step(**step) for step in data["steps"]))


def put_off(unit: Unit, object_key: str, keys: Sequence[str], reach: Reach) -> int:
    """Compute fields of many records later; gives the job."""
    payload = {"object": object_key, "fields": list(keys), "reach": reach.data()}
    job = enqueue(unit, JOB, payload)
    bound = unit.snapshot.object(object_key)
    unit.connection.execute(
        insert(recomputing).values(
            job_id=job,
            object_id=bound.id,
            field_ids=[bound.field(key).id for key in keys],
            reach=reach.data(),
        )
    )
    return job


def put_off_one(unit: Unit, computation: Computation, reach: Reach) -> int:
    """Compute one field of many records later."""
    return put_off(unit, computation.object, (computation.key,), reach)


def next_ids(unit: Unit, object_key: str, reach: Reach, after: int, most: int) -> list[int]:
    """Give the next records of a reach, in the order of ids."""
    table = unit.snapshot.object(object_key).table
    query = _of_reach(unit, object_key, reach, after).order_by(table.c.id).limit(most)
    return list(unit.connection.execute(query).scalars())


def count_of(unit: Unit, object_key: str, reach: Reach, after: int) -> int:
    """Count the records of a reach that are still to come."""
    inner = _of_reach(unit, object_key, reach, after).subquery()
    return int(unit.connection.execute(select(func.count()).select_from(inner)).scalar_one())


def _of_reach(unit: Unit, object_key: str, reach: Reach, after: int) -> Select[Any]:
    table = unit.snapshot.object(object_key).table
    query: Select[Any] = select(table.c.id).where(table.c.id > after, table.c.deleted_at.is_(None))
    if reach.steps:
        return query.where(table.c.id.in_(chain(unit, reach.steps, reach.seeds)))
    return query.where(table.c.id.in_(reach.seeds)) if reach.seeds else query


def done(unit: Unit, job: int) -> None:
    """Take away the mark of a job."""
    unit.connection.execute(delete(recomputing).where(recomputing.c.job_id == job))


def recomputed_fields(
    unit: Unit, object_key: str, record_ids: Collection[int]
) -> dict[int, frozenset[str]]:
    """Tell which fields of some records are being computed again: record -> keys.

    Most of the time there is nothing, and that is one look at an empty table.
    """
    bound = unit.snapshot.object(object_key)
    marks = unit.connection.execute(
        select(recomputing.c.field_ids, recomputing.c.reach).where(
            recomputing.c.object_id == bound.id
        )
    ).all()
    if not marks:
        return {}
    by_id = {field.id: field.key for field in bound.fields.values()}
    found: dict[int, set[str]] = {}
    for field_ids, data in marks:
        keys = {by_id[number] for number in field_ids if number in by_id}
        for record_id in _meant(unit, Reach.of(data), record_ids):
            found.setdefault(record_id, set()).update(keys)
    return {record_id: frozenset(keys) for record_id, keys in found.items()}


def _meant(unit: Unit, reach: Reach, record_ids: Collection[int]) -> Collection[int]:
    if not reach.steps:
        return set(record_ids) & set(reach.seeds) if reach.seeds else record_ids
    inner = chain(unit, reach.steps, reach.seeds).subquery()
    column = next(iter(inner.c))
    query = select(column).where(column.in_(list(record_ids)))
    return set(unit.connection.execute(query).scalars())
