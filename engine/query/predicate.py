"""The proof that rights were asked: nothing in this package reads records without one."""

from dataclasses import dataclass
from typing import Literal

Shape = Literal["none", "all", "owners"]


@dataclass(frozen=True, slots=True)
class AccessPredicate:
    """Which records of ``object`` an action reaches. Constructed in `engine.access` alone.

    ``shape``: none of them, all of them, or those whose owner is among ``owner_ids``. Where
    nobody owns records, "owners" reaches none.
    """

    object: str
    action: str
    shape: Shape
    owner_ids: tuple[int, ...] = ()

    def admits(self, owner: int | None) -> bool:
        """Tell whether a record with this owner is let through."""
        if self.shape == "all":
            return True
        return self.shape == "owners" and owner is not None and owner in self.owner_ids
