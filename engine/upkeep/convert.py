"""Filling the column of a field that got another type from the column of the type it had.

A record that somebody gave a value meanwhile keeps it. Every conversion is a change with history;
what does not convert is listed, and stays in the old column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, MetaData, Table, false, select

from engine.errors import InvalidInput, InvalidValue
from engine.fields.registry import FIELD_TYPES
from engine.publish.conversion import converted
from engine.publish.deferred import BLOCKED, READY, settle
from engine.publish.store import read_layers
from engine.queue.job import RowError
from engine.records.change import change
from engine.records.writing import Writing
from engine.storage.kernel_tables import field_ledger
from engine.storage.snapshot import BoundField, Unit
from engine.storage.types import BigId, column_type
from engine.worker.steps import Steps, walk
from metadata.load import load_site, parse_layers
from metadata.model import FieldDef

TRUSTED = Writing(system_fields=True, unversioned=True, check_links=False)
CONVERTED, FAILED = "converted", "failed"
MOST_TOLD = 1_000


@dataclass(frozen=True, slots=True)
class _Former:
    """What a field was: its definition, its column, and the field that it became."""

    definition: FieldDef
    column: Column[Any]
    became: int


def convert(steps: Steps) -> None:
    """Convert the values that a field had under its former type.

    Nothing is left to do when the field was given its former type back, or is hidden now.
    """
    with steps.live.read(steps.context()) as unit:
        former = _former(steps, unit)
    if former is not None:
        walk(
            steps,
            lambda unit: former.column.table,
            lambda unit: _waiting(steps, unit, former),
            lambda unit, ids: _chunk(steps, unit, ids, former),
        )
    state = BLOCKED if steps.counts[FAILED] else READY
    number = int(steps.job.payload["deferred"])
    steps.finish(lambda unit: settle(unit.connection, number, state))


def _former(steps: Steps, unit: Unit) -> _Former | None:
    payload = steps.job.payload
    row = unit.connection.execute(
        select(field_ledger).where(field_ledger.c.id == int(payload["name"]))
    ).one()
    if row.became is None or _target(steps, unit, row.became) is None:
        return None
    old = _definition(steps, unit.connection, row.retired - 1)
    bound = unit.snapshot.object(str(payload["object"]))
    table = Table(bound.table.name, MetaData(), Column("id", BigId, primary_key=True))
    spec = FIELD_TYPES[row.type].columns(old)[0]
    table.append_column(Column(row.columns[0], column_type(spec.kind)))
    return _Former(old, table.c[row.columns[0]], row.became)


def _target(steps: Steps, unit: Unit, became: int) -> BoundField | None:
    """Give the field that values are converted to, as long as it is served."""
    bound = unit.snapshot.objects.get(str(steps.job.payload["object"]))
    field = bound.fields.get(str(steps.job.payload["field"])) if bound is not None else None
    return field if field is not None and field.id == became else None


def _definition(steps: Steps, connection: Connection, number: int) -> FieldDef:
    layers = parse_layers(read_layers(connection, number))
    site = load_site(layers, steps.live.types_of_metadata, check=False).site
    payload = steps.job.payload
    return site.objects[str(payload["object"])].fields[str(payload["field"])]


def _waiting(steps: Steps, unit: Unit, former: _Former) -> Sequence[ColumnElement[bool]]:
    target = _target(steps, unit, former.became)
    if target is None:
        return (false(),)
    rows = target.column.table
    empty = select(rows.c.id).where(target.column.is_(None), rows.c.deleted_at.is_(None))
    return former.column.is_not(None), former.column.table.c.id.in_(empty)


def _chunk(steps: Steps, unit: Unit, ids: Sequence[int], former: _Former) -> None:
    target = _target(steps, unit, former.became)
    column = former.column
    if target is None:
        return
    object_key = str(steps.job.payload["object"])
    found = select(column.table.c.id, column).where(column.table.c.id.in_(ids))
    for record, value in unit.connection.execute(found).all():
        try:
            raw = converted(value, former.definition, target.definition, unit.context.locale)
            given = {target.key: raw}
            change(unit, object_key, record, given, version=None, writing=TRUSTED)
            steps.counts[CONVERTED] += 1
        except InvalidValue as error:
            _tell(steps, RowError(record, target.key, error.reason, dict(error.params)))
        except InvalidInput as error:
            first = error.errors[0]
            _tell(steps, RowError(record, first.field, first.code, dict(first.params)))


def _tell(steps: Steps, error: RowError) -> None:
    if steps.counts[FAILED] < MOST_TOLD:
        steps.errors.append(error)
    steps.counts[FAILED] += 1
