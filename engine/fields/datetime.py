"""Instants."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from engine.context import COMPANY_ZONE, Locale
from engine.errors import InvalidValue
from engine.fields import moments
from engine.fields.base import ColumnSpec, FieldType, SampleWorld, Schema, Span
from engine.fields.date import (
    DATE_OPERATORS,
    DATE_SCHEMA,
    DAYS_OPERATORS,
    check_days,
    days,
    sample_day,
)
from metadata.model import FieldDef

_INSTANT = timedelta(microseconds=1)


class DateTimeField(FieldType):
    """A moment, to the second.

    Input:   ``"2026-11-23T09:42:00Z"``, or without an offset in the company's time zone.
    Stored:  aware UTC `datetime`.
    Shown:   in the company's time zone, ``"2026-11-23 17:42"``.
    """

    key = "datetime"
    widget = "datetime"
    formula_kind = "datetime"
    operators = DATE_OPERATORS
    schema: ClassVar[Schema] = {"min": DATE_SCHEMA, "max": DATE_SCHEMA}
    conversions = {"date": "company_zone", "text": "as_shown"}

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("instant"),)

    def parse(self, raw: object, field: FieldDef) -> datetime | None:
        return self._parse_in(raw, field, Locale())

    def _parse_in(self, raw: object, field: FieldDef, locale: Locale) -> datetime | None:
        value = moments.read_instant(raw, locale.zone)
        if value is not None:
            check_days(value.astimezone(locale.zone).date(), field)
        return value

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        if op in DAYS_OPERATORS:
            return days(raw)
        if moments.is_whole_day(raw):
            return _within_day(op, raw, last=last)
        value = moments.read_instant(raw, COMPANY_ZONE)
        if value is None:
            raise InvalidValue("value_missing")
        return value

    def api(self, stored: Any, field: FieldDef) -> Any:
        if stored is None:
            return None
        return stored.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return "" if stored is None else moments.show_instant(stored, locale.zone)

    def export(self, stored: Any, field: FieldDef, locale: Locale) -> Any:
        if stored is None:
            return None
        return stored.astimezone(locale.zone).replace(tzinfo=None, microsecond=0)

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        return self._parse_in(text, field, locale)

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        clock = f"{world.random.randint(9, 17):02d}:{world.random.randrange(0, 60, 5):02d}"
        return f"{sample_day(world, field).isoformat()}T{clock}"


def _within_day(op: str, raw: object, *, last: bool) -> datetime | Span:
    """Compare with a whole day: after it means after its end, until it means until its end."""
    day = moments.read_date(raw)
    if not isinstance(day, date):
        raise InvalidValue("value_missing")
    start = moments.day_start(day, COMPANY_ZONE)
    end = moments.next_day_start(day, COMPANY_ZONE)
    if op in {"eq", "ne"}:
        return Span(start, end)
    if op in {"gt", "lte"} or last:
        return end - _INSTANT
    return start
