"""Whom a change concerns: from changed records back to those that read them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.sql.elements import ColumnElement

from engine.derived.graph import Step
from engine.query.lists import is_one_of
from engine.storage.snapshot import Unit

MOST_NOW = 500
"""Records that one change may compute again at once; more are a job."""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Touch:
    """Records of one object that changed.

    Attributes:
        object: which object.
        rows: id -> (values before, values after); None where the record was not there, or is
            not any more.
        fields: the fields that changed; None when the records came, went, or came back.
        itself: what the records compute of their own values has to follow, too: they came back,
            or a computation wrote into them.
    """

    object: str
    rows: Mapping[int, tuple[Values | None, Values | None]]
    fields: frozenset[str] | None
    itself: bool = False


def concerned(unit: Unit, touch: Touch, steps: Sequence[Step]) -> set[int] | None:
    """Give the ids of the records at the end of the steps; None when they are too many."""
    ids: Collection[int] = touch.rows
    rest = list(steps)
    if rest and rest[0].children:
        named = _named(touch, rest[0].link)
        if named is not None:
            ids = named
            del rest[0]
    for step in rest:
        found = _walk(unit, step, ids)
        if len(found) > MOST_NOW:
            return None
        ids = found
    return set(ids) if len(ids) <= MOST_NOW else None


def _named(touch: Touch, link: str) -> set[int] | None:
    """Give the parents that the records name or named, where the change itself knows them."""
    known = [one for pair in touch.rows.values() for one in pair if one is not None]
    if not known:
        return None
    found = {one.get(link) for one in known}
    return {number for number in found if number is not None}


def _walk(unit: Unit, step: Step, ids: Collection[int]) -> set[int]:
    if not ids:
        return set()
    dialect = unit.connection.dialect.name

    def compose() -> Select[Any]:
        column, where = _back(unit, step, "ids", dialect)
        most = bindparam("most", type_=Integer)
        return select(column).where(*where).distinct().limit(most)

    statement = unit.snapshot.once(("walk back", step, dialect), compose)
    values = {"ids": list(ids), "most": MOST_NOW + 1}
    return set(unit.connection.execute(statement, values).scalars())


def _back(
    unit: Unit, step: Step, slot: str, dialect: str
) -> tuple[ColumnElement[Any], list[ColumnElement[bool]]]:
    near, far = unit.snapshot.object(step.near), unit.snapshot.object(step.far)
    if step.children:
        link = far.field(step.link).column
        return link, [is_one_of(far.table.c.id, slot, dialect), link.is_not(None)]
    link = near.field(step.link).column
    return near.table.c.id, [is_one_of(link, slot, dialect), near.table.c.deleted_at.is_(None)]


def chain(unit: Unit, steps: Sequence[Step], ids: Collection[int]) -> Select[Any]:
    """Give the query of the ids at the end of the steps, however many; for jobs."""
    known: Any = list(ids)
    for step in steps:
        near, far = unit.snapshot.object(step.near), unit.snapshot.object(step.far)
        near_table, far_table = near.table.alias(), far.table.alias()
        if step.children:
            link = far_table.c[far.field(step.link).column.key]
            known = select(link).where(far_table.c.id.in_(known), link.is_not(None))
        else:
            link = near_table.c[near.field(step.link).column.key]
            known = select(near_table.c.id).where(link.in_(known))
    if isinstance(known, list):
        raise ValueError("a chain has steps")
    found: Select[Any] = known
    return found
