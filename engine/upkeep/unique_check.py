"""Making a field unique over the records that are there.

Fill the shadow column of every record; look for values that stand twice and list them; build the
unique index; look once more for what a writer of the old version left out. Values that stand
twice leave the field as it is: new ones are refused, the old ones are shown to be settled.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Table, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from engine.errors import Busy, UnknownField
from engine.publish.deferred import BLOCKED, READY, built_index, settle, unique_name
from engine.queue.job import RowError
from engine.records.shape import Shape, load_all, shape_of
from engine.storage.index_ddl import build_index, drop_index
from engine.storage.ledger import prove_unique
from engine.storage.snapshot import BoundField, Unit
from engine.upkeep.index_build import fresh
from engine.worker.steps import Steps, walk

MOST_TOLD = 1_000
CONFLICTS = "conflicts"
PHASE = "phase"


def check_unique(steps: Steps) -> None:
    """Run the job from the phase in which it stands."""
    phases = {"drop": _drop, "fill": _fill, "look": _look, "index": _index, "sweep": _sweep}
    for name, run in phases.items():
        if steps.mark.get(PHASE, "drop") == name and not run(steps):
            steps.finish(lambda unit: _settle(steps, unit, BLOCKED))
            return
    steps.finish(lambda unit: _proven(steps, unit))


def _drop(steps: Steps) -> bool:
    """An index from earlier would hold values that nobody kept up to date."""
    with steps.live.read(steps.context()) as unit:
        bound = unit.snapshot.object(steps.job.payload["object"])
        name = unique_name(bound, bound.field(steps.job.payload["field"]))
    drop_index(steps.live.database, name)
    return _next(steps, "fill")


def _fill(steps: Steps) -> bool:
    """Write the folded value of every record that has none, or an old one."""
    walk(steps, _table(steps), lambda _unit: (), lambda unit, ids: _fold(steps, unit, ids))
    return _next(steps, "look")


def _look(steps: Steps) -> bool:
    """List values that stand twice; tells whether none does."""
    with steps.step() as unit:
        shape, field, shadow = _place(steps, unit)
        live = (shadow.is_not(None), shape.table.c.deleted_at.is_(None))
        twice = (
            select(shadow, func.min(shape.table.c.id).label("first"))
            .where(*live)
            .group_by(shadow)
            .having(func.count() > 1)
            .subquery()
        )
        ids = shape.table.c.id
        query = (
            select(ids, twice.c.first)
            .join(twice, twice.c[shadow.name] == shadow)
            .where(*live, ids != twice.c.first)
            .order_by(ids)
            .limit(MOST_TOLD + 1)
        )
        found = unit.connection.execute(query).all()
        steps.counts[CONFLICTS] = len(found)
        steps.errors = [
            RowError(row.id, field.key, "not_unique", {"id": row.first})
            for row in found[:MOST_TOLD]
        ]
    return not steps.counts[CONFLICTS] and _next(steps, "index")


def _index(steps: Steps) -> bool:
    """Build the index; a value that came twice in the meantime sends us back to look."""
    with steps.live.read(steps.context()) as unit:
        bound = fresh(steps, unit, steps.job.payload["object"])
        field = bound.field(steps.job.payload["field"])
        index = built_index(bound, unique_name(bound, field))
    if index is None:
        return _next(steps, "sweep")
    try:
        build_index(steps.live.database, index)
    except IntegrityError:
        return _again(steps)
    return _next(steps, "sweep")


def _sweep(steps: Steps) -> bool:
    """Fill what a transaction of the version before wrote while this began; hardly ever any."""
    try:
        with steps.step() as unit:
            shape, field, shadow = _place(steps, unit)
            left = select(shape.table.c.id).where(field.column.is_not(None), shadow.is_(None))
            ids = list(unit.connection.scalars(left.order_by(shape.table.c.id)))
            _fold(steps, unit, ids)
    except IntegrityError:
        return _again(steps)
    return True


def _again(steps: Steps) -> bool:
    """The database met a value twice: tell which; when it is gone again, try once more later."""
    if _look(steps):
        raise Busy
    return False


def _next(steps: Steps, phase: str) -> bool:
    with steps.step():
        steps.mark = {PHASE: phase}
    return True


def _fold(steps: Steps, unit: Unit, ids: Sequence[int]) -> None:
    """Bring the shadow column of some records in step; neither version nor history moves."""
    shape, field, shadow = _place(steps, unit)
    records = load_all(unit, shape, ids)
    query = select(shape.table.c.id, shadow).where(shape.table.c.id.in_(list(ids)))
    held = {row[0]: row[1] for row in unit.connection.execute(query)}
    rows: list[dict[str, Any]] = []
    for record in records:
        folded = shape.unique_key(field.key, record.values[field.key])
        if folded != held.get(record.id):
            rows.append({"at_id": record.id, "folded": folded})
    if rows:
        change = update(shape.table).where(shape.table.c.id == bindparam("at_id"))
        unit.connection.execute(change.values({shadow: bindparam("folded")}), rows)
    steps.counts["filled"] += len(rows)


def _place(steps: Steps, unit: Unit) -> tuple[Shape, BoundField, Column[Any]]:
    """Give where the field is.

    Raises:
        UnknownObject: the object is hidden meanwhile.
        UnknownField: the field is, or it is not unique any more.
    """
    shape = shape_of(unit, steps.job.payload["object"])
    field = shape.bound.field(steps.job.payload["field"])
    name = shape.shadows.get(field.key)
    if name is None:
        raise UnknownField(object=shape.key, field=field.key)
    return shape, field, shape.table.c[name]


def _table(steps: Steps) -> Any:
    def table(unit: Unit) -> Table:
        return shape_of(unit, steps.job.payload["object"]).table

    return table


def _proven(steps: Steps, unit: Unit) -> None:
    _, field, _ = _place(steps, unit)
    prove_unique(unit.connection, field.id)
    _settle(steps, unit, READY)


def _settle(steps: Steps, unit: Unit, state: str) -> None:
    settle(unit.connection, int(steps.job.payload["deferred"]), state)
