"""A filter of a log as it is asked for in an address: by people and by programs alike."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from engine.context import Locale
from engine.errors import FieldError, InvalidInput, InvalidValue
from engine.fields.moments import read_date, read_instant
from engine.logs.wanted import DATA, SIGN_INS, SYSTEM, LogFilter

WORDS: Mapping[str, Collection[str]] = {
    SIGN_INS: ("since", "until", "by", "who", "action", "about", "address"),
    DATA: ("since", "until", "by", "who", "action", "address", "object", "record"),
    SYSTEM: ("since", "until", "by", "who", "action", "about", "address", "marked"),
}
"""Log -> what its filter takes."""
NUMBERS = ("by", "record")
LONGEST = 100
DAY_LENGTH = len("2026-11-23")


def parse_filter(log: str, raw: Mapping[str, str], locale: Locale) -> LogFilter:
    """Read a filter; a day alone means all of it, in the company's time zone.

    Raises:
        InvalidInput: lists what cannot be read.
    """
    found: dict[str, Any] = {}
    errors: list[FieldError] = []
    for word in WORDS[log]:
        text = raw.get(word, "").strip()[:LONGEST]
        if not text:
            continue
        try:
            found[word] = _value(word, text, locale)
        except InvalidValue as error:
            errors.append(FieldError(word, error.reason, error.params))
    if errors:
        raise InvalidInput(errors)
    return LogFilter(**found)


def _value(word: str, text: str, locale: Locale) -> Any:
    if word in NUMBERS:
        if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004 - 63 bits
            raise InvalidValue("not_a_number")
        return int(text)
    if word in {"since", "until"}:
        return _instant(word, text, locale)
    if word == "marked":
        return text in {"1", "true"}
    return text


def _instant(word: str, text: str, locale: Locale) -> datetime | None:
    day = len(text) <= DAY_LENGTH
    if day and word == "until":
        last = read_date(text)
        return None if last is None else read_instant(last + timedelta(days=1), locale.zone)
    return read_instant(text, locale.zone)
