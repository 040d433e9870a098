"""A formula as it is written: names are not looked up yet."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, true, false, or null (None)."""

    value: Decimal | str | bool | None
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Name:
    """A field, or a path over links."""

    path: str
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function (or an operator, by the function's name) with its arguments."""

    name: str
    arguments: tuple["Tree", ...]
    at: int
    until: int
    sign: str = ""  # how it is written, where it is an operator


Tree = Literal | Name | Call
