"""Numbers made by a rule: one counter row per rule and period, moved in the same transaction.

The row's lock lets one transaction at a time take the next number, and a transaction that fails
gives its number back, so numbers have neither doubles nor holes. What somebody typed by hand is
skipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.fields import numbering as rules
from engine.records.shape import Shape
from engine.records.writing import Faults
from engine.storage.driven import Driven
from engine.storage.kernel_tables import number
from engine.storage.snapshot import BoundField, Unit
from metadata.model import NumberRuleDef


@dataclass(frozen=True, slots=True)
class Numbering:
    """A numbered field with its rule."""

    field: BoundField
    rule: NumberRuleDef


def numberings(unit: Unit, shape: Shape) -> tuple[Numbering, ...]:
    """Give the numbered fields of an object."""
    return unit.snapshot.once(("numberings", shape.key), lambda: _compose(unit, shape))


def fill_numbers(unit: Unit, shape: Shape, values: dict[str, Any], created_at: datetime) -> None:
    """Give every numbered field without a value its next number."""
    for numbering in numberings(unit, shape):
        if values.get(numbering.field.key) is None:
            values[numbering.field.key] = _next(unit, shape, numbering, values, created_at)


def check_manual(unit: Unit, shape: Shape, given: Mapping[str, Any], faults: Faults) -> None:
    """Refuse a number typed by hand where the rule does not allow one."""
    for numbering in numberings(unit, shape):
        key = numbering.field.key
        if not numbering.rule.manual and given.get(key) is not None:
            faults.add(key, "number_by_rule")


def _compose(unit: Unit, shape: Shape) -> tuple[Numbering, ...]:
    return tuple(
        Numbering(shape.fields[rule.field], rule)
        for rule in unit.snapshot.site.number_rules.values()
        if rule.object == shape.key and rule.field in shape.fields
    )


def _next(
    unit: Unit,
    shape: Shape,
    numbering: Numbering,
    values: Mapping[str, Any],
    created_at: datetime,
) -> str:
    known = {**values, "created_at": created_at}
    zone = unit.context.locale.zone
    period = rules.counter_key(numbering.rule, known, zone)
    while True:
        count = _count(unit, numbering.rule, period)
        made = rules.number(numbering.rule, known, count, zone)
        if not _taken(unit, shape, numbering.field, made):
            return made


def _count(unit: Unit, rule: NumberRuleDef, period: str) -> int:
    dialect = unit.connection.dialect.name
    statement = unit.snapshot.once(("count up", dialect), lambda: Driven(_count_up(dialect)))
    first = rules.next_count(rule, None)
    parameters = {
        "rule": rule.key,
        "period": period,
        "last": first,
        "step": rules.next_count(rule, first) - first,
    }
    found = statement.rows(unit.connection, parameters)
    return int(found[0][0])


def _count_up(dialect: str) -> Any:
    make = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return (
        make(number)
        .values(rule=bindparam("rule"), period=bindparam("period"), last=bindparam("last"))
        .on_conflict_do_update(
            index_elements=[number.c.rule, number.c.period],
            set_={"last": number.c.last + bindparam("step")},
        )
        .returning(number.c.last)
    )


def _taken(unit: Unit, shape: Shape, field: BoundField, made: str) -> bool:
    shadow = shape.shadows.get(field.key)
    column = field.column if shadow is None else shape.table.c[shadow]
    wanted = made if shadow is None else shape.unique_key(field.key, made)
    statement = unit.snapshot.once(
        ("number taken", shape.key, field.key),
        lambda: Driven(
            select(shape.table.c.id)
            .where(column == bindparam("made"), shape.table.c.deleted_at.is_(None))
            .limit(1)
        ),
    )
    return statement.first(unit.connection, {"made": wanted}) is not None
