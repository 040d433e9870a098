"""How a list opens, and what its kanban and calendar are drawn by: read and set in the draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metadata.documents import look_up
from metadata.model import KanbanDef, ListDef, say
from ui.designer import changes as draft
from ui.designer.changes import MISSING, Change
from ui.designer.drafted import drafted
from ui.designer.layouts import list_document, with_list
from ui.designer.workspace import Workspace
from ui.pages.list_read import NEVER_LISTED
from ui.pages.list_state import CALENDAR, KANBAN, TABLE
from ui.pages.view_choice import makes_columns, makes_days

VIEWS = "views"
"""The form that sends them."""
VIEW = "view"
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """What the form of the views shows: what is set, and what may be: key and label."""

    view: str
    by: str
    sum: str
    date: str
    by_choices: Choices
    sum_choices: Choices
    date_choices: Choices

    @property
    def views(self) -> tuple[str, ...]:
        """Give the views that the object's fields allow."""
        kanban = (KANBAN,) if self.by_choices else ()
        return (TABLE, *kanban, *((CALENDAR,) if self.date_choices else ()))


def view_settings(workspace: Workspace, object_key: str) -> ViewSettings:
    """Read the views of a list as the draft has them."""
    listed, language = workspace.site.list_of(object_key), workspace.language
    fields = drafted(workspace).snapshot.object(object_key).fields

    def labelled(suits: Any) -> Choices:
        return tuple(
            (key, say(one.definition.label, language))
            for key, one in fields.items()
            if key not in NEVER_LISTED and suits(one)
        )

    kanban = listed.kanban or KanbanDef(by="")
    return ViewSettings(
        view=listed.view,
        by=kanban.by,
        sum=kanban.sum,
        date=listed.calendar,
        by_choices=labelled(makes_columns),
        sum_choices=labelled(
            lambda one: one.type.formula_kind == "number" and not one.definition.system
        ),
        date_choices=labelled(makes_days),
    )


def set_views(
    workspace: Workspace, object_key: str, view: str, by: str, total: str, date: str
) -> Sequence[Change]:
    """Say how the list opens, which field makes columns, what they add up, which one days.

    A view that is to open first gets the first field that suits where none was chosen.
    """
    known = view_settings(workspace, object_key)
    by = _one_of(by, known.by_choices, needed=view == KANBAN)
    date = _one_of(date, known.date_choices, needed=view == CALENDAR)
    total = _one_of(total, known.sum_choices) if by else ""
    wanted: dict[str, Any] = {
        VIEW: view if view in known.views else TABLE,
        KANBAN: _kanban(workspace.site.list_of(object_key), by, total) if by else MISSING,
        CALENDAR: {"date": date} if date else MISSING,
    }
    made = with_list(workspace, object_key, [dict(one) for one in workspace.changes])
    document = list_document(workspace, object_key, made)
    published = workspace.published(document)
    for name, value in wanted.items():
        before = look_up(published.body, name, MISSING) if published is not None else MISSING
        whole = name in workspace.local(document)  # what the site wrote as one, it rewrites as one
        if isinstance(value, dict) and isinstance(before, dict) and not whole:
            made = _inside(made, document, name, value, before)
        else:
            usual = TABLE if name == VIEW else MISSING
            before = usual if before is MISSING else before
            made = draft.set_value(made, document, name, value, published=before)
    return made


def _inside(
    made: list[Change], document: str, name: str, value: dict[str, Any], before: dict[str, Any]
) -> list[Change]:
    """Change only the properties that differ, so that the pack goes on deciding the others."""
    for key in dict.fromkeys((*before, *value)):
        old, new = before.get(key, MISSING), value.get(key, MISSING)
        made = draft.set_value(made, document, f"{name}/{key}", new, published=old)
    return made


def _kanban(listed: ListDef, by: str, total: str) -> dict[str, Any]:
    """Give the kanban; what its cards show stays while the columns do."""
    found: dict[str, Any] = {"by": by}
    if total:
        found["sum"] = total
    if listed.kanban and listed.kanban.by == by and listed.kanban.card:
        found["card"] = {path: {} for path in listed.kanban.card}
    return found


def _one_of(key: str, known: Choices, *, needed: bool = False) -> str:
    keys = [one for one, _ in known]
    if key in keys:
        return key
    return keys[0] if needed and keys else ""
