"""Search text as a condition of a list: index candidates, then the texts that may be read.

What is common is found sooner by walking the list and looking at each record's entry than by
fetching every candidate; how common it is, the newest entries tell. Both ways find the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Integer,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement

from engine.errors import UnknownField
from engine.query.plans import Plan, plan_of
from engine.query.tokens import object_token, query_of
from engine.storage.kernel_tables import search
from engine.storage.search_index import INDEX, index
from engine.storage.snapshot import BoundField, BoundObject, Unit

Truth = ColumnElement[bool]
NEWEST = 1_000
"""Of so many entries it is counted how many have the tokens."""
COMMON = 20
"""From so many on, walking is the shorter way, if it also fills the page."""
ENDS = (0, -1)
"""A group holds one token or two."""


@dataclass(frozen=True, slots=True)
class Sought:
    """The shape of a search: which fields are read, how many terms and groups there are.

    ``common``: the list is walked, and each record's entry is looked at.
    """

    fields: tuple[int, ...]
    terms: int
    groups: int
    common: bool = False


def searched_fields(bound: BoundObject) -> tuple[BoundField, ...]:
    """Give the fields by which records of an object are found: its name, and flagged ones."""
    return tuple(
        field
        for field in bound.fields.values()
        if field.type.searchable
        and (field.definition.search or field.key == bound.definition.name_field)
    )


def field_ids(bound: BoundObject, keys: Sequence[str] | None) -> tuple[int, ...]:
    """Give the ids of the searched fields among ``keys``; None means all of them.

    Raises:
        UnknownField: a key is no field of the object.
    """
    for key in keys or ():
        if key not in bound.fields:
            raise UnknownField(object=bound.key, field=key)
    return tuple(f.id for f in searched_fields(bound) if keys is None or f.key in keys)


def sought(
    bound: BoundObject, text: str, keys: Sequence[str] | None, dialect: str
) -> tuple[Sought, dict[str, Any]]:
    """Give the shape of a search in one object, and what to bind for it."""
    query = query_of(text)
    values: dict[str, Any] = {f"term{at}": term for at, term in enumerate(query.terms)}
    values.update(looked_up((*query.groups, (object_token(bound.id),)), dialect))
    for at, group in enumerate(query.groups):
        values.update({f"token{at}_{end}": f" {group[end]} " for end in ENDS})
    return Sought(field_ids(bound, keys), len(query.terms), len(query.groups)), values


def looked_up(groups: Sequence[Sequence[str]], dialect: str) -> dict[str, Any]:
    """Give what `candidates` binds; for FTS5 as one text, as tokens hold no quotation mark."""
    if dialect == "postgresql":
        return {f"group{at}": list(group) for at, group in enumerate(groups)}
    ors = (" OR ".join(f'"{token}"' for token in group) for group in groups)
    return {"match": " AND ".join(f"({group})" for group in ors)}


def candidates(groups: int, dialect: str) -> Truth:
    """Give the condition on ``heddle_search`` that an entry has a token of every group."""
    if dialect == "postgresql":
        return _every(
            search.c.tokens.bool_op("&&")(bindparam(f"group{at}", type_=ARRAY(Text)))
            for at in range(groups)
        )
    match = index.c[INDEX].op("MATCH")(bindparam("match", type_=Text))
    return search.c.id.in_(select(index.c.rowid).where(match))


def is_common(
    unit: Unit, bound: BoundObject, shape: Sought, values: Mapping[str, Any], wanted: int
) -> bool:
    """Tell whether the newest entries alone hold what a page wants.

    Args:
        unit: the call.
        bound: the object that is searched.
        shape: the search.
        values: what is bound for it.
        wanted: rows; were fewer at hand, a walk could pass every record in search of the rest.
    """
    if not shape.groups:
        return False
    dialect = unit.connection.dialect.name
    groups = shape.groups
    plan = plan_of(unit, ("how common", bound.id, groups), lambda: _sample(bound, groups, dialect))
    common = max(COMMON, wanted)
    return int(plan.run(unit, {**values, "common": common}).scalar_one()) >= common


def _sample(bound: BoundObject, groups: int, dialect: str) -> Plan:
    some: Any
    if dialect == "postgresql":
        mine = select(search.c.tokens).where(search.c.object_id == bound.id)
        newest = mine.order_by(search.c.record_id.desc()).limit(NEWEST).subquery("newest")
        has_all = _every(
            newest.c.tokens.bool_op("&&")(bindparam(f"group{at}", type_=ARRAY(Text)))
            for at in range(groups)
        )
        some = select(newest.c.tokens).where(has_all)
    else:
        first = select(func.max(search.c.id) - NEWEST).scalar_subquery()
        match = index.c[INDEX].op("MATCH")(bindparam("match", type_=Text))
        some = select(index.c.rowid).where(match, index.c.rowid > first)
    counted = some.limit(bindparam("common", type_=Integer)).subquery("counted")
    return Plan(select(func.count()).select_from(counted))


def is_found(shape: Sought, bound: BoundObject, id_: Any, dialect: str) -> Truth:
    """Give the condition on the id of a record that search finds it."""
    if not shape.groups or not shape.fields:
        return false()
    if shape.common:
        return _has_entry(shape, bound, id_, dialect)
    # The group after the last names the object. "+ 0": the index of tokens must drive, not the
    # one of objects.
    of_object = search.c.object_id + 0 == bound.id
    found = select(search.c.record_id, search.c.texts)
    found = found.where(candidates(shape.groups + 1, dialect), of_object)
    # Left to itself, PostgreSQL checks texts first and the index last.
    entries = found.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    checks = _checks(shape, entries.c.texts, dialect)
    result: Truth = id_.in_(select(entries.c.record_id).where(*checks))
    return result


def _has_entry(shape: Sought, bound: BoundObject, id_: Any, dialect: str) -> Truth:
    """Look at the entry of one record; a value, not EXISTS, which could be made a join."""
    if dialect == "postgresql":
        tokenised = [candidates(shape.groups, dialect)]
    else:  # a text with spaces between the tokens
        tokens = literal(" ") + cast(search.c.tokens, Text) + " "
        tokenised = [
            or_(
                *(
                    func.instr(tokens, bindparam(f"token{at}_{end}", type_=Text)) > 0
                    for end in ENDS
                )
            )
            for at in range(shape.groups)
        ]
    holds = and_(*_checks(shape, search.c.texts, dialect), *tokenised)
    mine = and_(search.c.object_id == bound.id, search.c.record_id == id_)
    found: Truth = select(holds).where(mine).scalar_subquery()
    return found


def _checks(shape: Sought, texts: Any, dialect: str) -> list[Truth]:
    return [
        or_(*(_contains(texts, field, f"term{at}", dialect) for field in shape.fields))
        for at in range(shape.terms)
    ]


def _contains(texts: Any, field: int, slot: str, dialect: str) -> Truth:
    term: Any = bindparam(slot, type_=Text)
    if dialect == "postgresql":
        found: Truth = func.strpos(cast(texts, JSONB).op("->>")(str(field)), term) > 0
    else:
        found = func.instr(func.json_extract(texts, f'$."{field}"'), term) > 0
    return found


def _every(terms: Any) -> Truth:
    first, *others = terms
    for term in others:
        first = first & term
    return first  # type: ignore[no-any-return]
