"""Links: the record that a link names must live, be within reach, and meet the link's filter.

All of it is checked inside the transaction that writes the link; where the database has row
locks the target is held, so that it cannot fall into the bin at the same time.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, null, select

from engine.access.scope import USER
from engine.derived.graph import graph_of
from engine.fields.base import Named
from engine.query.lists import is_one_of
from engine.records.evaluate import Check, Ground, compose_check
from engine.records.reach import readable, readable_ids
from engine.records.shape import MOST_IDS, Shape, Stored, shape_of
from engine.records.writing import Faults, Writing
from engine.storage.driven import Driven
from engine.storage.snapshot import BoundField, Unit
from metadata.conditions import parse_condition
from metadata.model import EMPTY

Targets = Mapping[tuple[str, int], Stored]
"""(object, id) -> the live record, held; perhaps with its name and owner alone."""
Wanted = Mapping[tuple[str, bool], Collection[int]]


@dataclass(frozen=True, slots=True)
class Linking:
    """What of one record's links is to be checked.

    Attributes:
        values: the whole record as it would be stored; lookup filters read it as ``this``.
        keys: the fields that change.
        held: what the record holds by now: what it names already is not asked for again.
    """

    values: Mapping[str, Any]
    keys: Iterable[str]
    held: Mapping[str, Any] = EMPTY


@dataclass(frozen=True, slots=True)
class _LinkPlan:
    """A link of an object: which records of which object it may name."""

    field: BoundField
    where: Mapping[str, Check]  # object -> the filter
    by_rights: bool  # chosen by people, not set by the engine

    @property
    def key(self) -> str:
        return self.field.key

    def named(self, stored: Any) -> Sequence[Named]:
        return self.field.type.named(stored, self.field.definition)


def check_links(
    unit: Unit,
    shape: Shape,
    linking: Linking,
    writing: Writing,
    faults: Faults,
    targets: Targets | None = None,
) -> Targets:
    """Check the links of one record that change.

    Args:
        unit: the transaction.
        shape: the object.
        linking: the record.
        writing: may say that reach is not asked for.
        faults: gets ``link_not_found``, for a target out of reach too, and ``link_not_allowed``.
        targets: the targets, when they were read before; see `find_targets`.

    Returns:
        The targets that were looked at: their names are known without reading them again.
    """
    asked = list(_asked(unit, shape, linking))
    if not asked:
        return {}
    if targets is None:
        targets = find_targets(unit, _wanted(asked))
    for plan, place in asked:
        found = targets.get(place)
        if faults.has(plan.key):
            continue
        if found is None or not _in_reach(unit, plan, place[0], found, writing):
            faults.add(plan.key, "link_not_found")
        elif place[0] in plan.where:
            ground = Ground(unit, found.whole, this=linking.values)
            if not plan.where[place[0]](ground):
                faults.add(plan.key, "link_not_allowed")
    return targets


def targets_in(unit: Unit, shape: Shape, records: Iterable[Mapping[str, Any]]) -> Wanted:
    """Give what `check_links` will look at of new records: (object, whole row) -> ids."""
    return _wanted(
        one for values in records for one in _asked(unit, shape, Linking(values, shape.links))
    )


def targets_of(unit: Unit, shape: Shape, linkings: Iterable[Linking]) -> Targets:
    """Read at once what `check_links` will look at of several records."""
    return find_targets(
        unit, _wanted(one for linking in linkings for one in _asked(unit, shape, linking))
    )


def _asked(unit: Unit, shape: Shape, linking: Linking) -> Iterator[tuple[_LinkPlan, Named]]:
    """Give each record that a link newly names, where somebody has to ask whether it may."""
    plans = _plans(unit, shape)
    for key in linking.keys:
        plan = plans.get(key)
        if plan is None or linking.values[key] is None:
            continue
        held = frozenset(plan.named(linking.held.get(key))) if linking.held else frozenset()
        for place in plan.named(linking.values[key]):
            known = place[0] in unit.snapshot.objects
            if known and place not in held and not _himself(unit, plan, place):
                yield plan, place


def _wanted(asked: Iterable[tuple[_LinkPlan, Named]]) -> Wanted:
    wanted: dict[tuple[str, bool], set[int]] = {}
    for plan, (target, record_id) in asked:
        wanted.setdefault((target, target in plan.where), set()).add(record_id)
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
            part = {"at_ids": held[first : first + MOST_IDS]}
            for row in statement.rows(unit.connection, part):
                record = shape.stored(row) if whole else _brief(shape, row)
                found[(object_key, record.id)] = record
        if len(held) > 1:  # whether each may be named will be asked: here at once for all
            there = [found[(object_key, one)] for one in held if (object_key, one) in found]
            owners = {record.id: record.owner for record in there}
            readable_ids(unit, object_key, owners)
    return found


def _himself(unit: Unit, plan: _LinkPlan, place: Named) -> bool:
    """The acting person is there, and may name himself."""
    return not plan.where and place == (USER, unit.context.actor.user_id)


def _brief(shape: Shape, row: Sequence[Any]) -> Stored:
    name = shape.bound.definition.name_field
    values = {name: row[1], "owner": row[2]}
    return Stored(row[0], 0, deleted=False, deleted_batch=None, values=values, facts={})


def _in_reach(unit: Unit, plan: _LinkPlan, target: str, found: Stored, writing: Writing) -> bool:
    if not plan.by_rights or not writing.check_links:
        return True
    return readable(unit, target, found.id, found.owner)


def _statement(unit: Unit, shape: Shape, *, whole: bool) -> Driven:
    return unit.snapshot.once(
        ("targets", shape.key, whole, unit.connection.dialect.name),
        lambda: Driven(_compose_statement(unit, shape, whole=whole)),
    )


def _compose_statement(unit: Unit, shape: Shape, *, whole: bool) -> Select[Any]:
    # What others are summed into is written by whoever links to it: two that only shared it
    # would wait for each other for ever.
    fed = shape.key in graph_of(unit.snapshot).fed
    owner = shape.fields.get("owner")
    brief = (
        shape.table.c.id,
        shape.bound.name.column,
        owner.column if owner else null(),
    )
    return (
        select(*(shape.columns if whole else brief))
        .where(
            is_one_of(shape.table.c.id, "at_ids", unit.connection.dialect.name),
            shape.table.c.deleted_at.is_(None),
        )
        .order_by(shape.table.c.id)
        .with_for_update(read=not fed, key_share=fed, of=shape.table)
    )


def _plans(unit: Unit, shape: Shape) -> Mapping[str, _LinkPlan]:
    return unit.snapshot.once(("link plans", shape.key), lambda: _compose(unit, shape))


def _compose(unit: Unit, shape: Shape) -> dict[str, _LinkPlan]:
    plans, snapshot = {}, unit.snapshot
    for key in shape.links:
        field = shape.fields[key]
        node = parse_condition(field.definition.props.get("where"))
        objects = [key for key in field.type.objects(field.definition) if key in snapshot.objects]
        where = {
            target: compose_check(snapshot, snapshot.object(target), node, shape.bound)
            for target in objects
            if node is not None
        }
        plans[key] = _LinkPlan(field, where, by_rights=not field.definition.readonly)
    return plans
