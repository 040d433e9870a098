"""Lines of sample records: a few of them get some, of what there is to choose from."""

from collections.abc import Mapping
from random import Random
from typing import Any

from sqlalchemy import select

from engine.records.line_plans import LinePlan, line_plans
from engine.storage.snapshot import BoundField, BoundObject, Unit

SHARE = 0.4
"""How many of the records that may have lines get some."""
MOST_CHOSEN_FROM = 200
MOST_PIECES = 20
HINT = "lines"


def sample_lines(unit: Unit, bound: BoundObject, random: Random) -> dict[str, list[Any]]:
    """Make tables for the fields of lines whose ``sample`` says how long they may be."""
    made: dict[str, list[Any]] = {}
    for plan in line_plans(unit.snapshot, bound.key):
        hint = bound.fields[plan.key].definition.sample
        if not isinstance(hint, Mapping) or random.random() > SHARE:
            continue
        choices = _choices(unit, plan)
        if all(choices.values()):
            count = random.randint(1, int(hint.get(HINT, 1)))
            made[plan.key] = [_line(unit, plan, choices, random) for _ in range(count)]
    return made


def _choices(unit: Unit, plan: LinePlan) -> dict[str, list[int]]:
    """Give, by required link, the records that lines may name."""
    known: dict[str, list[int]] = unit.memo.setdefault(("sample lines", plan.child), {})
    if not known:
        for field in unit.snapshot.object(plan.child).fields.values():
            if field.type.labelled and field.definition.required and field.key != plan.link:
                table = unit.snapshot.object(field.type.target(field.definition)).table
                query = select(table.c.id).where(table.c.deleted_at.is_(None)).order_by(table.c.id)
                known[field.key] = list(unit.connection.scalars(query.limit(MOST_CHOSEN_FROM)))
    return known


def _line(
    unit: Unit, plan: LinePlan, choices: Mapping[str, list[int]], random: Random
) -> dict[str, Any]:
    priced = set(plan.pricing.values())
    values: dict[str, Any] = {key: random.choice(ids) for key, ids in choices.items()}
    for field in unit.snapshot.object(plan.child).fields.values():
        if field.key not in priced and _is_number(field):
            values[field.key] = random.randint(1, MOST_PIECES)
    if plan.pricing:
        values[plan.pricing["discount"]] = random.choice((0, 0, 5, 10))
    return values


def _is_number(field: BoundField) -> bool:
    definition = field.definition
    return definition.required and field.type.key in {"integer", "decimal"}
