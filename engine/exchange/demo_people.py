"""The sample organisation: people in departments, each with a head who leads the others."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.access.actors import ACTIVE
from engine.access.scope import DEPARTMENT, USER
from engine.records.change import change
from engine.records.writing import Writing
from engine.storage.snapshot import BoundObject, Unit

MOST_DEPARTMENTS = 5
TRUSTED = Writing(system_fields=True, check_links=False, unversioned=True)

Row = Mapping[str, Any]
Create = Callable[[BoundObject, Sequence[Row]], list[int]]
"""Makes records of an object; gives their ids."""


def hire(
    unit: Unit,
    people: Sequence[dict[str, Any]],
    names: Sequence[str],
    roles: Sequence[str],
    create: Create,
) -> list[int]:
    """Make departments of these names below the first one, and put people into them in turn.

    Args:
        unit: the transaction.
        people: what each of them is like, without a place in the company.
        names: of the departments.
        roles: of everybody, and of those who lead: the narrowest first.
        create: makes the records.

    Returns:
        The ids of the people, those who lead first.
    """
    user = unit.snapshot.object(USER)
    departments = _departments(
        unit, names[: max(1, min(len(people) // 2, MOST_DEPARTMENTS))], create
    )
    placed = [
        {**person, "department": departments[at % len(departments)], "state": ACTIVE}
        for at, person in enumerate(people)
    ]
    leading = placed[: len(departments)] if len(people) > len(departments) else []
    heads = create(user, [{**one, "roles": [roles[min(1, len(roles) - 1)]]} for one in leading])
    above = dict(zip(departments, heads, strict=False))
    for department, head in above.items():
        change(unit, DEPARTMENT, department, {"leader": head}, version=None, writing=TRUSTED)
    rest = [
        {**one, "roles": [roles[0]], "manager": above.get(one["department"])}
        for one in placed[len(leading) :]
    ]
    return heads + create(user, rest)


def _departments(unit: Unit, names: Sequence[str], create: Create) -> list[int]:
    bound = unit.snapshot.object(DEPARTMENT)
    top = unit.connection.scalar(
        select(bound.table.c.id)
        .where(bound.field("parent").column.is_(None), bound.table.c.deleted_at.is_(None))
        .order_by(bound.table.c.id)
        .limit(1)
    )
    rows = [{"name": name, "parent": top, "sort_order": at} for at, name in enumerate(names)]
    return create(bound, rows)
