"""The order of a list: several keys, empty values last, ties by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, false, or_, tuple_
from sqlalchemy.sql.elements import ColumnElement

from engine.errors import FieldError, InvalidInput
from engine.fields.base import ColumnKind
from engine.query.paths import Path, Source, resolve, target_of
from engine.storage.snapshot import BoundField, BoundObject, Snapshot

Truth = ColumnElement[bool]

ID = "id"
NEWEST = frozenset({"updated_at", "created_at"})
MOST_KEYS = 5


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key. ``nullable``: some records may have no value, and come last."""

    path: str
    descending: bool
    nullable: bool
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class Order:
    """The keys before the id, and the id's own direction."""

    object: str
    keys: tuple[SortKey, ...]
    id_descending: bool

    @property
    def name(self) -> str:
        """Give the text that tells this order from others."""
        keys = [f"{'-' if key.descending else ''}{key.path}" for key in self.keys]
        return " ".join([self.object, *keys, "-id" if self.id_descending else "id"])

    @property
    def newest_first(self) -> bool:
        """Tell whether what was changed or made last comes first."""
        if not self.keys:
            return self.id_descending
        return self.keys[0].descending and self.keys[0].path in NEWEST

    @property
    def kinds(self) -> tuple[ColumnKind, ...]:
        """Give the kind of each key's value."""
        return tuple(key.kind for key in self.keys)


def order_of(snapshot: Snapshot, bound: BoundObject, sort: Sequence[str]) -> Order:
    """Read ``sort``: paths, ``-`` before one for largest first. Links go by the linked name.

    Raises:
        UnknownField: a path leads nowhere.
        InvalidInput: a field cannot be sorted by, or there are more than `MOST_KEYS`.
    """
    if len(sort) > MOST_KEYS:
        raise InvalidInput([FieldError("sort", "too_many_sort_keys", {"most": MOST_KEYS})])
    keys: list[SortKey] = []
    descending = False
    for text in sort:
        path = resolve(snapshot, bound, text.removeprefix("-"))
        if any(path.text == key.path for key in keys):
            continue
        descending = text.startswith("-")
        if path.text == ID:
            break
        if not is_sortable(path.field):
            raise InvalidInput([FieldError(path.text, "not_sortable")])
        keys.append(_key(snapshot, path, descending))
    return Order(bound.key, tuple(keys), descending)


def is_sortable(field: BoundField) -> bool:
    """Tell whether lists can be in the order of a field: of a link, by the name it shows."""
    if field.many or field.named_late:
        return False
    return field.type.sortable or field.type.labelled


def _key(snapshot: Snapshot, path: Path, descending: bool) -> SortKey:
    by_name = path.field.type.labelled
    shown = target_of(snapshot, path.field).name if by_name else path.field
    empty = not path.field.columns or bool(path.field.column.nullable)
    nullable = by_name or bool(path.links) or empty
    return SortKey(path.text, descending, nullable, _kind(shown))


def _kind(bound: BoundField) -> ColumnKind:
    return bound.type.columns(bound.definition)[0].kind


def key_column(source: Source, key: SortKey) -> ColumnElement[Any]:
    """Give the column that a key sorts by, joined where it is a linked record's."""
    path = resolve(source.snapshot, source.bound, key.path)
    return source.label(path) if path.field.type.labelled else source.column(path)


@dataclass(frozen=True, slots=True)
class Step:
    """A key at work in a statement: its column, and the direction it is walked in."""

    column: ColumnElement[Any]
    descending: bool
    nullable: bool = False
    slot: str = ""

    def order(self, *, empty_first: bool) -> list[ColumnElement[Any]]:
        """Give the terms of ORDER BY."""
        column = self.column.desc() if self.descending else self.column.asc()
        if not self.nullable:
            return [column]
        empty = self.column.is_(None)
        return [empty.desc() if empty_first else empty.asc(), column]

    def beyond(self, *, empty: bool, empty_first: bool) -> Truth:
        """Give the condition that a value comes after the cursor's; ``empty``: that is NULL."""
        if empty:
            return self.column.is_not(None) if empty_first else false()
        value: Any = bindparam(self.slot, type_=self.column.type)
        after: Truth = self.column < value if self.descending else self.column > value
        if self.nullable and not empty_first:
            return or_(after, self.column.is_(None))
        return after

    def same(self, *, empty: bool) -> Truth:
        """Give the condition that a value is the cursor's."""
        if empty:
            return self.column.is_(None)
        return self.column == bindparam(self.slot, type_=self.column.type)


def after_cursor(
    steps: Sequence[Step], empties: Sequence[bool], *, empty_first: bool
) -> list[Truth]:
    """Give the conditions that a row comes after the cursor.

    Args:
        steps: the keys, the id last.
        empties: for each, whether the cursor's value is NULL.
        empty_first: true when the list is walked backward.
    """
    first = steps[0]
    one_way = all(step.descending == first.descending for step in steps)
    if one_way and not any(step.nullable for step in steps):  # as an index is walked
        columns = tuple_(*(step.column for step in steps))
        values = tuple_(*(bindparam(step.slot, type_=step.column.type) for step in steps))
        return [columns < values if first.descending else columns > values]
    found: Truth = false()
    for step, empty in zip(reversed(steps), reversed(empties), strict=True):
        beyond = step.beyond(empty=empty, empty_first=empty_first)
        found = or_(beyond, and_(step.same(empty=empty), found))
    if first.nullable:
        return [found]
    value: Any = bindparam(first.slot, type_=first.column.type)
    reached = first.column <= value if first.descending else first.column >= value
    return [reached, found]  # the first is implied: it bounds the walk through an index
