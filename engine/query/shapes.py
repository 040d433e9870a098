"""A condition without its values: what a cached statement depends on. All parts are hashable.

Values stand apart, under the names of ``slot``; equal shapes have equal slots.
"""

from dataclasses import dataclass
from typing import Literal

from engine.query.predicate import AccessPredicate

Compare = Literal["eq", "ne", "gt", "gte", "lt", "lte"]
Word = Literal[
    "eq", "ne", "gt", "gte", "lt", "lte", "range", "not_range", "between", "in", "not_in",
    "contains", "not_contains", "starts_with", "has", "has_not", "has_any", "has_none",
    "empty", "not_empty", "pair",
    "covers", "overlaps", "inside", "ends_before", "ends_until",
]  # fmt: skip
"""``range`` is half-open, ``between`` closed; ``has…`` look at the side table of many values;
``pair`` compares two columns; ``covers``, ``overlaps``, ``inside`` and ``ends…`` those of a
stretch of days."""


@dataclass(frozen=True, slots=True)
class Never:
    """Holds for no record."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """``path word slot``; two-ended words use ``<slot>_end`` as well."""

    path: str
    word: Word
    slot: str


@dataclass(frozen=True, slots=True)
class Both:
    """A comparison of two fields."""

    path: str
    word: Compare
    other: str


@dataclass(frozen=True, slots=True)
class Group:
    """All or any of ``parts``."""

    every: bool
    parts: tuple["Shape", ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """``part`` does not hold; where it is unknown to SQL, it does not hold either."""

    part: "Shape"


@dataclass(frozen=True, slots=True)
class Related:
    """Some live record of ``object``, in reach, points here by ``link`` and meets ``where``."""

    object: str
    link: str
    where: "Shape | None"
    scope: "Scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """The shape of an access predicate; ``slot`` holds the owner or the list of owners."""

    kind: Literal["none", "all", "one", "some"]
    slot: str = "owners"


Shape = Never | Leaf | Both | Group | Opposite | Related

NEVER = Never()


def scope_of(predicate: AccessPredicate, slot: str) -> tuple[Scope, dict[str, object]]:
    """Give the shape of a predicate and what to bind for it."""
    if predicate.shape == "all":
        return Scope("all"), {}
    if predicate.shape == "none" or not predicate.owner_ids:
        return Scope("none"), {}
    if len(predicate.owner_ids) == 1:
        return Scope("one", slot), {slot: predicate.owner_ids[0]}
    return Scope("some", slot), {slot: predicate.owner_ids}
