"""What kinds of values formulas compute with, and a formula after its names were looked up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

TEXT, NUMBER, BOOLEAN, DATE, DATETIME, SELECT = (
    "text", "number", "boolean", "date", "datetime", "select"
)  # fmt: skip
REGION, LINK, NOTHING = "region", "link", "null"
"""A region and a link are no values to compute with: they can be shown, or be empty."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """The type of a part of a formula.

    ``currency``: of money; "" for a plain number. ``scale``: decimals of the stored integer.
    ``options``: keys and shown texts of a select field.
    """

    kind: str
    currency: str = ""
    scale: int = 0
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is written in the formula."""

    value: Decimal | str | bool | None
    type: ValueType
    at: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """The value of a field of the record, or of one that it links to."""

    path: str
    type: ValueType
    at: int = 0


@dataclass(frozen=True, slots=True)
class Apply:
    """A function or an operator."""

    function: str
    arguments: tuple["Typed", ...]
    type: ValueType
    at: int = 0


Typed = Constant | Field | Apply


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read and checked.

    ``returns``: the type of the field that it fills. ``volatile``: the moment decides.
    """

    root: Typed
    returns: ValueType
    paths: tuple[str, ...]
    size: int
    volatile: bool = False
    shown: tuple[str, ...] = field(default=())  # paths whose text only the engine can make


def walk(node: Typed) -> Iterator[Typed]:
    """Walk a formula, parents first."""
    yield node
    if isinstance(node, Apply):
        for argument in node.arguments:
            yield from walk(argument)


def described(value: ValueType) -> dict[str, Any]:
    """Give the parameters that tell a type in a message."""
    return {"kind": value.kind, "currency": value.currency}
