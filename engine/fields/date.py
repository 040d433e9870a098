"""Days of the calendar."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import moments
from engine.fields.base import ColumnSpec, FieldType, SampleWorld, Schema
from metadata.model import FieldDef

DATE_OPERATORS = frozenset(
    {
        "eq", "ne", "gt", "gte", "lt", "lte", "between", "older_than_days", "within_days",
        "empty", "not_empty",
    }
)  # fmt: skip
DAYS_OPERATORS = frozenset({"older_than_days", "within_days"})
DATE_SCHEMA: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
MOST_DAYS = 36_500


class DateField(FieldType):
    """A day.

    Input:   ``"2026-11-23"``, ``"2020/1/5"``, ``"2020年1月5日"`` or a `date`.
    Stored:  `date`.
    """

    key = "date"
    widget = "date"
    formula_kind = "date"
    operators = DATE_OPERATORS
    schema: ClassVar[Schema] = {"min": DATE_SCHEMA, "max": DATE_SCHEMA}
    groupable = True
    conversions = {"datetime": "company_zone", "text": "as_shown"}

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("date", width=4),)

    def parse(self, raw: object, field: FieldDef) -> date | None:
        value = moments.read_date(raw)
        if value is not None:
            check_days(value, field)
        return value

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        if op in DAYS_OPERATORS:
            return days(raw)
        value = moments.read_date(raw)
        if value is None:
            raise InvalidValue("value_missing")
        return value

    def api(self, stored: Any, field: FieldDef) -> Any:
        return None if stored is None else stored.isoformat()

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return "" if stored is None else stored.isoformat()

    def export(self, stored: Any, field: FieldDef, locale: Locale) -> Any:
        return stored

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        return self.parse(whole(text), field)

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return sample_day(world, field).isoformat()


def whole(cell: object) -> object:
    """Give a number of a sheet as text: ``20200105`` is a day too."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    return cell


def check_days(day: date, field: FieldDef) -> None:
    """Hold ``day`` against the field's first and last day.

    Raises:
        InvalidValue: it is outside them.
    """
    least, most = field.props.get("min"), field.props.get("max")
    if least and day.isoformat() < least:
        raise InvalidValue("too_early", least=least)
    if most and day.isoformat() > most:
        raise InvalidValue("too_late", most=most)


def days(raw: object) -> int:
    """Read the number of days of ``older_than_days`` and ``within_days``.

    Raises:
        InvalidValue: no whole number from 0 to 36,500.
    """
    text = str(raw).strip() if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    if not text:
        raise InvalidValue("value_missing")
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(MOST_DAYS)):
        raise InvalidValue("not_a_number_of_days", most=MOST_DAYS)
    if int(text) > MOST_DAYS:
        raise InvalidValue("not_a_number_of_days", most=MOST_DAYS)
    return int(text)


def sample_day(world: SampleWorld, field: FieldDef) -> date:
    """Give a day as ``{days_ago: n}`` or ``{days_ahead: n}`` says; else one of the last year."""
    hint = field.sample if isinstance(field.sample, Mapping) else {}
    today = world.now.astimezone(world.locale.zone).date()
    if "days_ahead" in hint:
        day = today + timedelta(days=world.random.randint(0, int(hint["days_ahead"])))
    else:
        day = today - timedelta(days=world.random.randint(0, int(hint.get("days_ago", 365))))
    least, most = field.props.get("min"), field.props.get("max")
    day = max(day, date.fromisoformat(least)) if least else day
    return min(day, date.fromisoformat(most)) if most else day
