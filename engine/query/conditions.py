"""Conditions, second half: SQL for a shape. Names come from the snapshot, values by parameter."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    Table,
    and_,
    bindparam,
    exists,
    false,
    func,
    not_,
    or_,
    true,
)
from sqlalchemy.sql.elements import ColumnElement

from engine.query.lists import is_one_of
from engine.query.members import READ, is_among_shared, is_shared
from engine.query.paths import Path, Source, resolve
from engine.query.pointing import points_to_row
from engine.query.shapes import (
    Both,
    Group,
    Leaf,
    Never,
    Opposite,
    Related,
    Scope,
    Shape,
    Shared,
    Word,
)

Column = ColumnElement[Any]
Truth = ColumnElement[bool]

OWNER = "owner"


class Conditions:
    """Writes the conditions of one statement; the joins they need are added to its sources."""

    def __init__(self, dialect: str) -> None:
        """Write for ``dialect``: sqlite or postgresql."""
        self.dialect = dialect
        self._nested = 0

    def where(self, source: Source, shape: Shape | None) -> Truth:
        """Give an expression over ``source`` that is true where ``shape`` holds.

        It carries no access rule: `scope` does.
        """
        written: Truth = true()
        match shape:
            case Never():
                written = false()
            case Leaf():
                written = self._leaf(source, shape)
            case Both():
                written = self._both(source, shape)
            case Group(every, parts):
                terms = [self.where(source, part) for part in parts]
                written = and_(true(), *terms) if every else or_(false(), *terms)
            case Opposite(part):
                written = not_(func.coalesce(self.where(source, part), false()))
            case Related():
                written = self._related(source, shape)
            case Shared(object_id, slot):
                written = is_among_shared(source.table.c.id, object_id, slot, READ, self.dialect)
        return written

    def scope(self, source: Source, scope: Scope, *, along: bool = False) -> Truth:
        """Give the access rule of ``source``: its scope, or its team, asked of each record.

        Where the rule itself has to lead to the records, one of `owned` and `shared` is asked
        at a time. Arguments as for these.
        """
        owned = self.owned(source, scope, along=along)
        if not scope.team:
            return owned
        return or_(owned, is_shared(source.table.c.id, scope.object, scope.slot, scope.team))

    def shared(self, source: Source, scope: Scope) -> Truth:
        """Give the rule that records are in reach by their team, whosoever they are."""
        return is_among_shared(
            source.table.c.id, scope.object, scope.slot, scope.team, self.dialect
        )

    def owned(self, source: Source, scope: Scope, *, along: bool = False) -> Truth:
        """Give the rule of the scope alone; without owners, nothing is in a bounded one.

        ``along``: no index leads to the owners, each record is asked for its own.
        """
        if scope.kind == "all":
            return true()
        owner = source.bound.fields.get(OWNER)
        if scope.kind == "none" or owner is None:
            return false()
        column = source.own(owner.column)
        if scope.kind == "one":
            return column == bindparam(scope.slot, type_=column.type)
        if along:
            column = func.likely(column, type_=column.type)  # SQLite looks no function up
        return is_one_of(column, scope.slot, self.dialect)

    def _related(self, source: Source, shape: Related) -> Truth:
        self._nested += 1
        name = f"r{self._nested}"
        far = source.snapshot.object(shape.object)
        inner = Source(source.snapshot, far, far.table.alias(name), f"{name}_")
        terms = [
            points_to_row(
                far.field(shape.link),
                inner.table,
                source.bound.key,
                source.table,
                f"p{self._nested}",
            ),
            inner.table.c.deleted_at.is_(None),
            self.scope(inner, shape.scope),
            self.where(inner, shape.where),
        ]
        return exists().select_from(inner.froms).where(*terms)

    def _both(self, source: Source, shape: Both) -> Truth:
        one, other = (
            source.column(resolve(source.snapshot, source.bound, text))
            for text in (shape.path, shape.other)
        )
        return _COMPARE[shape.word](one, other)

    def _leaf(self, source: Source, leaf: Leaf) -> Truth:
        path = resolve(source.snapshot, source.bound, leaf.path)
        side = path.field.side
        if side is not None:
            return self._side(source, path, side, leaf)
        column = source.column(path)
        if leaf.word in _PAIRS:
            one, other = source.columns(path)
            return _PAIRS[leaf.word](one, other, leaf.slot)
        if leaf.word in {"in", "not_in"}:
            found = is_one_of(column, leaf.slot, self.dialect)
            return found if leaf.word == "in" else or_(column.is_(None), not_(found))
        if leaf.word in {"contains", "not_contains", "starts_with"}:
            return self._piece(column, leaf)
        return _WORDS[leaf.word](column, leaf.slot)

    def _piece(self, column: Column, leaf: Leaf) -> Truth:
        """Look for a piece of text; no pattern, so that nothing in it has a meaning of its own."""
        piece = _value(column, leaf.slot)
        text = func.lower(column)
        if leaf.word == "starts_with":
            begins: Truth = func.substr(text, 1, func.length(piece)) == piece
            return begins
        at = func.strpos if self.dialect == "postgresql" else func.instr
        found: Truth = at(text, piece) > 0
        return found if leaf.word == "contains" else or_(column.is_(None), not_(found))

    def _side(self, source: Source, path: Path, side: Table, leaf: Leaf) -> Truth:
        self._nested += 1
        values = side.alias(f"s{self._nested}")
        of_record = values.c.record_id == source.table_of(path).c.id
        if leaf.word in {"empty", "not_empty"}:
            found = exists().select_from(values).where(of_record)
            return found if leaf.word == "not_empty" else not_(found)
        if leaf.word in {"has", "has_not"}:
            chosen: Truth = values.c.value == _value(values.c.value, leaf.slot)
        else:
            chosen = is_one_of(values.c.value, leaf.slot, self.dialect)
        found = exists().select_from(values).where(of_record, chosen)
        return found if leaf.word in {"has", "has_any"} else not_(found)


def _value(column: Column, slot: str) -> Any:
    return bindparam(slot, type_=column.type)


def _range(column: Column, slot: str) -> Truth:
    return and_(column >= _value(column, slot), column < _value(column, f"{slot}_end"))


def _not_range(column: Column, slot: str) -> Truth:
    outside = [column < _value(column, slot), column >= _value(column, f"{slot}_end")]
    return or_(column.is_(None), *outside)


def _between(column: Column, slot: str) -> Truth:
    return and_(column >= _value(column, slot), column <= _value(column, f"{slot}_end"))


_COMPARE: Mapping[str, Callable[[Column, Any], Truth]] = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one.is_distinct_from(other),
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
}


def _compare(word: str) -> Callable[[Column, str], Truth]:
    return lambda column, slot: _COMPARE[word](column, _value(column, slot))


def _pair(one: Column, other: Column, slot: str) -> Truth:
    return and_(one == _value(one, slot), other == _value(other, f"{slot}_end"))


def _covers(first: Column, last: Column, slot: str) -> Truth:
    return and_(first <= _value(first, slot), last >= _value(last, f"{slot}_end"))


def _overlaps(first: Column, last: Column, slot: str) -> Truth:
    return and_(first <= _value(first, f"{slot}_end"), last >= _value(last, slot))


def _inside(first: Column, last: Column, slot: str) -> Truth:
    return and_(first >= _value(first, slot), last <= _value(last, f"{slot}_end"))


_PAIRS: Mapping[Word, Callable[[Column, Column, str], Truth]] = {
    "pair": _pair,
    "covers": _covers,
    "overlaps": _overlaps,
    "inside": _inside,
    "ends_before": lambda _, last, slot: last < _value(last, slot),
    "ends_until": lambda _, last, slot: last <= _value(last, slot),
}
_WORDS: Mapping[Word, Callable[[Column, str], Truth]] = {
    "eq": _compare("eq"),
    "ne": _compare("ne"),
    "gt": _compare("gt"),
    "gte": _compare("gte"),
    "lt": _compare("lt"),
    "lte": _compare("lte"),
    "range": _range,
    "not_range": _not_range,
    "between": _between,
    "empty": lambda column, _: column.is_(None),
    "not_empty": lambda column, _: column.is_not(None),
}
