"""A condition without its values: what a cached statement depends on. All parts are hashable.

Values stand apart, under the names of ``slot``; equal shapes have equal slots.
"""

from dataclasses import dataclass, replace
from typing import Literal

from engine.query.predicate import AccessPredicate, Membership

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
class Shared:
    """The actor is in the team of the record; ``object`` is its id."""

    object: int
    slot: str


@dataclass(frozen=True, slots=True)
class Related:
    """Some live record of ``object``, in reach, points here by ``link`` and meets ``where``."""

    object: str
    link: str
    where: "Shape | None"
    scope: "Scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """The shape of an access predicate; ``slot`` holds the owner or the list of owners.

    ``team``: the level of membership that lets further records through, "" where none does;
    ``object`` is the id of theirs.
    """

    kind: Literal["none", "all", "one", "some"]
    slot: str = "owners"
    team: Literal["", "read", "write"] = ""
    object: int = 0


Shape = Never | Leaf | Both | Group | Opposite | Related | Shared

NEVER = Never()


def member_values(found: Membership, slot: str) -> dict[str, object]:
    """Give what is bound for a membership under the name of a slot."""
    return {f"{slot}_me": found.user, f"{slot}_at": found.at}


def scope_of(predicate: AccessPredicate, slot: str) -> tuple[Scope, dict[str, object]]:
    """Give the shape of a predicate and what to bind for it."""
    scope, values = _of_owners(predicate, slot)
    found = predicate.team
    if found is None or scope.kind == "all":
        return scope, values
    shared = replace(scope, slot=slot, team=found.level, object=found.object_id)
    return shared, {**values, **member_values(found, slot)}


def _of_owners(predicate: AccessPredicate, slot: str) -> tuple[Scope, dict[str, object]]:
    if predicate.shape == "all":
        return Scope("all"), {}
    if predicate.shape == "none" or not predicate.owner_ids:
        return Scope("none"), {}
    if len(predicate.owner_ids) == 1:
        return Scope("one", slot), {slot: predicate.owner_ids[0]}
    return Scope("some", slot), {slot: predicate.owner_ids}
