"""Versions of packs and the ranges they accept, ``">=1.0,<2"``."""

import operator
import re
from collections.abc import Callable

ENGINE = "0.1.0"
"""The version of the platform that packs say they need."""

_PART = re.compile(r"(>=|<=|==|>|<)([0-9.]+)")
_TESTS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
_LENGTH = 3
_MOST_DIGITS = 6


def _is_number(part: str) -> bool:
    return part.isdecimal() and len(part) <= _MOST_DIGITS


def numbers(version: str) -> tuple[int, ...]:
    """Give ``1.4`` as ``(1, 4, 0)``; what is no number counts as 0."""
    parts = [int(part) if _is_number(part) else 0 for part in version.split(".")[:_LENGTH]]
    return tuple(parts + [0] * (_LENGTH - len(parts)))


def fits(version: str, accepted: str) -> bool:
    """Tell whether a version lies in every part of a range; an empty range accepts all."""
    return all(
        _TESTS[match[1]](numbers(version), numbers(match[2])) for match in _PART.finditer(accepted)
    )
