"""Writing anew what search knows of an object's records: other fields count, or it fell behind."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from engine.publish.deferred import READY, settle
from engine.query.search_terms import searched_fields
from engine.records.search_entry import add_entries, remove_entries, search_row
from engine.records.shape import MOST_IDS, Stored, load_all, shape_of
from engine.storage.kernel_tables import search
from engine.storage.snapshot import Unit
from engine.worker.steps import Steps, walk

FACTS = ("tokens", "texts", "tokenizer")


def rebuild(steps: Steps) -> None:
    """Walk all records; an entry that is as it must be is left alone."""
    key = str(steps.job.payload["object"])
    walk(
        steps,
        lambda unit: unit.snapshot.object(key).table,
        lambda _unit: (),
        lambda unit, ids: _refresh(steps, unit, ids),
    )
    if not steps.mark.get("swept"):
        with steps.step() as unit:
            _sweep(steps, unit)
            steps.mark["swept"] = True
    number = steps.job.payload.get("deferred")
    steps.finish(
        None if number is None else lambda unit: settle(unit.connection, int(number), READY)
    )


def _refresh(steps: Steps, unit: Unit, ids: Sequence[int]) -> None:
    shape = shape_of(unit, steps.job.payload["object"])
    held = _held(unit, shape.bound.id, ids)
    stale: list[Stored] = []
    gone: list[int] = []
    known = bool(searched_fields(shape.bound))
    for record in load_all(unit, shape, ids):
        if record.deleted or not known:
            gone += [record.id] if record.id in held else []
            continue
        row = search_row(unit, shape, record.id, record.values)
        if held.get(record.id) != {name: row[name] for name in FACTS}:
            stale.append(record)
    remove_entries(unit, shape, [*gone, *(record.id for record in stale)])
    add_entries(unit, shape, [(record.id, record.values) for record in stale])
    steps.counts["rebuilt"] += len(stale)
    steps.counts["entries_removed"] += len(gone)


def _held(unit: Unit, object_id: int, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    query = select(search.c.record_id, *(search.c[name] for name in FACTS)).where(
        search.c.object_id == object_id, search.c.record_id.in_(list(ids))
    )
    return {
        row.record_id: {name: getattr(row, name) for name in FACTS}
        for row in unit.connection.execute(query)
    }


def _sweep(steps: Steps, unit: Unit) -> None:
    """Take away entries of records that are not there at all."""
    shape = shape_of(unit, steps.job.payload["object"])
    there = select(shape.table.c.id)
    query = select(search.c.record_id).where(
        search.c.object_id == shape.bound.id, search.c.record_id.not_in(there)
    )
    lost = list(unit.connection.scalars(query.limit(MOST_IDS * 20)))
    remove_entries(unit, shape, lost)
    steps.counts["entries_removed"] += len(lost)
