"""Rows that nothing stands behind: search entries, side rows, links, history. Reads only."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    any_,
    cast,
    column,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    table,
)
from sqlalchemy.exc import DatabaseError

from engine.fields.any_link import BETWEEN
from engine.publish.drift import Finding
from engine.query.search_terms import searched_fields
from engine.query.tokens import OWNER_MARK, TOKENIZER
from engine.records.ownership import OWNER
from engine.records.shape import shape_of
from engine.storage.kernel_tables import history, search
from engine.storage.search_index import INDEX
from engine.storage.snapshot import BoundField, BoundObject, Unit

SAMPLES = 5


def find_orphans(unit: Unit) -> Iterator[Finding]:
    """Look through every object of the served version."""
    for bound in unit.snapshot.objects.values():
        yield from _search(unit, bound)
        yield from _side_rows(unit, bound)
        yield from _links(unit, bound)
        yield from _history(unit, bound)


def _told(unit: Unit, code: str, where: str, found: Select[Any]) -> Iterator[Finding]:
    """Count what a query finds, and name some of it."""
    inner = found.subquery()
    count = unit.connection.execute(select(func.count()).select_from(inner)).scalar_one()
    if count:
        named = unit.connection.execute(found.limit(SAMPLES)).scalars()
        params = {"count": count, "ids": ", ".join(map(str, named))}
        yield Finding(code, where, params)


def _search(unit: Unit, bound: BoundObject) -> Iterator[Finding]:
    rows = bound.table
    living = rows.c.deleted_at.is_(None)
    own = search.c.object_id == bound.id
    mine = exists().where(own, search.c.record_id == rows.c.id)
    if searched_fields(bound):
        missing = select(rows.c.id).where(living, not_(mine)).order_by(rows.c.id)
        yield from _told(unit, "search_missing", bound.key, missing)
    alive = exists().where(rows.c.id == search.c.record_id, living)
    stray = select(search.c.record_id).where(own, not_(alive)).order_by(search.c.record_id)
    yield from _told(unit, "search_orphan", bound.key, stray)
    old = select(search.c.record_id).where(own, search.c.tokenizer != TOKENIZER)
    yield from _told(unit, "search_old", bound.key, old.order_by(search.c.record_id))
    if OWNER in bound.fields:
        owner = bound.fields[OWNER].column
        held = search.join(rows, rows.c.id == search.c.record_id)
        token = literal(OWNER_MARK) + cast(owner, Text)
        other = select(search.c.record_id).select_from(held).where(own, owner.is_not(None))
        other = other.where(search.c.tokenizer == TOKENIZER, not_(_has_token(unit, token)))
        yield from _told(unit, "search_owner", bound.key, other.order_by(search.c.record_id))


def _has_token(unit: Unit, token: ColumnElement[str]) -> ColumnElement[bool]:
    if unit.connection.dialect.name == "postgresql":
        held: ColumnElement[bool] = token == any_(cast(search.c.tokens, ARRAY(Text)))
    else:
        tokens = literal(" ") + cast(search.c.tokens, Text) + " "
        held = func.instr(tokens, literal(" ") + token + " ") > 0
    return held


def _side_rows(unit: Unit, bound: BoundObject) -> Iterator[Finding]:
    for field in bound.fields.values():
        if field.side is None or len(field.columns) == 0:
            continue
        owner = exists().where(bound.table.c.id == field.side.c.record_id)
        lost = select(field.side.c.record_id).where(not_(owner))
        where = f"{bound.key}.{field.key}"
        yield from _told(unit, "side_orphan", where, lost.order_by(field.side.c.record_id))


def _links(unit: Unit, bound: BoundObject) -> Iterator[Finding]:
    """A live record names only live ones; who made or owns it need only have been there."""
    rows = bound.table
    for key in shape_of(unit, bound.key).links:
        field = bound.fields[key]
        targets = [unit.snapshot.object(one) for one in field.type.objects(field.definition)]
        there = [_is_there(field, target) for target in targets]
        lost = select(rows.c.id).where(rows.c.deleted_at.is_(None), not_(or_(*there)))
        if field.side is not None:
            lost = lost.join(field.side, field.side.c.record_id == rows.c.id)
        else:
            lost = lost.where(field.columns[-1].is_not(None))
        yield from _told(unit, "link_orphan", f"{bound.key}.{key}", lost.order_by(rows.c.id))


def _is_there(field: BoundField, target: BoundObject) -> ColumnElement[bool]:
    """Give the condition that what a link names is a record of ``target``."""
    others = target.table.alias()
    several = len(field.type.objects(field.definition)) > 1 or len(field.columns) > 1
    held = field.columns[-1] if field.side is None else field.side.c.value
    same: ColumnElement[bool] = others.c.id == held
    if field.side is not None and field.type.target(field.definition) == "":
        same = literal(target.key + BETWEEN) + cast(others.c.id, Text) == held
    elif several:
        same = same & (field.columns[0] == target.key)
    living = literal(True) if field.definition.system else others.c.deleted_at.is_(None)
    return exists().where(same, living)


def _history(unit: Unit, bound: BoundObject) -> Iterator[Finding]:
    """The newest entry of a record has its version."""
    newest = (
        select(func.max(history.c.version))
        .where(history.c.object_id == bound.id, history.c.record_id == bound.table.c.id)
        .scalar_subquery()
    )
    behind = select(bound.table.c.id).where(func.coalesce(newest, 0) != bound.table.c.version)
    yield from _told(unit, "history_behind", bound.key, behind.order_by(bound.table.c.id))


def check_full_text(unit: Unit) -> Iterator[Finding]:
    """SQLite keeps tokens in an index of its own: it must find what the table holds.

    The check is a write to SQLite.
    """
    if unit.connection.dialect.name != "sqlite":
        return
    fts = table(INDEX, column(INDEX), column("rank"))
    try:
        unit.connection.execute(insert(fts).values({INDEX: "integrity-check", "rank": 1}))
    except DatabaseError as error:
        yield Finding("search_index", INDEX, {"reason": str(error.orig)})
