"""Cards of a kanban and entries of a calendar: a record in little room, composed once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from engine.access.roles import rights_of
from engine.context import Locale
from engine.query.listing import Page
from engine.query.members import admitted
from engine.query.paths import resolve
from engine.query.rows import ID_INDEX, Row, Slot
from engine.records.ownership import OWNER
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.pages.layout import settable
from ui.pages.list_read import Opening, may_read
from ui.pages.opened import plain
from ui.pages.rows import cell_of, covered_cell, covered_paths, text_cell
from ui.pages.sentences import path_label
from ui.widgets.base import Cell

MOST_FACTS = 4
"""What a card shows below its name where the list's document does not say."""


@dataclass(frozen=True, slots=True)
class Face:
    """What a record shows in little room: its name, and label and value of each fact it has."""

    name: Markup
    facts: tuple[tuple[str, Markup], ...]


Faces = Callable[[Row], Face]


def face_columns(unit: Unit, opening: Opening, by: str) -> tuple[str, ...]:
    """Give the paths of a card's facts: what the document says, else the list's first columns."""
    kanban, bound = opening.definition.kanban, opening.bound
    if kanban and kanban.by == by and kanban.card:
        return tuple(path for path in kanban.card if may_read(unit, bound.key, (path,)))
    found = []
    for column in opening.columns:
        field = resolve(unit.snapshot, bound, column.path).field
        if column.path not in {bound.name.key, by} and not field.type.lines:
            found.append(column.path)
    return tuple(found[:MOST_FACTS])


def read_columns(unit: Unit, opening: Opening, by: str, facts: tuple[str, ...]) -> tuple[str, ...]:
    """Give the paths that must be read: name, field, facts, and the owner, whom rights go by."""
    bound = opening.bound
    owner = (OWNER,) if OWNER in bound.fields and may_read(unit, bound.key, (OWNER,)) else ()
    return tuple(dict.fromkeys((bound.name.key, by, *facts, *owner)))


def compose_faces(
    unit: Unit, opening: Opening, facts: tuple[str, ...], slots: Mapping[str, Slot]
) -> Faces:
    """Make the function that draws a record in little room, once for everybody who may see so."""
    actor, locale = unit.context.actor, unit.context.locale
    place = (opening.bound.key, facts, actor.roles, actor.superadmin, locale)
    # Slots differ where other columns stand before them.
    spots = tuple((path, slot.index) for path, slot in slots.items())
    return unit.snapshot.once(
        ("faces", *place, spots), lambda: _faces(unit, opening, facts, slots, locale)
    )


def _faces(
    unit: Unit,
    opening: Opening,
    facts: tuple[str, ...],
    slots: Mapping[str, Slot],
    locale: Locale,
) -> Faces:
    bound, hidden = opening.bound, covered_paths(unit, opening.bound, slots)
    labels = {column.path: column.label for column in opening.columns if column.label}
    name_slot = slots[bound.name.key]
    named = (covered_cell if bound.name.key in hidden else text_cell)(name_slot, locale)
    cells: list[tuple[str, Cell]] = []
    for path in facts:
        label = (
            say(labels[path], locale.language)
            if path in labels
            else path_label(resolve(unit.snapshot, bound, path), locale.language)
        )
        draw = covered_cell if path in hidden else cell_of
        cells.append((label, draw(slots[path], locale)))

    def draw_one(row: Row) -> Face:
        shown = ((label, Markup(cell(row))) for label, cell in cells)  # noqa: S704 - escaped
        name = Markup(named(row) or f"#{row[0]}")  # noqa: S704 - as above
        return Face(name, tuple(pair for pair in shown if pair[1]))

    return draw_one


def movable(unit: Unit, opening: Opening, by: str, found: Page) -> frozenset[int]:
    """Give the records whose field that places them this person may change.

    The write gateway asks again, with the rules of the record; this only decides what is offered.
    """
    key = opening.bound.key
    rights = rights_of(unit)
    if by not in settable(unit, key, new=False) or not rights.allows(key, "update"):
        return frozenset()
    owner = found.slots.get(OWNER)
    owners = {row[ID_INDEX]: plain(owner.value(row)) if owner else None for row in found.rows}
    return admitted(unit, rights.predicate(key, "update"), owners)
