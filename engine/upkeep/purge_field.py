"""Deleting the values of a field that its pack gave up for good, some hundred records at a time.

The records' version, their history and the events stay as they are: nobody changed a record.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Table, delete, func, inspect, null, select, update

from engine.errors import Busy
from engine.files.attachments import let_go_of_field
from engine.publish.deferred import READY, settle
from engine.publish.purging import Remains, remains
from engine.storage.index_ddl import drop_index
from engine.storage.kernel_tables import deferred, field_ledger, worker
from engine.storage.snapshot import Unit
from engine.worker.steps import Steps, walk

PURGED = "purged"
ALIVE = timedelta(seconds=60)
"""A worker that was not heard of for longer is dead."""


def purge_field(steps: Steps) -> None:
    """Empty the columns and side tables, let go of files, drop the indexes.

    Raises:
        Busy: a worker still serves a version with the field.
    """
    with steps.live.read(steps.context()) as unit:
        left = remains(unit.connection, int(steps.job.payload["name"]))
        _wait_for_workers(unit, left)

    def table(_: Unit) -> Table:
        return left.table

    def where(_: Unit) -> Sequence[ColumnElement[bool]]:
        return (left.filled(),)

    walk(steps, table, where, lambda unit, ids: _empty(steps, unit, ids, left))
    _drop_indexes(steps, left)
    number = int(steps.job.payload["deferred"])
    steps.finish(lambda unit: settle(unit.connection, number, READY))


def _wait_for_workers(unit: Unit, left: Remains) -> None:
    ended = select(field_ledger.c.retired).where(field_ledger.c.id == left.ids[0])
    version = unit.connection.execute(ended).scalar_one()
    behind = select(func.count()).where(
        worker.c.version < version, worker.c.seen_at > unit.context.now - ALIVE
    )
    if unit.connection.execute(behind).scalar_one():
        raise Busy


def _empty(steps: Steps, unit: Unit, ids: Sequence[int], left: Remains) -> None:
    for side in left.sides:
        unit.connection.execute(delete(side).where(side.c.record_id.in_(ids)))
    if left.columns:
        nothing = dict.fromkeys(left.columns, null())
        emptied = update(left.table).where(left.table.c.id.in_(ids)).values(nothing)
        unit.connection.execute(emptied)
    let_go_of_field(unit, left.ids, ids)
    steps.counts[PURGED] += len(ids)


def _drop_indexes(steps: Steps, left: Remains) -> None:
    """Drop what orders values that are no more, and forget who asked for it."""
    with steps.live.read(steps.context()) as unit:
        known = inspect(unit.connection).get_indexes(left.table.name)
    names = [
        str(one["name"])
        for one in known
        if any(column in left.columns for column in one["column_names"])
    ]
    for name in names:
        drop_index(steps.live.database, name)
    with steps.step() as unit:
        built = deferred.c.kind == "index", deferred.c.name.in_(names)
        unit.connection.execute(delete(deferred).where(*built))
