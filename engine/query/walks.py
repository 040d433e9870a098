"""Which way the records of some owners are met: gathered by owner and sorted, or along the order.

Only SQLite is told; PostgreSQL knows the statistics. The usual order has an index that leads by
owner, where gathering ends early. Measured on a million records, gathering those of 300 out
of 2,000 owners costs some hundred milliseconds, walking along the order less than one; of a
single owner it is the other way round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from sqlalchemy import UnaryExpression, func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.operators import custom_op

from engine.query.ordering import Order
from engine.query.paths import resolve
from engine.query.plans import Plan, plan_of
from engine.query.search_terms import MOST_OWNERS
from engine.query.selection import Selection, Way
from engine.query.shapes import Both, Group, Leaf, Shape
from engine.storage.snapshot import BoundObject, Unit
from engine.storage.tables import has_order

LED_BY_OWNER = "updated_at"
STEP = 0.15
"""What a step along an index costs, in fetches of a row."""
SEEK = STEP / 2
"""The same, in looks at what an owner has: two fetches each."""
USER = "user"
KEPT = timedelta(minutes=5)
"""How long the sizes are taken for true: they choose a way, and both lead to the same."""


def goes_along(
    unit: Unit, bound: BoundObject, selection: Selection, order: Order, owners: int, rows: int
) -> bool:
    """Tell whether walking along the order finds ``rows`` records of so many owners sooner.

    Walking passes ``rows * people / owners`` entries before it has a page. Gathering touches
    ``owners / people * records`` rows; in the usual order only the newest of each owner.
    """
    if unit.connection.dialect.name != "sqlite" or selection.scope.kind != "some":
        return False
    if selection.bin or not order.keys:
        return False
    first = order.keys[0].path
    if not _is_about(selection.where, first):
        return False
    usual = first == LED_BY_OWNER
    if not usual and not _is_indexed(unit, bound, first):
        return False
    if selection.sought is not None:
        # What is common is met on the way, unless the index was asked for these owners' alone.
        return selection.sought.common and owners > MOST_OWNERS
    return owners > _few(unit, bound, rows, usual=usual)


def sorted_by(key: ColumnElement[Any], way: Way, dialect: str) -> ColumnElement[Any]:
    """Give a sort key as one way uses it: what is shared is gathered, never met along an order.

    SQLite would else prefer an index that is in order to the few records that a team leads to.
    """
    if way != "team" or dialect != "sqlite":
        return key
    return UnaryExpression(key, operator=custom_op("+"), type_=key.type)


def _few(unit: Unit, bound: BoundObject, rows: int, *, usual: bool) -> float:
    """Give for how many owners both ways cost the same."""
    people, records = _sizes(unit, bound)
    if usual:
        return sqrt(SEEK * rows * people)
    return people * sqrt(STEP * rows / max(records, 1))


def _is_indexed(unit: Unit, bound: BoundObject, text: str) -> bool:
    path = resolve(unit.snapshot, bound, text)
    key = ("has order", bound.key, path.field.id)
    return not path.links and unit.snapshot.once(key, lambda: has_order(bound, path.field))


def _is_about(shape: Shape | None, path: str) -> bool:
    """Tell whether a condition, if there is one, bounds the order alone: others thin the walk."""
    match shape:
        case None:
            return True
        case Leaf():
            return shape.path == path
        case Group(every, parts):
            return every and all(_is_about(part, path) for part in parts)
        case Both():
            return False
        case _:
            return False


@dataclass(slots=True)
class _Sizes:
    """How many people and records there were when somebody last looked."""

    at: datetime | None = None
    people: int = 0
    records: int = 0


def _sizes(unit: Unit, bound: BoundObject) -> tuple[int, int]:
    """Give about how many people and records there are, as they were within the last minutes."""
    held = unit.snapshot.once(("sizes", bound.key), _Sizes)
    now = unit.context.now
    if held.at is None or abs(now - held.at) >= KEPT:
        held.people, held.records = _look(unit, bound)
        held.at = now
    return held.people, held.records


def _look(unit: Unit, bound: BoundObject) -> tuple[int, int]:
    """Look at the highest ids, which cost little."""
    people, records = unit.snapshot.object(USER).table, bound.table
    plan = plan_of(
        unit,
        ("highest ids", bound.key),
        lambda: Plan(
            select(
                select(func.max(people.c.id)).scalar_subquery(),
                select(func.max(records.c.id)).scalar_subquery(),
            )
        ),
    )
    found: Sequence[int | None] = plan.run(unit, {}).one()
    return found[0] or 0, found[1] or 0
