"""A list as a calendar: the weeks of a month, each record on the days that a field names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from babel.dates import format_date, format_skeleton
from markupsafe import Markup

from engine.access.roles import rights_of
from engine.query.listing import Page
from engine.query.rows import ID_INDEX, VERSION_INDEX, Row, Slot
from engine.records.read import page
from engine.storage.snapshot import BoundField, Unit
from metadata.conditions import Test
from metadata.model import say
from ui.pages.board import ask_of
from ui.pages.card_faces import compose_faces, movable, read_columns
from ui.pages.layout import settable
from ui.pages.list_read import Opening
from ui.pages.list_state import TABLE, both
from ui.pages.short_numbers import LOCALES
from ui.pages.stars import StarView, card_stars

ENTRIES = 4
"""How many records a day shows; the others stand behind a link."""
MOST_RECORDS = 5_000
"""The most records of a month that are placed; a month with more says so."""
WEEK = 7
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record on a day; ``begins`` and ``ends``: the stretch does so on this day."""

    id: int
    version: int
    name: Markup
    time: str
    tone: str
    can_move: bool
    begins: bool = True
    ends: bool = True
    star: StarView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day with its records. ``label`` is the whole date, ``short`` what a phone shows."""

    on: str
    number: int
    label: str
    short: str
    is_today: bool
    is_outside: bool
    entries: tuple[Entry, ...]
    more: int = 0
    more_url: str = ""
    create_url: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days; ``is_chosen``: the one that a phone shows."""

    days: tuple[Day, ...]
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthView:
    """What the templates of a calendar need; addresses lead a month, or a week, on or back."""

    object_key: str
    by: str
    label: str
    title: str
    weekdays: tuple[str, ...]
    weeks: tuple[Week, ...]
    before_url: str
    after_url: str
    week_before_url: str
    week_after_url: str
    today_url: str
    total: int
    is_cut: bool
    takes: bool
    ask: str

    @property
    def move_url(self) -> str:
        """Give the address that moves a record to another day."""
        return f"/o/{self.object_key}/move"


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the days are made of: ``first`` and ``last`` are the ends of the weeks shown."""

    unit: Unit
    opening: Opening
    field: BoundField
    on: date
    first: date
    last: date
    tone: str

    @property
    def language(self) -> str:
        return self.unit.context.locale.language

    @property
    def babel(self) -> str:
        return LOCALES.get(self.language, "en")

    @property
    def today(self) -> date:
        return today(self.unit)


@dataclass(frozen=True, slots=True)
class _Span:
    """A record with its first and last day."""

    row: Row
    begin: date
    end: date
    time: str = ""


Draw = Callable[[_Span, date], Entry]
"""Draws a record on a day: only those that are shown, of however many there are."""


def today(unit: Unit) -> date:
    """Give the day it is for the company."""
    return unit.context.now.astimezone(unit.context.locale.zone).date()


def read_month(unit: Unit, opening: Opening, by: str) -> MonthView:
    """Read the month of the day that the address names."""
    ground = _ground(unit, opening, by)
    facts = (ground.tone,) if ground.tone else ()
    columns = read_columns(unit, opening, by, facts)
    ends = (ground.first.isoformat(), ground.last.isoformat())
    where = both(opening.request.where, Test(by, "between", ends))
    request = replace(opening.request, where=where, sort=(by,))
    found = page(unit, replace(request, columns=columns, limit=MOST_RECORDS))
    slot = found.slots[by]
    spans = [_span(ground, slot, row) for row in found.rows]
    placed, draw = _placed(ground, spans), _drawer(ground, found)
    starts = _days(ground.first, ground.last, WEEK)
    weeks = tuple(_week(ground, start, placed, draw) for start in starts)
    return _view(ground, weeks, spans, is_cut=found.has_more)


def _ground(unit: Unit, opening: Opening, by: str) -> _Ground:
    on = date.fromisoformat(opening.state.on) if opening.state.on else today(unit)
    begin = on.replace(day=1)
    end = _month(begin, 1) - DAY
    return _Ground(
        unit,
        opening,
        opening.bound.fields[by],
        on,
        first=_monday(begin),
        last=_monday(end) + 6 * DAY,
        tone=_tone_path(unit, opening),
    )


def _month(begin: date, step: int) -> date:
    """Give the first day of a month some months on."""
    number = begin.year * 12 + begin.month - 1 + step
    return date(number // 12, number % 12 + 1, 1)


def _monday(day: date) -> date:
    return day - day.weekday() * DAY


def _days(first: date, last: date, step: int = 1) -> Iterator[date]:
    for at in range(0, (last - first).days + 1, step):
        yield first + at * DAY


def _tone_path(unit: Unit, opening: Opening) -> str:
    """Give the field of options whose colours the entries have: the first column that is one."""
    rights = rights_of(unit)
    for column in opening.columns:
        field = opening.bound.fields.get(column.path)
        if field is None or field.definition.type != "select":
            continue
        if not rights.field_mask(opening.bound.key, field.key):
            return column.path
    return ""


def _placed(ground: _Ground, spans: Sequence[_Span]) -> Mapping[date, list[_Span]]:
    """Give what lies on each day, in the order of its beginning."""
    placed: dict[date, list[_Span]] = {}
    for span in spans:
        for day in _days(max(span.begin, ground.first), min(span.end, ground.last)):
            placed.setdefault(day, []).append(span)
    return placed


def _drawer(ground: _Ground, found: Page) -> Draw:
    """Make the function that draws a record on a day."""
    faces = compose_faces(ground.unit, ground.opening, (), found.slots)
    may = movable(ground.unit, ground.opening, ground.field.key, found)
    star = card_stars(ground.unit, ground.opening.bound.key)

    def draw(span: _Span, day: date) -> Entry:
        row, name = span.row, faces(span.row).name
        return Entry(
            id=row[ID_INDEX],
            version=row[VERSION_INDEX],
            name=name,
            star=star(row[ID_INDEX], name.unescape()),
            time=span.time,
            tone=_tone(ground, found, row),
            can_move=row[ID_INDEX] in may,
            begins=day == span.begin,
            ends=day == span.end,
        )

    return draw


def _span(ground: _Ground, slot: Slot, row: Row) -> _Span:
    """Give first and last day of a record, and the time of day where it has one."""
    value = slot.value(row)
    if isinstance(value, tuple):
        return _Span(row, value[0], value[1])
    if isinstance(value, datetime):
        local = value.astimezone(ground.unit.context.locale.zone)
        day = local.date()
        return _Span(row, day, day, f"{local:%H:%M}")
    return _Span(row, value, value)


def _tone(ground: _Ground, found: Page, row: Row) -> str:
    if not ground.tone:
        return ""
    slot = found.slots[ground.tone]
    option = slot.field.definition.options.get(slot.value(row) or "")
    return option.color if option else ""


def _week(ground: _Ground, start: date, placed: Mapping[date, list[_Span]], draw: Draw) -> Week:
    days = tuple(
        _day(ground, day, placed.get(day, []), draw) for day in _days(start, start + 6 * DAY)
    )
    return Week(days, is_chosen=start == _monday(ground.on))


def _day(ground: _Ground, day: date, there: list[_Span], draw: Draw) -> Day:
    state, by = ground.opening.state, ground.field.key
    shown = there if len(there) <= ENTRIES else there[: ENTRIES - 1]
    one = Test(by, "contains" if ground.field.type.span else "eq", day.isoformat())
    return Day(
        on=day.isoformat(),
        number=day.day,
        label=format_date(day, "full", locale=ground.babel),
        short=format_skeleton("MMMEd", day, locale=ground.babel),
        is_today=day == ground.today,
        is_outside=day.month != ground.on.month,
        entries=tuple(draw(span, day) for span in shown),
        more=len(there) - len(shown),
        more_url=state.with_part(None, one).url(view=TABLE, by="", on=""),
        create_url=_create_url(ground, day),
    )


def _create_url(ground: _Ground, day: date) -> str:
    unit, key, field = ground.unit, ground.opening.bound.key, ground.field
    if not rights_of(unit).allows(key, "create") or field.key not in settable(unit, key, new=True):
        return ""
    at = f"{day.isoformat()}T09:00" if field.type.formula_kind == "datetime" else day.isoformat()
    return f"/o/{key}/new?{field.key}={at}"


def _view(
    ground: _Ground, weeks: tuple[Week, ...], spans: Sequence[_Span], *, is_cut: bool
) -> MonthView:
    state, key = ground.opening.state, ground.opening.bound.key
    begin = ground.on.replace(day=1)
    monday, end = _monday(ground.first), _month(begin, 1)
    inside = [span for span in spans if span.begin < end and span.end >= begin]
    return MonthView(
        object_key=key,
        by=ground.field.key,
        label=say(ground.field.definition.label, ground.language),
        title=format_skeleton("yMMMM", begin, locale=ground.babel),
        weekdays=tuple(
            format_skeleton("E", monday + at * DAY, locale=ground.babel) for at in range(WEEK)
        ),
        weeks=weeks,
        before_url=state.url(on=_month(begin, -1).isoformat()),
        after_url=state.url(on=_month(begin, 1).isoformat()),
        week_before_url=state.url(on=(ground.on - WEEK * DAY).isoformat()),
        week_after_url=state.url(on=(ground.on + WEEK * DAY).isoformat()),
        today_url=state.url(on=""),
        total=len(inside),
        is_cut=is_cut,
        takes=ground.field.key in settable(ground.unit, key, new=False),
        ask=ask_of(state),
    )
