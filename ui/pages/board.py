"""A list as a kanban: a column for each option of a field, with its count, sum and first cards.

One statement counts and sums all columns, one reads the cards of all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from engine.access.roles import rights_of
from engine.query.aggregates import Group, Measure
from engine.query.listing import ListRequest, Page
from engine.query.parts import MOST_PARTS
from engine.query.rows import ID_INDEX, VERSION_INDEX, Row
from engine.records.read import grouped, page, parts
from engine.storage.snapshot import BoundField, Unit
from metadata.conditions import Test
from metadata.model import OptionDef, say
from ui.i18n import translate
from ui.pages.card_faces import (
    Face,
    compose_faces,
    face_columns,
    movable,
    read_columns,
)
from ui.pages.layout import settable
from ui.pages.list_read import Opening, may_read
from ui.pages.list_state import TABLE, ListState, both
from ui.pages.short_numbers import short_number
from ui.pages.stars import StarView, card_stars
from ui.widgets.select import tag

CARDS = 20
"""How many cards a column shows, and how many more at a time."""
NONE = "none"
"""Stands in ids for the column of what holds no option; no option has a key of this kind."""
COUNT = Measure("count")


@dataclass(frozen=True, slots=True)
class Card:
    """A record on the board; ``part`` is the key of its column."""

    id: int
    version: int
    part: str
    face: Face
    can_move: bool
    star: StarView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An option with its records; ``key`` is "" for records without one."""

    key: str
    anchor: str
    title: Markup
    label: str
    count: int
    sum: str
    sum_whole: str
    cards: tuple[Card, ...]
    takes: bool
    more_url: str = ""
    rest_url: str = ""
    create_url: str = ""

    @property
    def rest(self) -> int:
        """Give how many records stand below the cards."""
        return self.count - len(self.cards)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """What the templates of a board need."""

    object_key: str
    by: str
    label: str
    sum_label: str
    columns: tuple[Column, ...]
    total: int
    ask: str

    @property
    def move_url(self) -> str:
        """Give the address that moves a card."""
        return f"/o/{self.object_key}/move"


@dataclass(frozen=True, slots=True)
class _Tally:
    """How many records an option has, and what they add up to."""

    value: str | None
    count: int
    total: Any = None


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every column is made of."""

    unit: Unit
    opening: Opening
    field: BoundField
    facts: tuple[str, ...]
    sums: BoundField | None

    @property
    def request(self) -> ListRequest:
        columns = read_columns(self.unit, self.opening, self.field.key, self.facts)
        return replace(self.opening.request, columns=columns, limit=CARDS)


def read_board(unit: Unit, opening: Opening, by: str) -> BoardView:
    """Read a board: every column that has records, and those that records may be put into."""
    ground = _ground(unit, opening, by)
    tallies = _tallies(ground)
    filled = [one.value for one in tallies if one.count]
    pages = dict(zip(filled, parts(unit, ground.request, by, filled), strict=True))
    columns = tuple(_column(ground, one, pages.get(one.value)) for one in tallies)
    return _view(ground, columns)


def read_heads_of_board(unit: Unit, opening: Opening, by: str) -> BoardView:
    """Read a board without its cards: what a move changes beside the card."""
    ground = _ground(unit, opening, by)
    return _view(ground, tuple(_column(ground, one, None) for one in _tallies(ground)))


def read_more(unit: Unit, opening: Opening, by: str, value: str | None, number: int) -> Column:
    """Read the next cards of one column; ``number`` counts its pages of cards from 1."""
    ground = _ground(unit, opening, by)
    tally = next((one for one in _tallies(ground) if one.value == value), _Tally(value, 0))
    where = both(opening.request.where, holds_value(by, value))
    found = page(unit, replace(ground.request, where=where, page=number))
    column = _column(ground, tally, found)
    left = tally.count - (number - 1) * CARDS - len(found.rows)
    shown = len(column.cards)
    more = _more_url(ground, column.key, number + 1) if left > 0 else ""
    return replace(column, count=shown + max(left, 0), more_url=more)


def read_card(unit: Unit, opening: Opening, by: str, record_id: int) -> Card | None:
    """Read one card of the board; None where the list does not hold the record."""
    ground = _ground(unit, opening, by)
    where = both(opening.request.where, Test("id", "eq", record_id))
    found = page(unit, replace(ground.request, where=where, limit=1))
    cards = _cards(ground, found)
    return cards[0] if cards else None


def holds_value(by: str, value: str | None) -> Test:
    """Give the condition that a record stands in a column."""
    return Test(by, "empty") if value is None else Test(by, "eq", value)


def _ground(unit: Unit, opening: Opening, by: str) -> _Ground:
    declared = opening.definition.kanban
    path = declared.sum if declared else ""
    sums = (
        opening.bound.fields[path] if path and may_read(unit, opening.bound.key, (path,)) else None
    )
    if sums is not None and rights_of(unit).field_mask(opening.bound.key, sums.key):
        sums = None
    facts = face_columns(unit, opening, by)
    return _Ground(unit, opening, opening.bound.fields[by], facts, sums)


def _tallies(ground: _Ground) -> list[_Tally]:
    """Count every column: the options in their order, then what else records hold."""
    wanted = [COUNT, *([Measure("sum", ground.sums.key)] if ground.sums else [])]
    request, by = ground.opening.request, ground.field.key
    found: dict[Any, Group] = {
        group.keys[0]: group for group in grouped(ground.unit, request, wanted, (by,)).groups
    }
    options = ground.field.definition.options
    keys = [key for key, option in options.items() if not option.retired or key in found]
    strays = [key for key in found if key is not None and key not in options]
    first: list[str | None] = [None] if None in found else []
    tallies = [_tally(key, found.get(key)) for key in [*first, *keys, *strays]]
    if len(tallies) > MOST_PARTS:
        tallies = [one for one in tallies if one.count][:MOST_PARTS]
    return tallies


def _tally(value: str | None, group: Group | None) -> _Tally:
    if group is None:
        return _Tally(value, 0)
    return _Tally(value, group.values[0], group.values[1] if len(group.values) > 1 else None)


def _column(ground: _Ground, tally: _Tally, found: Page | None) -> Column:
    unit, state, by = ground.unit, ground.opening.state, ground.field.key
    locale, key = unit.context.locale, tally.value or ""
    option = ground.field.definition.options.get(key)
    label = _label(ground, key, option)
    takes = bool(option and not option.retired) and by in settable(unit, state.object, new=False)
    cards = _cards(ground, found) if found else ()
    narrowed = state.with_part(None, holds_value(by, tally.value))
    whole = _text(ground, tally.total)
    return Column(
        key=key,
        anchor=f"column-{key or NONE}",
        title=Markup(tag(option, locale)) if option else Markup("{}").format(label),  # noqa: S704
        label=label,
        count=tally.count,
        sum=short_number(whole, locale.language),
        sum_whole=whole,
        cards=cards,
        takes=takes,
        more_url=_more_url(ground, key, 2) if tally.count > len(cards) else "",
        rest_url=narrowed.url(view=TABLE, by="", on=""),
        create_url=_create_url(ground, key),
    )


def _label(ground: _Ground, key: str, option: OptionDef | None) -> str:
    language = ground.unit.context.locale.language
    if option is not None:
        return say(option.label, language)
    return key or translate(language, "kanban.none")


def _text(ground: _Ground, total: Any) -> str:
    if ground.sums is None or total is None:
        return ""
    return ground.sums.type.text(total, ground.sums.definition, ground.unit.context.locale)


def _cards(ground: _Ground, found: Page) -> tuple[Card, ...]:
    unit, opening = ground.unit, ground.opening
    faces = compose_faces(unit, opening, ground.facts, found.slots)
    may = movable(unit, opening, ground.field.key, found)
    slot = found.slots[ground.field.key]
    star = card_stars(unit, opening.bound.key) if found.rows else None

    def card(row: Row) -> Card:
        face, number = faces(row), row[ID_INDEX]
        mine = star(number, face.name.unescape()) if star else None
        part = slot.value(row) or ""
        return Card(number, row[VERSION_INDEX], part, face, number in may, mine)

    return tuple(card(row) for row in found.rows)


def _view(ground: _Ground, columns: Sequence[Column]) -> BoardView:
    language, sums = ground.unit.context.locale.language, ground.sums
    definition = ground.field.definition
    return BoardView(
        object_key=ground.opening.bound.key,
        by=ground.field.key,
        label=say(definition.label, language),
        sum_label=say(sums.definition.label, language) if sums else "",
        columns=tuple(columns),
        total=sum(column.count for column in columns),
        ask=ask_of(ground.opening.state),
    )


def ask_of(state: ListState) -> str:
    """Give what stands after the question mark of the list's address."""
    return state.url().partition("?")[2]


def _more_url(ground: _Ground, key: str, number: int) -> str:
    state = ground.opening.state
    own = f"column={key}&at={number}"
    ask = ask_of(replace(state, by=ground.field.key))
    return f"{state.path}/board?{ask}&{own}" if ask else f"{state.path}/board?{own}"


def _create_url(ground: _Ground, key: str) -> str:
    unit, state, by = ground.unit, ground.opening.state, ground.field.key
    if not key or not rights_of(unit).allows(state.object, "create"):
        return ""
    if by not in settable(unit, state.object, new=True):
        return ""
    return f"{state.path}/new?{by}={key}"
