"""What can be done with a row of a list where it stands: what its document offers, by right.

Rows are drawn alike for everybody who may do the same; an action that does not fit a record is
taken away afterwards, where the columns tell, and refused by its dialog where they do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from engine.access.roles import rights_of
from engine.query.listing import Page
from engine.query.rows import ID_INDEX
from engine.records.act import DeclaredAction, declared_actions
from engine.records.evaluate import fields_of
from engine.storage.snapshot import Unit
from metadata.model import ListDef, say
from ui.i18n import translate
from ui.pages.action_form import ICON
from ui.pages.opened import plain
from ui.views import Views

STANDARD = {"update": ("edit", "square-pen", "record.edit", ""),
            "delete": ("delete", "trash-2", "record.delete", " data-dialog")}  # fmt: skip
"""Actions of any object that a row can offer: end of the address, icon, name, how it opens."""


@dataclass(frozen=True, slots=True)
class RowTool:
    """A link of every row; ``end`` is what its address ends in."""

    end: str
    icon: str
    label: str
    opens: str


def row_tools(unit: Unit, listed: ListDef) -> tuple[RowTool, ...]:
    """Give what the rows of a list offer the person, composed once per version and roles."""
    actor, language = unit.context.actor, unit.context.locale.language
    place = (listed.key, actor.roles, actor.superadmin, actor.limits, language)
    return unit.snapshot.once(("row tools", *place), lambda: tuple(_tools(unit, listed)))


def tools_html(views: Views, object_key: str, tools: tuple[RowTool, ...]) -> str:
    """Draw them for `ui.pages.rows.RowStyle`; "" for none."""
    if not tools:
        return ""
    drawn = "".join(_link(views, object_key, tool) for tool in tools)
    return f'<td class="is-tools"><span class="h-row-tools">{drawn}</span></td>'


def without_unfit(unit: Unit, listed: ListDef, page: Page, rows: Markup) -> Markup:
    """Take actions from the rows that they do not fit."""
    judged = _judged(unit, listed)
    if not page.rows or not judged:
        return rows
    text, object_key = str(rows), listed.object
    for key, action in judged.items():
        when = action.definition.when
        if not all(name in page.slots for name in fields_of(when)):
            continue
        slots = [(name, page.slots[name]) for name in fields_of(when)]
        for row in page.rows:
            if action.holds(unit, {name: plain(slot.value(row)) for name, slot in slots}):
                continue
            place = f'href="/o/{object_key}/{row[ID_INDEX]}/do/{key}"'
            text = text.replace(place, f"hidden {place}", 1)
    return Markup(text)  # noqa: S704 - it was drawn safely


def _judged(unit: Unit, listed: ListDef) -> dict[str, DeclaredAction]:
    """Give the offered actions that are for some records alone."""
    declared = declared_actions(unit, listed.object)
    ends = {tool.end for tool in row_tools(unit, listed)}
    return {
        key: action
        for key, action in declared.items()
        if f"do/{key}" in ends and action.when is not None
    }


def _tools(unit: Unit, listed: ListDef) -> Iterator[RowTool]:
    rights, language = rights_of(unit), unit.context.locale.language
    declared = declared_actions(unit, listed.object)
    for key in listed.row_actions:
        if not rights.allows(listed.object, key):
            continue
        if key in STANDARD:
            end, icon, name, opens = STANDARD[key]
            yield RowTool(end, icon, translate(language, name), opens)
        elif key in declared:
            definition = declared[key].definition
            label = say(definition.label, language)
            yield RowTool(f"do/{key}", definition.icon or ICON, label, " data-dialog")


def _link(views: Views, object_key: str, tool: RowTool) -> str:
    label = escape(tool.label)
    return (
        f'<a class="h-btn is-quiet is-small is-icon" href="/o/{object_key}/{{id}}/{tool.end}"'
        f'{tool.opens} aria-label="{label}" title="{label}">{views.icon(tool.icon)}</a>'
    )
