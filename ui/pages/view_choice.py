"""Which views a list has: a table always, a kanban and a calendar where its fields allow one.

Nothing has to be declared: any field of options makes columns of cards, any date a calendar.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from markupsafe import Markup

from engine.access.roles import rights_of
from engine.personal.columns import ListTaste, remember_view
from engine.records.read import visible_fields
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.model import ListDef, say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.forms_read import Form
from ui.pages.frame import redirect
from ui.pages.list_read import NEVER_LISTED, Opening
from ui.pages.list_state import CALENDAR, KANBAN, TABLE, VIEWS, ListState, read_state
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.views import Views

DAYS = frozenset({"date", "datetime"})
ICONS = {TABLE: "table", KANBAN: "kanban", CALENDAR: "calendar-days"}
BUTTON = Markup(
    '<button class="h-btn is-quiet is-small is-icon{css}" name="switch" value="{key}"'
    ' aria-label="{label}" title="{label}" aria-pressed="{pressed}">{icon}</button>'
)


@dataclass(frozen=True, slots=True)
class ViewFields:
    """The fields that a person may draw each view by; the usual one first."""

    kanban: tuple[str, ...]
    calendar: tuple[str, ...]

    def of(self, view: str) -> tuple[str, ...]:
        """Give the fields of a view; none for a table."""
        return {KANBAN: self.kanban, CALENDAR: self.calendar}.get(view, ())


@dataclass(frozen=True, slots=True)
class Chosen:
    """The view that a list shows now, and the field that it is drawn by ("" for a table)."""

    view: str
    by: str = ""


def view_fields(unit: Unit, definition: ListDef) -> ViewFields:
    """Tell what views of a list a person may have, once for everybody with these rights."""
    actor = unit.context.actor
    key = ("view fields", definition.key, actor.roles, actor.superadmin)
    return unit.snapshot.once(key, lambda: _fields(unit, definition))


def chosen_view(unit: Unit, definition: ListDef, taste: ListTaste, state: ListState) -> Chosen:
    """Choose the view: what the address says, then the person's last, then the document's."""
    known = view_fields(unit, definition)
    for view in (state.view, taste.view, definition.view):
        if view == TABLE:
            break
        fields = known.of(view)
        if fields:
            wanted = [by for by in (state.by, taste.by.get(view, "")) if by in fields]
            return Chosen(view, wanted[0] if wanted else fields[0])
    return Chosen(TABLE)


def view_buttons(unit: Unit, views: Views, definition: ListDef, chosen: Chosen) -> Markup:
    """Draw the buttons that switch between the views, once; none where there is but the table."""
    actor, language = unit.context.actor, unit.context.locale.language
    key = ("views", definition.key, actor.roles, actor.superadmin, language, chosen.view)
    return unit.snapshot.once(key, lambda: _buttons(unit, views, definition, chosen))


def _buttons(unit: Unit, views: Views, definition: ListDef, chosen: Chosen) -> Markup:
    language, known = unit.context.locale.language, view_fields(unit, definition)
    there = [view for view in VIEWS if view == TABLE or known.of(view)]
    if len(there) == 1:
        return Markup("")
    return Markup("").join(
        BUTTON.format(
            key=view,
            label=translate(language, f"view.{view}"),
            css=" is-on" if view == chosen.view else "",
            pressed="true" if view == chosen.view else "false",
            icon=views.icon(ICONS[view]),
        )
        for view in there
    )


def field_choices(unit: Unit, opening: Opening, chosen: Chosen) -> tuple[tuple[str, str], ...]:
    """Give the fields that the present view may be drawn by, each with its label."""
    language = unit.context.locale.language
    return tuple(
        (key, say(opening.bound.fields[key].definition.label, language))
        for key in view_fields(unit, opening.definition).of(chosen.view)
    )


@post("/o/{object_key:str}/view", name="records.view", sync_to_thread=True, right=BY_OBJECT,
      status_code=303)  # fmt: skip
def choose_view(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Switch to a view, and remember it for this person and list."""
    state = read_state(object_key, data)
    with site.write(context) as unit:
        rights_of(unit).require(object_key, "read_list")
        definition = unit.snapshot.site.list_of(object_key)
        known = view_fields(unit, definition)
        wanted = str(data.get("switch", ""))
        view = wanted if wanted == TABLE or known.of(wanted) else state.view or TABLE
        by = state.by if state.by in known.of(view) else ""
        remember_view(unit, definition, view, by)
    return redirect(state.url(view=view, by=by, on=state.on if view == CALENDAR else ""))


def _fields(unit: Unit, definition: ListDef) -> ViewFields:
    bound = unit.snapshot.object(definition.object)
    declared = definition.kanban.by if definition.kanban else ""
    return ViewFields(
        kanban=tuple(_usable(unit, bound, definition, declared, makes_columns)),
        calendar=tuple(_usable(unit, bound, definition, definition.calendar, makes_days)),
    )


def _usable(
    unit: Unit, bound: BoundObject, definition: ListDef, declared: str, suits: Any
) -> Iterable[str]:
    """Give the fields that suit: what is declared, columns of the list, others, the system's."""
    rights, visible = rights_of(unit), visible_fields(unit, bound.key)
    own = [key for key in visible if not bound.fields[key].definition.system]
    rest = [key for key in visible if bound.fields[key].definition.system]
    for key in dict.fromkeys((declared, *definition.columns, *own, *rest)):
        if key not in visible or key in NEVER_LISTED or not suits(bound.fields[key]):
            continue
        if not rights.field_mask(bound.key, key):  # of what is covered one sees but the ends
            yield key


def makes_columns(field: BoundField) -> bool:
    """Tell whether a field can make the columns of a kanban."""
    return field.type.has_options and field.type.groupable and not field.many


def makes_days(field: BoundField) -> bool:
    """Tell whether a field can place records in a calendar."""
    return field.type.formula_kind in DAYS or field.type.span


ROUTES = [choose_view]
