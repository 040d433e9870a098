"""Which records a list, a count or a sum is about: scope, condition, search text, bin."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import false, func, not_

from engine.query.conditions import Conditions, Truth
from engine.query.operands import bind
from engine.query.paths import Source
from engine.query.predicate import AccessPredicate
from engine.query.search_terms import Sought, is_common, is_found, sought
from engine.query.shapes import Scope, Shape, scope_of
from engine.storage.snapshot import Unit
from metadata.conditions import Node
from metadata.model import EMPTY

Way = Literal["scope", "team"]
DEFAULT_SORT = ("-updated_at",)
DEFAULT_LIMIT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """What a caller wants to see of one object.

    ``columns`` and ``sort`` are paths (``-`` before one: largest first); ``page`` counts from 1
    and is ignored beside a ``cursor``. ``search`` looks into ``search_fields`` (None: every
    searched field). ``bin``: records in the recycle bin instead of living ones. ``scopes`` says
    what of other objects ``exists`` may see, ``this`` holds stored values of the record being
    edited.
    """

    object: str
    columns: tuple[str, ...] = ()
    where: Node | None = None
    sort: tuple[str, ...] = DEFAULT_SORT
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    page: int | None = None
    search: str = ""
    search_fields: tuple[str, ...] | None = None
    bin: bool = False
    scopes: Mapping[str, AccessPredicate] = field(default_factory=lambda: EMPTY)
    this: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Selection:
    """The shape of a set of records; hashable, without values."""

    object: str
    scope: Scope
    where: Shape | None
    sought: Sought | None
    bin: bool

    @property
    def ways(self) -> tuple[Way, ...]:
        """Give the ways that lead to the records; each is a query of its own, and cheap.

        A rule of the form "mine or shared" would make the database look at every record.
        """
        if not self.scope.team:
            return ("scope",)
        return ("team",) if self.scope.kind == "none" else ("scope", "team")

    @property
    def is_everything(self) -> bool:
        """Tell whether these are all living records."""
        rest = (self.where, self.sought)
        return self.scope.kind == "all" and rest == (None, None) and not self.bin

    def terms(
        self, source: Source, conditions: Conditions, way: Way, *, along: bool = False
    ) -> list[Truth]:
        """Give the conditions of the records of one way; their joins are added to ``source``.

        Args:
            source: the table that is read.
            conditions: writes them.
            way: one of `ways`; a record may be met on both.
            along: see `Conditions.owned`.
        """
        deleted = source.table.c.deleted_at
        found: list[Truth] = [deleted.is_not(None) if self.bin else deleted.is_(None)]
        if way == "team":
            found.append(conditions.shared(source, self.scope))
        elif self.scope.kind != "all":
            found.append(conditions.owned(source, self.scope, along=along))
        if self.where is not None:
            found.append(conditions.where(source, self.where))
        if self.sought is not None:
            # Of the few that are shared, each one's entry is looked at.
            looked = replace(self.sought, common=True) if way == "team" else self.sought
            id_, dialect = source.table.c.id, conditions.dialect
            found.append(is_found(looked, source.bound, id_, dialect))
        return found

    def apart(
        self, source: Source, conditions: Conditions, way: Way, *, along: bool = False
    ) -> list[Truth]:
        """Give the conditions of one way so that no record is met on two: for counts and sums."""
        found = self.terms(source, conditions, way, along=along)
        if way == "team" and self.scope.kind != "none":
            owned = conditions.owned(source, self.scope)
            found.append(not_(func.coalesce(owned, false())))
        return found


def choose(
    unit: Unit, predicate: AccessPredicate, request: ListRequest, *, walking: bool = False
) -> tuple[Selection, dict[str, Any]]:
    """Read a request: the shape of its records, and the values for the shape's slots.

    ``walking``: the first page of the newest is wanted; what is common is found on the way.

    Raises:
        UnknownObject: there is no such object.
        UnknownField: a path of the condition leads nowhere.
        InvalidInput: operators or values that do not fit.
    """
    if predicate.object != request.object:
        raise ValueError(f"a predicate of {predicate.object} for {request.object}")
    bound = unit.snapshot.object(request.object)
    scope, owners = scope_of(predicate, "owners")
    condition = bind(unit, bound, request.where, scopes=request.scopes, this=request.this)
    values: dict[str, Any] = {**condition.values, **owners}
    looked: Sought | None = None
    if request.search.strip():
        dialect = unit.connection.dialect.name
        looked, terms = sought(bound, request.search, request.search_fields, dialect, predicate)
        values.update(terms)
        wanted = request.limit + 1
        if walking and request.where is None and is_common(unit, bound, looked, terms, wanted):
            looked = replace(looked, common=True)
    return Selection(bound.key, scope, condition.shape, looked, request.bin), values
