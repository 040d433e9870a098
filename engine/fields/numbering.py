"""How number rules make numbers: pure functions; the counter itself is a row of the database.

A number that is taken (typed by hand, or imported) is skipped by asking for the next one.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from metadata.model import NumberRuleDef

FORMATS: Mapping[str, str] = {
    "yyyy": "%Y",
    "yyyyMM": "%Y%m",
    "yyyyMMdd": "%Y%m%d",
    "yy": "%y",
    "yyMM": "%y%m",
    "yyMMdd": "%y%m%d",
}
_PERIODS: Mapping[str, str] = {"never": "", "yearly": "%Y", "monthly": "%Y%m", "daily": "%Y%m%d"}


def counter_key(rule: NumberRuleDef, values: Mapping[str, Any], zone: tzinfo) -> str:
    """Tell which counter of the rule counts: ``"202611"`` when it begins anew every month.

    Args:
        rule: a rule whose reset is no finer than one of its date segments.
        values: stored values of the record by field key; ``created_at`` among them.
        zone: the company's, in which instants become days.

    Returns:
        The period's digits; "" for the one counter of a rule that never begins anew.
    """
    period = _PERIODS[str(_counter(rule).get("reset", "never"))]
    if not period:
        return ""
    finest = max(_dates(rule), key=lambda segment: _fineness(segment["format"]))
    return _day(finest, values, zone).strftime(period)


def next_count(rule: NumberRuleDef, last: int | None) -> int:
    """Give the count after ``last``; None: the period's first."""
    counter = _counter(rule)
    if last is None:
        return int(counter.get("start", 1))
    return last + int(counter.get("step", 1))


def number(rule: NumberRuleDef, values: Mapping[str, Any], count: int, zone: tzinfo) -> str:
    """Give the number: segments in order, joined by the rule's separator.

    A count that outgrows its ``digits`` gets longer; it is never cut.
    """
    parts = []
    for segment in rule.segments.values():
        if "text" in segment:
            parts.append(str(segment["text"]))
        elif "date" in segment:
            parts.append(_day(segment, values, zone).strftime(FORMATS[segment["format"]]))
        else:
            parts.append(f"{count:0{int(segment['digits'])}d}")
    return rule.separator.join(parts)


def date_fields(rule: NumberRuleDef) -> tuple[str, ...]:
    """Give the fields whose values `counter_key` and `number` read, each once."""
    named = (segment.get(word) for segment in _dates(rule) for word in ("date", "or"))
    return tuple(dict.fromkeys(name for name in named if name))


def _counter(rule: NumberRuleDef) -> Mapping[str, Any]:
    return next(segment for segment in rule.segments.values() if "digits" in segment)


def _dates(rule: NumberRuleDef) -> Iterator[Mapping[str, Any]]:
    return (segment for segment in rule.segments.values() if "date" in segment)


def _fineness(format: str) -> int:
    return ("MM" in format) + ("dd" in format)


def _day(segment: Mapping[str, Any], values: Mapping[str, Any], zone: tzinfo) -> date:
    value = values.get(segment["date"]) or values.get(segment.get("or", "created_at"))
    if isinstance(value, datetime):
        return value.astimezone(zone).date()
    if isinstance(value, date):
        return value
    raise ValueError(f"no date for the number: neither {segment['date']} nor its stand-in is set")
