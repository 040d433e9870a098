"""Jobs that build or drop an index of a full table."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, delete, desc, func, select

from engine.publish.deferred import READY, built_index, settle
from engine.storage.index_ddl import build_index, drop_index
from engine.storage.kernel_tables import deferred
from engine.storage.ledger import read_ledger
from engine.storage.snapshot import BoundObject, Unit
from engine.storage.tables import bind_object
from engine.worker.steps import Steps


def build(steps: Steps) -> None:
    """Build the index that a deferral names; what no version asks for any more is forgotten."""
    number, key = int(steps.job.payload["deferred"]), str(steps.job.payload["object"])
    with steps.step() as unit:
        index = _wanted(steps, unit, number)
        if index is not None:
            rows = select(func.count()).select_from(unit.snapshot.object(key).table)
            steps.total = unit.connection.execute(rows).scalar_one()
    if index is None:
        steps.finish(lambda unit: _forget(unit, number))
        return
    build_index(steps.live.database, index)
    steps.done = steps.total or 0
    steps.finish(lambda unit: settle(unit.connection, number, READY))


def drop(steps: Steps) -> None:
    """Drop an index; one that is wanted again meanwhile stays."""
    payload = steps.job.payload
    with steps.step() as unit:
        wanted = _is_wanted(unit, payload)
    if not wanted:
        drop_index(steps.live.database, payload["name"])
    steps.finish()


def _is_wanted(unit: Unit, payload: Mapping[str, Any]) -> bool:
    """Tell whether an index that was to go is asked for again."""
    if payload.get("chosen"):
        known = select(deferred.c.id).where(
            deferred.c.kind == "index", deferred.c.name == payload["name"]
        )
        return unit.connection.execute(known).first() is not None
    bound = unit.snapshot.objects.get(payload["object"])
    field = bound.fields.get(payload["field"]) if bound is not None else None
    return field is not None and field.definition.unique


def fresh(steps: Steps, unit: Unit, object_key: str) -> BoundObject:
    """Bind an object anew: an index is attached to its table and must not reach a snapshot.

    Raises:
        UnknownObject: no version served has it.
    """
    bound = unit.snapshot.object(object_key)
    entry = read_ledger(unit.connection)[object_key]
    return bind_object(bound.definition, entry, steps.live.types)


def chosen_index(bound: BoundObject, name: str, columns: list[str]) -> Index | None:
    """Give an index that an administrator chose; None when a field of it is gone."""
    parts = []
    for path in columns:
        field = bound.fields.get(path.lstrip("-"))
        if field is None or not field.columns:  # gone, or computed at each read
            return None
        parts.append(desc(field.column) if path.startswith("-") else field.column)
    table = bound.table
    made = Index(name, *parts, table.c.id, table.c.deleted_at)
    if made.table is None:
        made._set_parent(table)
    return made


def _wanted(steps: Steps, unit: Unit, number: int) -> Index | None:
    row = unit.connection.execute(select(deferred).where(deferred.c.id == number)).one_or_none()
    key = str(steps.job.payload["object"])
    if row is None or key not in unit.snapshot.objects:
        return None
    bound = fresh(steps, unit, key)
    if row.columns is not None:
        return chosen_index(bound, row.name, row.columns)
    return built_index(bound, row.name)


def _forget(unit: Unit, number: int) -> None:
    unit.connection.execute(delete(deferred).where(deferred.c.id == number))
