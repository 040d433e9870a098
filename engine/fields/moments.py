"""Reading of dates and instants as people, forms, sheets and the API write them."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from engine.errors import InvalidValue
from engine.fields.clean import line, narrow

EARLIEST_YEAR = 1000  # an earlier one is a slip of the pen: 0226-11-03
LATEST_YEAR = 9998  # leaves room for every time zone

_DATE = re.compile(
    r"(?:(?P<y>[0-9]{4})(?P<sep>[-/.年])(?P<m>[0-9]{1,2})(?P<sep2>[-/.月])(?P<d>[0-9]{1,2})日?"
    r"|(?P<y8>[0-9]{4})(?P<m8>[0-9]{2})(?P<d8>[0-9]{2}))"
)
_TIME = re.compile(
    r"(?:[Tt]|\s+)?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"\s*(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
_SEPARATOR_PAIRS = {"-": "-", "/": "/", ".": ".", "年": "月"}


def read_date(raw: object) -> date | None:
    """Read a date: ``2026-11-23``, ``2026/1/5``, ``2026年1月5日``, ``20260105`` or a `date`.

    Raises:
        InvalidValue: no such day, or a time of day that the date would lose.
    """
    if isinstance(raw, datetime):
        if raw.time() != time():
            raise InvalidValue("time_not_allowed")
        return _in_range(raw.date())
    if isinstance(raw, date):
        return _in_range(raw)
    text = _text(raw, "not_a_date")
    if not text:
        return None
    day, rest = _day(text, "not_a_date")
    if rest:
        at = _TIME.fullmatch(rest)
        if at is None:
            raise InvalidValue("not_a_date")
        if at["zone"] or any(int(at[part] or 0) for part in ("hour", "minute", "second")):
            raise InvalidValue("time_not_allowed")
    return day


def read_instant(raw: object, zone: tzinfo) -> datetime | None:
    """Read an instant; without an offset it is meant in ``zone``, without a time at midnight.

    Fractions of a second are dropped: nobody enters them, and no screen shows them.

    Raises:
        InvalidValue: no such day or time.
    """
    if isinstance(raw, datetime):
        return _utc(raw.replace(microsecond=0), zone)
    if isinstance(raw, date):
        return _utc(datetime.combine(raw, time()), zone)
    if isinstance(raw, str) and _PLAIN.fullmatch(raw):
        return _read_plain(raw, zone)
    text = _text(raw, "not_a_datetime")
    if not text:
        return None
    day, rest = _day(text, "not_a_datetime")
    if not rest:
        return _utc(datetime.combine(day, time()), zone)
    at = _TIME.fullmatch(rest)
    if at is None:
        raise InvalidValue("not_a_datetime")
    try:
        clock = time(int(at["hour"]), int(at["minute"]), int(at["second"] or 0))
    except ValueError:
        raise InvalidValue("not_a_datetime") from None
    return _utc(datetime.combine(day, clock, _offset(at["zone"])), zone)


def _read_plain(text: str, zone: tzinfo) -> datetime:
    """Read what programs write, as most imports and all of the API do."""
    try:
        return _utc(datetime.fromisoformat(text), zone)
    except ValueError:
        raise InvalidValue("not_a_datetime") from None


_PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_MINUTES, _SECONDS = len("2026-11-23 09:42"), len("2026-11-23 09:42:00")


def is_whole_day(raw: object) -> bool:
    """Tell whether raw input names a day without a time of day."""
    if isinstance(raw, str):
        return _DATE.fullmatch(narrow(raw)) is not None
    return isinstance(raw, date) and not isinstance(raw, datetime)


def day_start(day: date, zone: tzinfo) -> datetime:
    """Give the instant at which ``day`` begins in ``zone``."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def next_day_start(day: date, zone: tzinfo) -> datetime:
    """Give the instant at which ``day`` is over in ``zone``."""
    return day_start(day + timedelta(days=1), zone)


def show_instant(stored: datetime, zone: tzinfo) -> str:
    """Give an instant as local text, seconds only where there are some."""
    local = stored.astimezone(zone)
    return local.isoformat(" ")[: _SECONDS if local.second else _MINUTES]


def _text(raw: object, reason: str) -> str:
    if raw is not None and not isinstance(raw, str):
        raise InvalidValue(reason)
    return narrow(line(raw))


def _day(text: str, reason: str) -> tuple[date, str]:
    found = _DATE.match(text)
    if found is None or (found["sep"] and _SEPARATOR_PAIRS[found["sep"]] != found["sep2"]):
        raise InvalidValue(reason)
    year, month, day = (int(found[part] or found[f"{part}8"]) for part in ("y", "m", "d"))
    try:
        return _in_range(date(year, month, day)), text[found.end() :]
    except ValueError:
        raise InvalidValue(reason) from None


def _in_range(day: date) -> date:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise InvalidValue("year_out_of_range", least=EARLIEST_YEAR, most=LATEST_YEAR)
    return day


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    try:
        return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
    except ValueError:
        raise InvalidValue("not_a_datetime") from None


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    _in_range(moment.date())
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    instant = aware.astimezone(UTC)
    _in_range(instant.date())
    return instant
