"""Stretches of days."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import moments
from engine.fields.base import PAIR, ColumnSpec, FieldType, SampleWorld, Schema
from engine.fields.clean import line, narrow
from engine.fields.date import DATE_SCHEMA, check_days, sample_day, whole
from metadata.model import FieldDef

BETWEEN = " – "
LONGEST_SAMPLE = 90
_ENDS = frozenset({"from", "to"})
_SPLIT = re.compile(r"\s*(?:–|—|~|至|到|\.\.)\s*|\s+(?:-|to)\s+")

Days = tuple[date, date]


class DateRangeField(FieldType):
    """From one day to another, both included.

    Input:   ``{"from": "2026-01-01", "to": "2026-03-31"}``, a pair, or a text such as
             ``"2026-01-01 – 2026-03-31"``, ``"2026/1/1~2026/3/31"``, ``"1日 至 2日"`` with whole
             dates; one day alone is a range of one day. An end that is missing is refused.
    Stored:  two `date`, first and last day.

    ``contains`` asks for a day, ``between`` for ranges that overlap two days; ``gt`` means that
    it begins later, ``lt`` that it ends sooner; ``eq`` with a period, that it lies within it.
    """

    key = "date_range"
    widget = "date_range"
    operators = frozenset(
        {
            "contains", "not_contains", "between", "eq", "ne", "gt", "gte", "lt", "lte",
            "empty", "not_empty",
        }
    )  # fmt: skip
    schema: ClassVar[Schema] = {"min": DATE_SCHEMA, "max": DATE_SCHEMA}
    span = True
    conversions = {"text": "as_shown"}

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return ColumnSpec("date", "_from", width=4), ColumnSpec("date", "_to", width=4)

    def parse(self, raw: object, field: FieldDef) -> Days | None:
        found = _read(raw)
        if found is not None:
            for day in found:
                check_days(day, field)
        return found

    def parse_operand(self, op: str, raw: object, field: FieldDef) -> Any:
        if op == "between":
            return super().parse_operand(op, raw, field)
        value = _read(raw) if op in {"eq", "ne"} else moments.read_date(raw)
        if value is None:
            raise InvalidValue("value_missing")
        return value

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        value = moments.read_date(raw)
        if value is None:
            raise InvalidValue("value_missing")
        return value

    def api(self, stored: Any, field: FieldDef) -> Any:
        if stored is None:
            return None
        return {"from": stored[0].isoformat(), "to": stored[1].isoformat()}

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return "" if stored is None else BETWEEN.join(day.isoformat() for day in stored)

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        return self.parse(whole(text), field)

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        first = sample_day(world, field)
        last = first + timedelta(days=world.random.randint(1, LONGEST_SAMPLE))
        most = field.props.get("max")
        last = min(last, date.fromisoformat(most)) if most else last
        return {"from": first.isoformat(), "to": last.isoformat()}


def _read(raw: object) -> Days | None:
    """Read a range.

    Raises:
        InvalidValue: no days, one end only, or the last day before the first.
    """
    first, last = _ends(raw)
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise InvalidValue("range_incomplete")
    if last < first:
        raise InvalidValue("range_reversed")
    return first, last


def _ends(raw: object) -> tuple[date | None, date | None]:
    if isinstance(raw, Mapping):
        if raw.keys() - _ENDS:
            raise InvalidValue("not_a_date_range")
        return moments.read_date(raw.get("from")), moments.read_date(raw.get("to"))
    if isinstance(raw, Sequence) and not isinstance(raw, str):
        if len(raw) != PAIR:
            raise InvalidValue("not_a_date_range")
        return moments.read_date(raw[0]), moments.read_date(raw[1])
    if isinstance(raw, str):
        parts = _SPLIT.split(narrow(line(raw)).replace("～", "~"))
        if len(parts) == PAIR:
            return moments.read_date(parts[0]), moments.read_date(parts[1])
        if len(parts) > PAIR:
            raise InvalidValue("not_a_date_range")
    day = moments.read_date(raw)
    return day, day
