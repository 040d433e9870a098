"""Reading and showing of exact numbers; amounts are integers scaled by a power of ten."""

import math
import re
from decimal import Context, Decimal

from engine.errors import InvalidValue
from engine.fields.clean import line, narrow
from engine.fields.words import MULTIPLES

LARGEST_SCALED = 10**18 - 1  # fits BIGINT, and a sum of nine such values still does
LARGEST_INTEGER = 2**53 - 1  # beyond it JSON clients and sheets lose digits

_NUMBER = re.compile(r"[+-]?(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)")
_WIDE = Context(prec=400)
_LONGEST = 80
_GROUPED_FROM = 10_000


def read_number(raw: object) -> Decimal | None:
    """Read a number from JSON or from text such as ``1,280.50``, ``１２`` or ``12 万``.

    Raises:
        InvalidValue: it is no finite number.
    """
    if isinstance(raw, str) or raw is None:
        text = line(raw)
        return _from_text(text) if text else None
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise InvalidValue("not_a_number")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise InvalidValue("not_a_number")
    number = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    if not number.is_finite():
        raise InvalidValue("not_a_number")
    return number


def _from_text(text: str) -> Decimal:
    plain = narrow(text).replace("−", "-")
    times = MULTIPLES.get(plain[-1:], 1)
    if times > 1:
        plain = plain[:-1].rstrip()
    if not _NUMBER.fullmatch(plain):
        raise InvalidValue("not_a_number")
    if len(plain) > _LONGEST:
        raise InvalidValue("out_of_range")
    return _WIDE.multiply(Decimal(plain.replace(",", "")), Decimal(times))


def scaled(number: Decimal, scale: int) -> int:
    """Give ``number`` as an integer of its ``scale``-th decimal; nothing is rounded.

    Raises:
        InvalidValue: more decimals than ``scale``, or too large to store.
    """
    if not -LARGEST_SCALED <= number <= LARGEST_SCALED:
        raise InvalidValue("out_of_range")
    moved = _WIDE.multiply(number, Decimal(10**scale))
    if moved != moved.to_integral_value(context=_WIDE):
        raise InvalidValue("too_many_decimals" if scale else "not_a_whole_number", most=scale)
    whole = int(moved)
    if abs(whole) > LARGEST_SCALED:
        raise InvalidValue("out_of_range")
    return whole


def plain(value: int, scale: int) -> str:
    """Give a scaled integer as text of the API: ``-1280.50``."""
    if not scale:
        return str(value)
    whole, rest = divmod(abs(value), 10**scale)
    return f"{'-' if value < 0 else ''}{whole}.{rest:0{scale}d}"


def grouped(value: int, scale: int) -> str:
    """Give a scaled integer as people read it: ``-1,280.50``."""
    whole, rest = divmod(abs(value), 10**scale)
    text = f"{whole:,}.{rest:0{scale}d}" if scale else f"{whole:,}"
    return f"-{text}" if value < 0 else text


def counted(value: int) -> str:
    """Give a whole number as people read it; a year keeps its four digits together."""
    return f"{value:,}" if abs(value) >= _GROUPED_FROM else str(value)
