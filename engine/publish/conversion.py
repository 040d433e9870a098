"""A published field gets another type: a new column, filled from the old one, which stays.

What becomes of each value is known before anything is published: how many convert, and which do
not, and why. A value that does not convert stays in the old column and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.base import FieldType
from engine.fields.registry import FIELD_TYPES
from engine.storage.snapshot import BoundField, Snapshot
from metadata.model import FieldDef, Site

MOST_SHOWN = 100
"""Failing values that a plan lists; all are counted."""
_LISTS = frozenset({"wrap", "one_of_several"})
_RULES = _LISTS | {
    "parse_rows", "as_shown", "label", "multiply", "rescale", "drop_decimals", "company_zone",
    "values_to_options",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failing:
    """A value that does not convert. ``record``: the first that has it; ``count``: how many."""

    record: int
    count: int
    value: str
    reason: InvalidValue


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a type change does to the records of a field, those in the bin included."""

    object: str
    field: str
    before: str
    after: str
    converts: int
    fails: int
    failing: tuple[Failing, ...]


def rule_of(before: str, after: str) -> str:
    """Give the rule by which values go from one type to another; "" when there is none."""
    kind = FIELD_TYPES.get(before)
    rule = kind.conversions.get(after, "") if kind is not None else ""
    return rule if rule in _RULES and not (kind and kind.many) else ""


def converted(value: Any, old: FieldDef, new: FieldDef, locale: Locale) -> Any:
    """Give what a stored value becomes, as input to the new type.

    Raises:
        InvalidValue: the new type does not take it, or something would be lost.
    """
    was, will = FIELD_TYPES[old.type], FIELD_TYPES[new.type]
    rule = rule_of(old.type, new.type)
    if rule in _LISTS:
        raw: Any = [value]
    elif rule == "values_to_options":
        raw = will.from_text(value, new, locale)
    else:
        raw = _raw(rule, was, value, old, locale)
    stored = will.parse(raw, new)
    if rule in {"multiply", "rescale"}:
        _same(will.export(stored, new, locale), was.export(value, old, locale))
    return raw


def _raw(rule: str, was: FieldType, value: Any, old: FieldDef, locale: Locale) -> Any:
    if rule == "parse_rows":
        return value
    shown = was.export(value, old, locale)
    if rule == "drop_decimals":
        _same(shown.to_integral_value(), shown)
        return int(shown)
    if rule == "company_zone":
        is_instant = isinstance(shown, datetime)
        return shown.date().isoformat() if is_instant else f"{shown.isoformat()}T00:00:00"
    if isinstance(shown, Decimal | int) and not isinstance(shown, bool):
        return str(shown)
    if isinstance(shown, datetime):
        return shown.isoformat(" ")
    return was.text(value, old, locale)


def _same(one: Any, other: Any) -> None:
    if Decimal(one) != Decimal(other):
        raise InvalidValue("would_lose_digits")


def conversions(connection: Connection, snapshot: Snapshot, new: Site) -> Iterator[Conversion]:
    """Look at every value of the fields that get another type.

    Equal values are tried once. Types that share a column convert nothing and are left out.
    """
    for key, bound in snapshot.objects.items():
        definition = new.objects.get(key)
        if definition is None or definition is bound.definition:
            continue
        for name, field in bound.fields.items():
            after = definition.fields.get(name)
            before = field.definition.type
            if after is not None and after.type != before and rule_of(before, after.type):
                yield _looked_at(connection, key, field, after)


def _looked_at(connection: Connection, key: str, field: BoundField, after: FieldDef) -> Conversion:
    ids, column = field.column.table.c.id, field.column
    found = select(column, func.min(ids), func.count()).where(column.is_not(None))
    locale = Locale()
    converts = fails = 0
    failing: list[Failing] = []
    for value, record, count in connection.execute(found.group_by(column).order_by(func.min(ids))):
        try:
            converted(value, field.definition, after, locale)
            converts += count
        except InvalidValue as reason:
            fails += count
            if len(failing) < MOST_SHOWN:
                said = field.type.text(value, field.definition, locale)
                failing.append(Failing(record, count, said, reason))
    before = field.definition.type
    return Conversion(key, field.key, before, after.type, converts, fails, tuple(failing))


def distinct_texts(connection: Connection, field: BoundField, most: int) -> list[str]:
    """Give the different values of a text field in order, those in the bin included.

    One more than ``most`` where there are more.
    """
    column = field.column
    found = select(column).where(column.is_not(None)).distinct().order_by(column).limit(most + 1)
    return [str(value) for value in connection.scalars(found)]
