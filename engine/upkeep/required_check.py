"""Looking at the records that are there when a field becomes required: which have no value?"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table

from engine.publish.deferred import BLOCKED, READY, settle
from engine.queue.job import RowError
from engine.records.shape import load_all, shape_of
from engine.records.validate import check_record
from engine.records.writing import Faults
from engine.storage.snapshot import Unit
from engine.worker.steps import Steps, walk

MOST_TOLD = 1_000
MISSING = "missing"


def check_required(steps: Steps) -> None:
    """List the records without a value, as far as their form shows the field."""
    walk(steps, _table(steps), lambda unit: _empty(steps, unit), lambda u, i: _judge(steps, u, i))
    state = BLOCKED if steps.counts[MISSING] else READY
    number = int(steps.job.payload["deferred"])
    steps.finish(lambda unit: settle(unit.connection, number, state))


def _table(steps: Steps) -> "_Table":
    return _Table(str(steps.job.payload["object"]))


class _Table:
    """Gives the table of an object in whichever version is served."""

    def __init__(self, object_key: str) -> None:
        self._key = object_key

    def __call__(self, unit: Unit) -> Table:
        return shape_of(unit, self._key).table


def _empty(steps: Steps, unit: Unit) -> Sequence[ColumnElement[bool]]:
    bound = unit.snapshot.object(steps.job.payload["object"])
    field = bound.field(steps.job.payload["field"])
    return field.column.is_(None), bound.table.c.deleted_at.is_(None)


def _judge(steps: Steps, unit: Unit, ids: Sequence[int]) -> None:
    shape = shape_of(unit, steps.job.payload["object"])
    key = str(steps.job.payload["field"])
    for record in load_all(unit, shape, ids):
        faults = Faults()
        check_record(unit, shape, record.whole, faults, [key])
        if any(fault.field == key and fault.code == "required" for fault in faults.found):
            if steps.counts[MISSING] < MOST_TOLD:
                steps.errors.append(RowError(record.id, key, "required", {}))
            steps.counts[MISSING] += 1
