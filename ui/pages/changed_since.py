"""What was changed about a record since somebody began to edit it."""

from dataclasses import dataclass

from engine.access.roles import rights_of
from engine.history.read import Seen, SeenChange, read_history
from ui.pages.opened import Opened


@dataclass(frozen=True, slots=True)
class Since:
    """What came after a version: the latest entry, and of each field its first change."""

    latest: Seen | None
    changes: dict[str, SeenChange]


def changed_since(opened: Opened, version: int) -> Since:
    """Read what was saved after a version, of the fields that the person may see."""
    predicate = rights_of(opened.unit).predicate(opened.key, "read")
    latest: Seen | None = None
    first: dict[str, SeenChange] = {}
    before: int | None = None
    while True:
        page = read_history(opened.unit, predicate, opened.key, opened.id, before)
        for entry in page.entries:
            if entry.version <= version:
                return Since(latest, first)
            latest = latest or entry
            first.update({seen.key: seen for seen in entry.changes})
        before = page.before
        if before is None:
            return Since(latest, first)
