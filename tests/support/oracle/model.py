"""What everybody in a company may read, person by person and record by record, as documented.

Written from the documentation of rights alone: nothing of the product is imported.
"""

from collections.abc import Iterable
from functools import cached_property

from tests.support.oracle.papers import FOLDER, LINE, ROLES, SHELF
from tests.support.oracle.world import Paper, World

READS, WRITES = ("read", "read_list", "follow_up"), ("update",)
"""Actions that a team helps with, by reading and by writing members."""
LEVELS = ("hidden", "read", "edit")
MASKS = ("always", "list", "")
SEEN_BY_ALL = ("name", "owner")


class Viewer:
    """One person who looks at a world."""

    def __init__(self, world: World, user: int) -> None:
        """Look with the eyes of ``user``."""
        self.world = world
        self.me = world.person(user)

    def allows(self, object_key: str, action: str = "read") -> bool:
        """Tell whether some role grants an action, and some role reading with it."""
        granted = {one for role in self.me.roles for one in _granted(role, object_key)}
        wanted = "read" if action == "read_list" else action
        return {"read", wanted} <= granted

    def may(self, paper: Paper, action: str = "read") -> bool:
        """Tell whether he may do something with a record; the bin aside."""
        if not self.allows(paper.object, action):
            return False
        if self._in_scope(paper, action) and self._in_scope(paper, "read"):
            return True
        level = self._level(paper)
        return (action in READS and level != "") or (action in WRITES and level == "write")

    def reads(self, object_key: str, action: str = "read") -> list[Paper]:
        """Give the living records that an action reaches."""
        return [one for one in self.world.all_of(object_key) if self.may(one, action)]

    def restores(self, object_key: str) -> list[Paper]:
        """Give what lies in the bin and may be brought back by him."""
        binned = self.world.all_of(object_key, binned=True)
        return [one for one in binned if self.may(one, "restore")]

    def level(self, object_key: str, field: str) -> str:
        """Tell what he may do with a field."""
        return self._field(object_key, field)[0]

    def mask(self, object_key: str, field: str) -> str:
        """Tell where a field is covered for him."""
        return self._field(object_key, field)[1]

    def sees(self, object_key: str, field: str) -> bool:
        """Tell whether he may see a field, covered or not."""
        return self.level(object_key, field) != "hidden"

    def whole(self, object_key: str, field: str, *, listed: bool = True) -> bool:
        """Tell whether he sees all of a field, in lists or on the record's page."""
        mask = self.mask(object_key, field)
        return self.sees(object_key, field) and (mask == "" or (mask == "list" and not listed))

    def admin(self, right: str) -> bool:
        """Tell whether he holds an administration right."""
        return any(right in ROLES[role]["admin"] for role in self.me.roles)

    @cached_property
    def readable_names(self) -> frozenset[int]:
        """Give the records whose names he may come to read: his own reach, and what it links.

        A link tells the name of what it points to, as the page of the record that holds it does.
        """
        found = {one.id for key in (FOLDER, "x_sheet", SHELF) for one in self.reads(key)}
        found |= {one.id for key in (FOLDER, "x_sheet") for one in self.restores(key)}
        for one in self.world.papers:
            if one.id in found:
                found |= {each for each in (one.shelf, one.folder) if each is not None}
        return frozenset(found)

    def reads_lines(self, folder: Paper) -> bool:
        """Tell whether he may read the lines of a folder: they go with it."""
        return self.may(folder) and self.whole(FOLDER, "lines", listed=False)

    def _field(self, object_key: str, field: str) -> tuple[str, str]:
        if object_key == LINE:
            return ("edit", "")
        held = [ROLES[role]["objects"].get(object_key, {}) for role in self.me.roles]
        rights = [_right(one["fields"], field) for one in held if "read" in one]
        seeing = [(level, mask) for level, mask in rights if level != "hidden"]
        if not seeing:
            return ("hidden", "")
        return (
            max((one[0] for one in seeing), key=LEVELS.index),
            max((one[1] for one in seeing), key=MASKS.index),
        )

    def _in_scope(self, paper: Paper, action: str) -> bool:
        for role in self.me.roles:
            granted = _granted(role, paper.object)
            named = "read" if action == "read_list" else action
            if named in granted and self._reaches(role, granted[named], paper.owner):
                return True
        return False

    def _reaches(self, role: str, scope: str, owner: int | None) -> bool:
        if scope == "all":
            return True
        if owner is None:
            return False
        return owner == self.me.id or (scope != "own" and self._goes_to(role, scope, owner))

    def _goes_to(self, role: str, scope: str, owner: int) -> bool:
        mine, room = self.me.department, self._room(owner)
        match scope:
            case "own_and_reports":
                return self._is_above(owner)
            case "department":
                return room is not None and room == mine
            case "department_tree":
                return mine in self._rooms_above(owner)
        return room in self.world.chosen[role]

    def _is_above(self, other: int) -> bool:
        """Go up from somebody, whether or not those on the way still work here."""
        seen: set[int] = set()
        above = self.world.person(other).manager
        while above is not None and above not in seen:
            if above == self.me.id:
                return True
            seen.add(above)
            above = self.world.person(above).manager
        return False

    def _room(self, user: int) -> int | None:
        return self.world.person(user).department

    def _rooms_above(self, user: int) -> set[int | None]:
        room, found = self._room(user), set[int | None]()
        while room is not None:
            found.add(room)
            room = self.world.parents[room]
        return found

    def _level(self, paper: Paper) -> str:
        for share in self.world.shares:
            mine = (share.object, share.record, share.user) == (paper.object, paper.id, self.me.id)
            if mine and (share.expires_at is None or share.expires_at > self.world.now):
                return share.level
        return ""


def ids(papers: Iterable[Paper]) -> set[int]:
    """Give the ids of records."""
    return {one.id for one in papers}


def _granted(role: str, object_key: str) -> dict[str, str]:
    held = ROLES[role]["objects"].get(object_key, {})
    return {action: scope for action, scope in held.items() if action != "fields"}


def _right(fields: dict[str, object], field: str) -> tuple[str, str]:
    right = fields.get(field, "edit")
    if isinstance(right, dict):
        return str(right["level"]), str(right["mask"])
    return str(right), ""
