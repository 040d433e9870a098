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
from engine.query.predicate import AccessPredicate
from engine.query.tokens import Query, object_token, owner_token, query_of
from engine.storage.kernel_tables import search
from engine.storage.search_index import INDEX, index
from engine.storage.snapshot import BoundField, BoundObject, Unit

Truth = ColumnElement[bool]
NEWEST = 1_000
"""Of so many entries it is counted how many have the tokens."""
SAMPLED = 200
"""Of those that have them, so many are looked at."""
COMMON = 20
"""From so many on, walking is the shorter way, if it also fills the page."""
ENDS = (0, -1)
"""A group holds one token or two."""
INITIALS = "p"
"""Follows the id of a field in the name of the text that holds its initials."""
MOST_OWNERS = 32
"""Whose records are in reach is asked of the index for so many; more of them cost it too much."""


@dataclass(frozen=True, slots=True)
class Sought:
    """The shape of a search: which texts are read, how many terms and groups there are.

    ``bounds``: groups that say of which object and whose the entries are. ``common``: the list
    is walked, and each record's entry is looked at; ``plain``: its texts alone tell.
    """

    texts: tuple[str, ...]
    terms: int
    groups: int
    bounds: int = 1
    plain: bool = False
    common: bool = False


def searched_fields(bound: BoundObject) -> tuple[BoundField, ...]:
    """Give the fields by which records of an object are found: its name, and flagged ones."""
    return tuple(
        field
        for field in bound.fields.values()
        if field.type.searchable
        and (field.definition.search or field.key == bound.definition.name_field)
    )


def text_keys(bound: BoundObject, keys: Sequence[str] | None, query: Query) -> tuple[str, ...]:
    """Give the names of the texts that may hold what is looked for.

    Args:
        bound: the object.
        keys: the fields that may be read; None means all searched ones.
        query: without letters in it, nobody's initials are meant.

    Raises:
        UnknownField: a key is no field of the object.
    """
    for key in keys or ():
        if key not in bound.fields:
            raise UnknownField(object=bound.key, field=key)
    fields = [f for f in searched_fields(bound) if keys is None or f.key in keys]
    found = [str(field.id) for field in fields]
    if query.may_be_initials:
        found += [f"{field.id}{INITIALS}" for field in fields if field.type.initials]
    return tuple(found)


def sought(
    bound: BoundObject,
    text: str,
    keys: Sequence[str] | None,
    dialect: str,
    predicate: AccessPredicate | None = None,
) -> tuple[Sought, dict[str, Any]]:
    """Give the shape of a search in one object, and what to bind for it.

    ``predicate``, which is asked of the records anyway, lets the index leave out the entries of
    other people's.
    """
    query = query_of(text)
    bounds: list[tuple[str, ...]] = [(object_token(bound.id),)]
    if predicate is not None and has_few_owners(predicate):
        bounds.append(tuple(owner_token(one) for one in predicate.owner_ids))
    values: dict[str, Any] = {f"term{at}": term for at, term in enumerate(query.terms)}
    values.update(entry_values(query, dialect))
    values.update(looked_up((*query.groups, *bounds), dialect))
    if dialect == "sqlite":
        values["words"] = looked_up(query.groups, dialect)["match"]
    shape = Sought(
        text_keys(bound, keys, query),
        len(query.terms),
        len(query.groups),
        bounds=len(bounds),
        plain=query.is_plain,
    )
    return shape, values


def has_few_owners(predicate: AccessPredicate) -> bool:
    """Tell whether the index can be asked for the records in reach, by their owners."""
    return predicate.shape == "owners" and 0 < len(predicate.owner_ids) <= MOST_OWNERS


def looked_up(groups: Sequence[Sequence[str]], dialect: str) -> dict[str, Any]:
    """Give what `candidates` binds; for FTS5 as one text, as tokens hold no quotation mark."""
    if dialect == "postgresql":
        return {f"group{at}": list(group) for at, group in enumerate(groups)}
    ors = (" OR ".join(f'"{token}"' for token in group) for group in groups)
    return {"match": " AND ".join(f"({group})" for group in ors)}


def entry_values(query: Query, dialect: str) -> dict[str, Any]:
    """Give what `has_tokens` binds."""
    if dialect == "postgresql":
        return looked_up(query.groups, dialect)
    return {
        f"token{at}_{end}": f" {group[end]} "
        for at, group in enumerate(query.groups)
        for end in ENDS
    }


def has_tokens(groups: int, dialect: str) -> list[Truth]:
    """Give the conditions that an entry at hand has a token of every group."""
    if dialect == "postgresql":
        return [candidates(groups, dialect)]
    tokens = literal(" ") + cast(search.c.tokens, Text) + " "  # spaces stand between them
    return [
        or_(*(func.instr(tokens, bindparam(f"token{at}_{end}", type_=Text)) > 0 for end in ENDS))
        for at in range(groups)
    ]


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
    if not shape.groups or shape.bounds > 1:
        return False  # of the records of few, the index gives few candidates
    dialect = unit.connection.dialect.name
    groups = shape.groups
    plan = plan_of(unit, ("how common", bound.id, groups), lambda: _sample(bound, groups, dialect))
    common = max(COMMON, wanted)
    words = {"match": values["words"]} if dialect == "sqlite" else {}
    return int(plan.run(unit, {**values, **words, "common": common}).scalar_one()) >= common


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
        # The newest first, and no word about the object: FTS5 seeks neither way in long lists.
        rows = select(index.c.rowid.label("id")).where(match, index.c.rowid > first)
        rows = rows.order_by(index.c.rowid.desc()).limit(SAMPLED)
        last = rows.subquery("newest")
        there = last.join(search, search.c.id == last.c.id)
        some = select(search.c.id).select_from(there).where(search.c.object_id == bound.id)
    counted = some.limit(bindparam("common", type_=Integer)).subquery("counted")
    return Plan(select(func.count()).select_from(counted))


def is_found(shape: Sought, bound: BoundObject, id_: Any, dialect: str) -> Truth:
    """Give the condition on the id of a record that search finds it."""
    if not shape.groups or not shape.texts:
        return false()
    if shape.common:
        return _has_entry(shape, bound, id_, dialect)
    # The groups after the last bound it to the object. "+ 0": the index of tokens must drive, not
    # the one of objects.
    of_object = search.c.object_id + 0 == bound.id
    found = select(search.c.record_id, search.c.texts)
    found = found.where(candidates(shape.groups + shape.bounds, dialect), of_object)
    # Left to itself, PostgreSQL checks texts first and the index last.
    entries = found.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    checks = _checks(shape, entries.c.texts, dialect)
    result: Truth = id_.in_(select(entries.c.record_id).where(*checks))
    return result


def _has_entry(shape: Sought, bound: BoundObject, id_: Any, dialect: str) -> Truth:
    """Look at the entry of one record; a value, not EXISTS, which could be made a join."""
    tokenised: list[Truth]
    if shape.plain:  # first a look at all texts as they are stored, which costs little
        tokenised = [_within(search.c.texts, f"term{at}", dialect) for at in range(shape.terms)]
    else:
        tokenised = has_tokens(shape.groups, dialect)
    holds = and_(*tokenised, *_checks(shape, search.c.texts, dialect))
    mine = and_(search.c.object_id == bound.id, search.c.record_id == id_)
    found: Truth = select(holds).where(mine).scalar_subquery()
    return found


def _checks(shape: Sought, texts: Any, dialect: str) -> list[Truth]:
    return [
        or_(*(_within(_text(texts, key, dialect), f"term{at}", dialect) for key in shape.texts))
        for at in range(shape.terms)
    ]


def _text(texts: Any, key: str, dialect: str) -> Any:
    if dialect == "postgresql":
        return cast(texts, JSONB).op("->>")(key)
    return func.json_extract(texts, f'$."{key}"')


def _within(text: Any, slot: str, dialect: str) -> Truth:
    term: Any = bindparam(slot, type_=Text)
    place = func.strpos(text, term) if dialect == "postgresql" else func.instr(text, term)
    found: Truth = place > 0
    return found


def _every(terms: Any) -> Truth:
    first, *others = terms
    for term in others:
        first = first & term
    return first  # type: ignore[no-any-return]
