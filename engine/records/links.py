"""Links: the record that a link names must live, be within reach, and meet the link's filter.

All of it is checked inside the transaction that writes the link; where the database has row
locks the target is held, so that it cannot fall into the bin at the same time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, null, select

from engine.access.scope import USER
from engine.records.evaluate import Check, Ground, compose_check
from engine.records.reach import readable
from engine.records.shape import MOST_IDS, Shape, Stored, run, shape_of
from engine.records.writing import Faults, Writing
from engine.storage.snapshot import Unit
from metadata.conditions import parse_condition

Targets = Mapping[tuple[str, int], Stored]
"""(object, id) -> the live record, held; perhaps with its name and owner alone."""
Wanted = Mapping[tuple[str, bool], Collection[int]]


@dataclass(frozen=True, slots=True)
class _LinkPlan:
    """A link of an object: where it points, and which records it may name."""

    key: str
    target: str
    where: Check | None
    by_rights: bool  # chosen by people, not set by the engine


def check_links(
    unit: Unit,
    shape: Shape,
    values: Mapping[str, Any],
    keys: Iterable[str],
    writing: Writing,
    faults: Faults,
    targets: Targets | None = None,
) -> Targets:
    """Check the links among ``keys`` of one record.

    Args:
        unit: the transaction.
        shape: the object.
        values: the whole record as it would be stored; lookup filters read it as ``this``.
        keys: the fields that change.
        writing: may say that reach is not asked for.
        faults: gets ``link_not_found``, for a target out of reach too, and ``link_not_allowed``.
        targets: the targets, when they were read before; see `find_targets`.

    Returns:
        The targets that were looked at: their names are known without reading them again.
    """
    plans = _plans(unit, shape)
    concerned = [
        plans[key]
        for key in keys
        if key in plans and values[key] is not None and not _himself(unit, plans[key], values)
    ]
    if not concerned:
        return {}
    if targets is None:
        targets = find_targets(unit, targets_in(unit, shape, [values], keys))
    for plan in concerned:
        found = targets.get((plan.target, values[plan.key]))
        if found is None or not _in_reach(unit, plan, found, writing):
            faults.add(plan.key, "link_not_found")
        elif plan.where is not None:
            ground = Ground(unit, found.whole, this=values)
            if not plan.where(ground):
                faults.add(plan.key, "link_not_allowed")
    return targets


def targets_in(
    unit: Unit, shape: Shape, records: Iterable[Mapping[str, Any]], keys: Iterable[str]
) -> Wanted:
    """Give what `check_links` will look at of some records: (object, whole row) -> ids."""
    plans = [plan for key, plan in _plans(unit, shape).items() if key in set(keys)]
    wanted: dict[tuple[str, bool], set[int]] = {}
    for values in records:
        for plan in plans:
            if values[plan.key] is not None and not _himself(unit, plan, values):
                place = (plan.target, plan.where is not None)
                wanted.setdefault(place, set()).add(values[plan.key])
    return wanted


def find_targets(unit: Unit, wanted: Wanted) -> dict[tuple[str, int], Stored]:
    """Read live records and hold them; those that are not there are left out.

    Of a record that no filter looks at, only its name and owner are read.
    """
    found: dict[tuple[str, int], Stored] = {}
    for (object_key, whole), ids in sorted(wanted.items()):
        shape = shape_of(unit, object_key)
        statement = _statement(unit, shape, whole=whole)
        held = sorted(ids)
        for first in range(0, len(held), MOST_IDS):
            for row in run(unit, statement, {"at_ids": held[first : first + MOST_IDS]}):
                record = shape.stored(row) if whole else _brief(shape, row)
                found[(object_key, record.id)] = record
    return found


def _himself(unit: Unit, plan: _LinkPlan, values: Mapping[str, Any]) -> bool:
    """The acting person is there, and may name himself."""
    actor = unit.context.actor.user_id
    return plan.target == USER and plan.where is None and values[plan.key] == actor


def _brief(shape: Shape, row: Sequence[Any]) -> Stored:
    name = shape.bound.definition.name_field
    values = {name: row[1], "owner": row[2]}
    return Stored(row[0], 0, deleted=False, deleted_batch=None, values=values, facts={})


def _in_reach(unit: Unit, plan: _LinkPlan, found: Stored, writing: Writing) -> bool:
    if not plan.by_rights or not writing.check_links:
        return True
    return readable(unit, plan.target, found.id, found.owner)


def _statement(unit: Unit, shape: Shape, *, whole: bool) -> Select[Any]:
    return unit.snapshot.once(
        ("targets", shape.key, whole), lambda: _compose_statement(shape, whole=whole)
    )


def _compose_statement(shape: Shape, *, whole: bool) -> Select[Any]:
    owner = shape.fields.get("owner")
    brief = (
        shape.table.c.id,
        shape.bound.name.column,
        owner.column if owner else null(),
    )
    return (
        select(*(shape.columns if whole else brief))
        .where(
            shape.table.c.id.in_(bindparam("at_ids", expanding=True)),
            shape.table.c.deleted_at.is_(None),
        )
        .order_by(shape.table.c.id)
        .with_for_update(read=True, of=shape.table)
    )


def _plans(unit: Unit, shape: Shape) -> Mapping[str, _LinkPlan]:
    return unit.snapshot.once(("link plans", shape.key), lambda: _compose(unit, shape))


def _compose(unit: Unit, shape: Shape) -> dict[str, _LinkPlan]:
    plans = {}
    for key, target in shape.links.items():
        if target not in unit.snapshot.objects:
            continue
        definition = shape.fields[key].definition
        node = parse_condition(definition.props.get("where"))
        bound = unit.snapshot.object(target)
        where = None if node is None else compose_check(unit.snapshot, bound, node, shape.bound)
        plans[key] = _LinkPlan(key, target, where, by_rights=not definition.readonly)
    return plans
