"""A field that takes the value of another one until somebody overrides it.

Whether somebody did stands in a field beside it. Where nothing stands there, the record is older
than the rule: what it holds was somebody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.derived.graph import graph_of
from engine.storage.snapshot import BoundObject, Snapshot
from metadata.computed import overridden

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Follower:
    """A field ``key`` that takes the value of ``source``; ``flag`` remembers who decides.

    ``explained``: what somebody gives is explained by other fields, and stands only until the
    source changes.
    """

    key: str
    source: str
    flag: str
    explained: bool

    def is_own(self, values: Values) -> bool:
        """Tell whether the record keeps a value that somebody gave."""
        known = values.get(self.flag)
        return values.get(self.key) is not None if known is None else bool(known)

    def settled(self, values: Values, *, stays: bool) -> dict[str, Any]:
        """Give field and flag as they must be; ``stays``: what somebody gave may stand."""
        own = self.is_own(values) and (stays or not self.explained)
        return {
            self.key: values.get(self.key) if own else values.get(self.source),
            self.flag: own,
        }


def followers(snapshot: Snapshot, bound: BoundObject) -> tuple[Follower, ...]:
    """Give the fields of an object that follow others, each behind what it follows."""
    return snapshot.once(("followers", bound.key), lambda: _followers(snapshot, bound))


def _followers(snapshot: Snapshot, bound: BoundObject) -> tuple[Follower, ...]:
    found = []
    for one in graph_of(snapshot).own.get(bound.key, ()):
        follows = bound.fields[one.key].definition.follows
        if follows is not None:
            explained = bool(follows.sets)
            found.append(Follower(one.key, follows.field, overridden(one.key), explained))
    return tuple(found)
