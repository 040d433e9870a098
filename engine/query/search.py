"""Search across objects, by right: one question to the index, then one look at each object.

The index gives the newest candidates, where it can those of the owners in reach alone. What a
person may not read does not count: each candidate is checked again against the normalised texts
of the fields he may read, and fetched under his predicate. Where that leaves too few and the
index knows more, each object is asked in full.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Integer, Text, bindparam, exists, func, literal, select, union_all

from engine.context import Locale
from engine.fields.initials import initials_of
from engine.query.listing import ListRequest, Page, Row, read_page, read_rows
from engine.query.members import READ, shared_ids
from engine.query.plans import Plan, plan_of
from engine.query.predicate import AccessPredicate
from engine.query.rows import Slot
from engine.query.search_terms import (
    candidates,
    entry_values,
    has_few_owners,
    has_tokens,
    looked_up,
    text_keys,
)
from engine.query.shapes import member_values
from engine.query.tokens import Query, holds, normal, object_token, owner_token, query_of
from engine.storage.kernel_tables import search as entries
from engine.storage.search_index import INDEX, index
from engine.storage.snapshot import BoundObject, Unit

MOST_HITS = 100
SAMPLE = 1_000
"""PostgreSQL finds the newest of this many matches; a word that is more common has any of them."""
PROBE = 3
"""Candidates asked for at first, as a multiple of the hits that are wanted."""
SPREAD = 400
"""Of so many of the newest matches each object gets its own, where each is wanted."""


@dataclass(frozen=True, slots=True)
class Searched:
    """An object to search: what of it is in reach, and what may be read of it.

    ``fields`` are keys of searched fields that the person may read; ``facts`` are paths shown
    beside the name.
    """

    predicate: AccessPredicate
    fields: tuple[str, ...]
    facts: tuple[str, ...] = ()


class Fact(NamedTuple):
    """A shown value: its slot tells the field, ``value`` is stored form or a `Label`."""

    slot: Slot
    value: Any


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found. ``label`` is its name."""

    object: str
    id: int
    label: str
    facts: tuple[Fact, ...] = ()


class _Candidate(NamedTuple):
    record_id: int
    texts: str


def search(unit: Unit, objects: Sequence[Searched], text: str, limit: int = 20) -> list[Hit]:
    """Find living records by what a person typed.

    Args:
        unit: the call.
        objects: where to look; objects that are not named are not looked into.
        text: every word must stand in one of the fields that may be read.
        limit: the most hits, at most `MOST_HITS`.

    Returns:
        Records whose name is the text, then those whose name or its initials begin with it, then
        others; the newest first.
    """
    query = query_of(text)
    limit = min(limit, MOST_HITS)
    if not query.groups or not objects or limit < 1:
        return []
    found, complete = _probe(unit, objects, query, limit)
    if len(found) < limit and not complete:
        found = _in_full(unit, objects, text, limit)
    wanted = normal(text)
    return sorted(found, key=lambda hit: _rank(normal(hit.label), wanted))[:limit]


def search_each(unit: Unit, objects: Sequence[Searched], text: str, each: int) -> list[list[Hit]]:
    """Find living records like `search`, some of every object, so that none crowds out another.

    Args:
        unit: the call.
        objects: where to look.
        text: every word must stand in one of the fields that may be read.
        each: the most hits of one object.

    Returns:
        For each object in turn what was found of it among the newest matches, best first.
    """
    query = query_of(text)
    if not query.groups or not objects:
        return []
    dialect = unit.connection.dialect.name
    asked = (*query.groups, *_bounds(unit, objects))
    groups = len(asked)
    plan = plan_of(unit, ("search each", groups), lambda: _spread(groups, dialect))
    values = {**looked_up(asked, dialect), "each": each * PROBE}
    rows: Sequence[Row] = plan.run(unit, values).fetchall()
    by_object = _by_object([*rows, *_of_teams(unit, objects, query, SPREAD)])
    wanted = normal(text)
    found = []
    for searched in objects:
        hits = _read(unit, searched, query, by_object, each * PROBE)
        found.append(sorted(hits, key=lambda hit: _rank(normal(hit.label), wanted))[:each])
    return found


def _probe(
    unit: Unit, objects: Sequence[Searched], query: Query, limit: int
) -> tuple[list[Hit], bool]:
    """Look at the newest candidates; the second value tells whether these are all."""
    dialect = unit.connection.dialect.name
    asked = (*query.groups, *_bounds(unit, objects))
    groups = len(asked)
    plan = plan_of(unit, ("search", groups), lambda: _plan(groups, dialect))
    values = {**looked_up(asked, dialect), "most": limit * PROBE}
    rows: Sequence[Row] = plan.run(unit, values).fetchall()
    shared = _of_teams(unit, objects, query, limit * PROBE)
    by_object = _by_object([*rows, *shared])
    hits: list[Hit] = []
    complete = max(len(rows), len(shared)) < limit * PROBE
    for searched in objects:
        bound = unit.snapshot.object(searched.predicate.object)
        ids = _checked(bound, searched, query, by_object.get(bound.id, ()))
        if ids:
            columns = (bound.definition.name_field, *searched.facts)
            page = read_rows(unit, searched.predicate, bound.key, ids[:limit], columns)
            hits.extend(hits_of(bound, searched.facts, page))
            # Of those that were looked at some are out of reach: older ones may stand for them.
            complete = complete and (len(ids) <= limit or len(page.rows) == limit)
    return hits, complete


def _of_teams(unit: Unit, objects: Sequence[Searched], query: Query, most: int) -> Sequence[Row]:
    """Look at the newest candidates that are shared with the person.

    The index knows owners alone; where it is asked for few of them, it leaves out what is
    shared. A person is in some hundred teams, so each entry of these is looked at.
    """
    bounded = [
        searched.predicate.team
        for searched in objects
        if searched.predicate.team is not None
        and (has_few_owners(searched.predicate) or searched.predicate.shape == "none")
    ]
    if not bounded:
        return ()
    dialect = unit.connection.dialect.name
    groups, ids = len(query.groups), tuple(sorted(one.object_id for one in bounded))
    plan = plan_of(unit, ("shared", groups, ids), lambda: _shared_plan(groups, ids, dialect))
    values = {**entry_values(query, dialect), **member_values(bounded[0], "team"), "most": most}
    rows: Sequence[Row] = plan.run(unit, values).fetchall()
    return rows


def _by_object(rows: Sequence[Row]) -> dict[int, list[_Candidate]]:
    found: dict[int, list[_Candidate]] = {}
    for object_id, record_id, texts in rows:
        found.setdefault(object_id, []).append(_Candidate(record_id, texts))
    return found


def _read(
    unit: Unit,
    searched: Searched,
    query: Query,
    found: Mapping[int, Sequence[_Candidate]],
    limit: int,
) -> list[Hit]:
    """Read the candidates of an object that hold the query and are in reach."""
    bound = unit.snapshot.object(searched.predicate.object)
    ids = _checked(bound, searched, query, found.get(bound.id, ()))[:limit]
    if not ids:
        return []
    columns = (bound.definition.name_field, *searched.facts)
    page = read_rows(unit, searched.predicate, bound.key, ids, columns)
    return hits_of(bound, searched.facts, page)


def _bounds(unit: Unit, objects: Sequence[Searched]) -> list[tuple[str, ...]]:
    """Give the group of tokens that an entry in reach has one of; none where that helps little."""
    owners: set[int] = set()
    whole: list[str] = []
    for searched in objects:
        reach = searched.predicate
        if has_few_owners(reach):
            owners.update(reach.owner_ids)
        elif reach.shape != "none":
            whole.append(object_token(unit.snapshot.object(reach.object).id))
    if not owners and len(whole) > 1:
        return []
    group = (*whole, *(owner_token(one) for one in sorted(owners)))
    return [group] if group else []


def _checked(
    bound: BoundObject, searched: Searched, query: Query, found: Sequence[_Candidate]
) -> list[int]:
    """Keep candidates whose readable texts hold the query: each once, the newest first."""
    if not found:
        return []
    readable = text_keys(bound, searched.fields, query)
    ids = {one.record_id for one in found if holds(query, _texts(one.texts, readable))}
    return sorted(ids, reverse=True)


def _texts(stored: str, readable: Sequence[str]) -> list[str]:
    texts: Mapping[str, str] = json.loads(stored)
    return [texts[number] for number in readable if number in texts]


def _in_full(unit: Unit, objects: Sequence[Searched], text: str, limit: int) -> list[Hit]:
    hits: list[Hit] = []
    for searched in _with_candidates(unit, objects, query_of(text)):
        bound = unit.snapshot.object(searched.predicate.object)
        request = ListRequest(
            object=bound.key,
            columns=(bound.definition.name_field, *searched.facts),
            sort=("-id",),
            limit=limit,
            search=text,
            search_fields=searched.fields,
        )
        page = read_page(unit, searched.predicate, request)
        hits.extend(hits_of(bound, searched.facts, page))
    return hits


def _with_candidates(unit: Unit, objects: Sequence[Searched], query: Query) -> Sequence[Searched]:
    """Leave out objects that have no candidate, all asked for at once.

    On SQLite the index answers that without looking at an entry; PostgreSQL would look at them
    all, so there each object is asked by itself.
    """
    if unit.connection.dialect.name != "sqlite":
        return objects
    numbers = tuple(unit.snapshot.object(one.predicate.object).id for one in objects)
    plan = plan_of(unit, ("searched objects", len(numbers)), lambda: _some_plan(len(numbers)))
    values = {
        f"match{at}": looked_up((*query.groups, (object_token(number),)), "sqlite")["match"]
        for at, number in enumerate(numbers)
    }
    places = plan.run(unit, values).scalars()
    return [objects[place] for place in places]


def _some_plan(count: int) -> Plan:
    column = index.c[INDEX]
    some = (
        select(literal(at).label("place")).where(
            exists().where(column.op("MATCH")(bindparam(f"match{at}", type_=Text)))
        )
        for at in range(count)
    )
    return Plan(union_all(*some))


def hits_of(bound: BoundObject, facts: Sequence[str], page: Page) -> list[Hit]:
    """Make hits of rows that hold the name and the facts."""
    name = page.slots[bound.definition.name_field]
    slots = [page.slots[path] for path in facts]

    def hit(row: Row) -> Hit:
        label = bound.name.type.text(name.value(row), bound.name.definition, Locale())
        told = tuple(Fact(slot, slot.value(row)) for slot in slots)
        return Hit(bound.key, row[page.id_index], label, told)

    return [hit(row) for row in page.rows]


def _rank(label: str, wanted: str) -> int:
    if label == wanted:
        return 0
    begins = label.startswith(wanted) or f" {initials_of(label)}".startswith(f" {wanted}")
    return 1 if begins else 2


def _shared_plan(groups: int, objects: Sequence[int], dialect: str) -> Plan:
    shared = union_all(
        *(
            select(literal(one).label("of"), found.c.record_id)
            for one in objects
            for found in (shared_ids(one, "team", READ).subquery(),)
        )
    ).subquery("shared")
    here = (entries.c.object_id == shared.c.of) & (entries.c.record_id == shared.c.record_id)
    return Plan(
        select(entries.c.object_id, entries.c.record_id, entries.c.texts)
        .select_from(shared.join(entries, here))
        .where(*has_tokens(groups, dialect))
        .order_by(entries.c.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


def _plan(groups: int, dialect: str) -> Plan:
    columns = (entries.c.object_id, entries.c.record_id, entries.c.texts)
    most = bindparam("most", type_=Integer)
    if dialect == "postgresql":
        # In no order: one that the database may choose to walk by would mislead its planner.
        some = select(entries.c.id).where(candidates(groups, dialect)).limit(SAMPLE)
        found = some.cte("found").prefix_with("MATERIALIZED")
        rows = select(found.c.id).order_by(found.c.id.desc()).limit(most)
    else:
        match = index.c[INDEX].op("MATCH")(bindparam("match"))
        rows = select(index.c.rowid.label("id")).where(match)
        rows = rows.order_by(index.c.rowid.desc()).limit(most)
    newest = rows.subquery("newest")
    joined = newest.join(entries, entries.c.id == newest.c.id)
    return Plan(select(*columns).select_from(joined).order_by(newest.c.id.desc()))


def _spread(groups: int, dialect: str) -> Plan:
    """Give the newest matches, of each object no more than ``each``, in one question."""
    if dialect == "postgresql":
        some = select(entries.c.id, entries.c.object_id).where(candidates(groups, dialect))
        newest: Any = some.limit(SAMPLE).cte("found").prefix_with("MATERIALIZED")
        matches = select(newest.c.id, newest.c.object_id)
    else:
        match = index.c[INDEX].op("MATCH")(bindparam("match"))
        rows = select(index.c.rowid.label("id")).where(match)
        newest = rows.order_by(index.c.rowid.desc()).limit(SPREAD).subquery("newest")
        there = newest.join(entries, entries.c.id == newest.c.id)
        matches = select(newest.c.id, entries.c.object_id).select_from(there)
    of = matches.subquery("matches")
    place = func.row_number().over(partition_by=of.c.object_id, order_by=of.c.id.desc())
    placed = select(of.c.id, place.label("place")).subquery("placed")
    joined = placed.join(entries, entries.c.id == placed.c.id)
    statement = select(entries.c.object_id, entries.c.record_id, entries.c.texts)
    kept = placed.c.place <= bindparam("each", type_=Integer)
    return Plan(statement.select_from(joined).where(kept).order_by(placed.c.id.desc()))
