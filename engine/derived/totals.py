"""What a roll-up makes of its children, whether a query adds them up or they are at hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.formulas.values import largest
from engine.query.programs import value_type
from engine.storage.snapshot import BoundField, BoundObject, Snapshot
from metadata.computed import Computed

EMPTY_SUMS: Mapping[str, Any] = {"count": 0, "sum": 0}
"""What a roll-up is while there are no children; the others are nothing then."""


class Totals:
    """The arithmetic of one roll-up, on stored values."""

    def __init__(self, snapshot: Snapshot, child: BoundObject, field: BoundField) -> None:
        """Prepare for the roll-up ``field`` of a record, over records of ``child``."""
        language = snapshot.site.languages[0]
        given = value_type(field, language)
        self.computed = _computed(field)
        self._most = largest(given)
        self._moved = 0
        if self.computed.field:
            self._moved = (
                given.scale - value_type(child.field(self.computed.field), language).scale
            )

    def total(self, whole: int) -> int | None:
        """Give a sum; None when the field cannot hold it."""
        return whole if abs(whole) <= self._most else None

    def average(self, whole: int, count: int) -> int | None:
        """Give the mean of ``count`` values, rounded half up, away from zero."""
        if not count:
            return None
        moved = whole * 10**self._moved
        size = (2 * abs(moved) + count) // (2 * count)
        found = size if moved >= 0 else -size
        return found if size <= self._most else None

    def of(self, children: Sequence[Mapping[str, Any]]) -> Any:
        """Give the roll-up over children whose stored values are at hand."""
        if self.computed.agg == "count":
            return len(children)
        filled = [one[self.computed.field] for one in children]
        filled = [value for value in filled if value is not None]
        if self.computed.agg == "sum":
            return self.total(sum(filled))
        if self.computed.agg == "avg":
            return self.average(sum(filled), len(filled))
        if not filled:
            return None
        return min(filled) if self.computed.agg == "min" else max(filled)


def _computed(field: BoundField) -> Computed:
    computed = field.definition.computed
    if computed is None or not computed.list:
        raise ValueError(f"{field.key} is no roll-up")
    return computed
