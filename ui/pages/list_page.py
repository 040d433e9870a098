"""The page of a list, in any of its views: what its templates need, and showing it."""

from dataclasses import dataclass, replace
from typing import Any

from litestar import Response
from markupsafe import Markup

from engine.access.roles import rights_of
from engine.personal.columns import PAGE_SIZES
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.i18n import translate
from ui.page import services_of
from ui.pages.board import BoardView, read_board
from ui.pages.filters import filter_fields
from ui.pages.frame import person_of, show
from ui.pages.list_read import Opening, Reading, attempt, open_list, read_list
from ui.pages.list_state import CALENDAR, KANBAN, ListState, matches_any
from ui.pages.list_view import (
    Action,
    Chip,
    Head,
    PageLink,
    Sum,
    Tab,
    bulk_actions,
    match_url,
    number_text,
    page_actions,
    pager,
    range_text,
    read_chips,
    read_heads,
    read_other_scenes,
    read_rows_html,
    read_sums,
    read_tabs,
)
from ui.pages.month import MonthView, read_month
from ui.pages.peek import PeekView, read_peek
from ui.pages.row_tools import row_tools
from ui.pages.view_choice import (
    Chosen,
    chosen_view,
    field_choices,
    view_buttons,
)
from ui.request import PageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """What the templates of a table need."""

    heads: tuple[Head, ...]
    rows: Markup
    pages: tuple[PageLink, ...]
    bulk: tuple[Action, ...]
    range_text: str
    page_size: int
    has_tools: bool
    count_url: str
    density: str
    page_sizes: tuple[int, ...] = PAGE_SIZES
    sums: tuple[Sum, ...] = ()

    @property
    def can_pick(self) -> bool:
        """Tell whether rows can be chosen: there is something to do with them."""
        return bool(self.bulk)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """What the templates of a list need; of table, board and month there is one."""

    object_key: str
    path: str
    title: str
    singular: str
    icon: str
    view: str
    by: str
    by_choices: tuple[tuple[str, str], ...]
    views: Markup
    total_text: str
    total_plain: str
    tabs: tuple[Tab, ...]
    other_scenes: tuple[Tab, ...]
    chips: tuple[Chip, ...]
    actions: tuple[Action, ...]
    filter_options: Markup
    state_fields: tuple[tuple[str, str], ...]
    search_fields: tuple[tuple[str, str], ...]
    query: str
    is_fragment: bool
    is_filtered: bool
    matches_any: bool
    table: TableView | None = None
    board: BoardView | None = None
    month: MonthView | None = None
    match_url: str = ""
    clear_url: str = ""
    save_url: str = ""
    create_url: str = ""
    import_url: str = ""
    columns_url: str = ""
    own_scene_url: str = ""
    pins_url: str = ""
    group_url: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """One of the three, with the list as it was read and what stands beside its title."""

    opening: Opening
    total: str
    total_text: str
    table: TableView | None = None
    board: BoardView | None = None
    month: MonthView | None = None


def show_list_page(
    request: PageRequest, unit: Unit, state: ListState, *, status: int = 200, problem: str = ""
) -> Response[str]:
    """Show a list as its address says, or as the person likes it; a record may lie over it.

    ``problem`` is what was refused just now.

    Raises:
        UnknownObject: there is no such object, or the actor may do nothing with it.
        Forbidden: its lists are not granted.
    """
    view = _view(request, unit, state)
    if problem:
        view = replace(view, problem=problem)
    peek = read_peek(unit, state) if state.peek and not request.wants_partial else None
    return _answer(request, unit, view, peek, status)


def _answer(
    request: PageRequest, unit: Unit, view: ListView, peek: PeekView | None, status: int
) -> Response[str]:
    return show(
        request,
        unit,
        "records/_list.html" if request.wants_partial else "records/list.html",
        title=view.title,
        active=view.path,
        status=status,
        listing=view,
        peek=peek,
    )


def _view(request: PageRequest, unit: Unit, state: ListState) -> ListView:
    opening = open_list(unit, state)
    chosen = chosen_view(unit, opening.definition, opening.taste, state)
    seen = attempt(opening, lambda one: _see(request, unit, one, chosen))
    opening, state = seen.opening, seen.opening.state
    language, definition = unit.context.locale.language, opening.bound.definition
    fields = state.fields()
    return ListView(
        object_key=state.object,
        path=state.path,
        title=say(definition.plural, language),
        singular=say(definition.label, language),
        icon=definition.icon or "table",
        view=chosen.view,
        by=chosen.by,
        by_choices=field_choices(unit, opening, chosen),
        views=view_buttons(unit, services_of(request).views, opening.definition, chosen),
        total_text=seen.total_text,
        total_plain=seen.total,
        table=seen.table,
        board=seen.board,
        month=seen.month,
        tabs=read_tabs(unit, opening),
        other_scenes=read_other_scenes(unit, opening),
        chips=read_chips(unit, opening),
        actions=page_actions(unit, opening),
        filter_options=_fields(unit, opening),
        state_fields=fields,
        search_fields=tuple(pair for pair in fields if pair[0] != "q"),
        query=state.query,
        is_fragment=request.wants_partial,
        is_filtered=state.is_filtered or bool(opening.scene and opening.scene.where),
        matches_any=matches_any(state.where),
        **_addresses(unit, opening),
    )


def _see(request: PageRequest, unit: Unit, opening: Opening, chosen: Chosen) -> _Seen:
    language = unit.context.locale.language
    if chosen.view == KANBAN:
        board = read_board(unit, opening, chosen.by)
        total = f"{board.total:,}"
        return _Seen(opening, total, translate(language, "list.total", count=total), board=board)
    if chosen.view == CALENDAR:
        month = read_month(unit, opening, chosen.by)
        total = f"{month.total:,}{'+' if month.is_cut else ''}"
        text = translate(language, "calendar.total", month=month.title, count=total)
        return _Seen(opening, total, text, month=month)
    reading = read_list(unit, opening)
    total = number_text(reading.total)
    table = _table(request, unit, reading)
    return _Seen(reading, total, translate(language, "list.total", count=total), table)


def _table(request: PageRequest, unit: Unit, reading: Reading) -> TableView:
    language = unit.context.locale.language
    return TableView(
        heads=read_heads(unit, reading),
        rows=read_rows_html(unit, services_of(request).views, reading),
        pages=pager(reading, language),
        sums=read_sums(unit, reading),
        bulk=bulk_actions(unit, reading),
        range_text=range_text(reading, language),
        density=person_of(request).density or reading.definition.density,
        page_size=reading.limit,
        page_sizes=tuple(sorted({*PAGE_SIZES, reading.limit})),
        has_tools=bool(row_tools(unit, reading.definition)),
        count_url="" if reading.total.exact else f"{reading.state.path}/count{_ask(reading)}",
    )


def _ask(opening: Opening) -> str:
    query = opening.state.url().partition("?")[2]
    return f"?{query}" if query else ""


def _fields(unit: Unit, opening: Opening) -> Markup:
    """Draw the fields that one may filter by, once for everybody with these rights."""
    actor, language = unit.context.actor, unit.context.locale.language
    key = ("filter fields", opening.state.object, actor.roles, actor.superadmin, language)
    return unit.snapshot.once(key, lambda: _options(filter_fields(unit, opening.bound)))


def _options(fields: tuple[tuple[str, str], ...]) -> Markup:
    option = Markup('<option value="{}">{}</option>')
    return Markup("").join(option.format(key, label) for key, label in fields)


def _addresses(unit: Unit, opening: Opening) -> dict[str, Any]:
    rights, state, path = rights_of(unit), opening.state, opening.state.path
    language = unit.context.locale.language
    ask = _ask(opening)
    own = opening.scene is not None and "" in opening.scene.label
    narrowed = state.is_filtered
    return {
        "match_url": match_url(state),
        "clear_url": replace(state, where=None, query="").url() if narrowed else "",
        "save_url": f"{path}/scenes{ask}" if state.where is not None else "",
        "create_url": f"{path}/new" if rights.allows(state.object, "create") else "",
        "import_url": f"{path}/import" if rights.allows(state.object, "import") else "",
        "columns_url": f"{path}/columns{ask}" if opening.definition.personal else "",
        "pins_url": f"{path}/scenes/pins{ask}" if len(opening.scenes) > 1 else "",
        "own_scene_url": f"{path}/scenes/remove{ask}" if own else "",
        "group_url": f"{path}/filter/group{ask}",
        "problem": translate(language, "filter.broken") if state.broken else "",
    }
