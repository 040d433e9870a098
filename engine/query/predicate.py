"""The proof that rights were asked: nothing in this package reads records without one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Shape = Literal["none", "all", "owners"]
Level = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Membership:
    """The records in whose team ``user`` is at the instant ``at``, beyond those of the scope.

    ``level``: "write" leaves out those that he may only read.
    """

    object_id: int
    user: int
    level: Level
    at: datetime

    def suffices(self, held: str) -> bool:
        """Tell whether what somebody holds in a team, "" for nothing, is enough."""
        return held in {"write", self.level}


@dataclass(frozen=True, slots=True)
class AccessPredicate:
    """Which records of ``object`` an action reaches. Constructed in `engine.access` alone.

    ``shape``: none of them, all of them, or those whose owner is among ``owner_ids``. Where
    nobody owns records, "owners" reaches none. ``team`` adds records to these; None: it adds
    none, or the shape is "all".
    """

    object: str
    action: str
    shape: Shape
    owner_ids: tuple[int, ...] = ()
    team: Membership | None = None

    def covers(self, owner: int | None) -> bool:
        """Tell whether a record with this owner is within the scope, whoever is in its team.

        Whether it is in reach at all tells `engine.query.members.admits`.
        """
        if self.shape == "all":
            return True
        return self.shape == "owners" and owner is not None and owner in self.owner_ids
