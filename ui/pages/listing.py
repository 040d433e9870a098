"""The list of an object: its page, its filters, its columns and scenes for one person."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from engine.access.roles import rights_of
from engine.errors import FieldError
from engine.personal.columns import PAGE_SIZES, remember_page_size
from engine.records.read import count
from engine.storage.snapshot import Unit
from metadata.conditions import Test
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.page import services_of
from ui.pages.filters import (
    Asking,
    ConditionRefused,
    filter_fields,
    open_editor,
    read_condition,
)
from ui.pages.forms_read import Form, form_of
from ui.pages.frame import redirect, show, show_dialog
from ui.pages.list_read import Reading, list_request, read_list, scene_in, scenes_of
from ui.pages.list_state import ListState, matches_any, number, parts, place_in, read_state
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
    read_rows_html,
    read_sums,
    read_tabs,
)
from ui.pages.peek import PeekView, read_peek
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

INVALID = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """What the templates of a list need."""

    object_key: str
    path: str
    title: str
    singular: str
    icon: str
    total_text: str
    total_plain: str
    range_text: str
    tabs: tuple[Tab, ...]
    chips: tuple[Chip, ...]
    heads: tuple[Head, ...]
    rows: Markup
    pages: tuple[PageLink, ...]
    actions: tuple[Action, ...]
    bulk: tuple[Action, ...]
    filter_options: Markup
    state_fields: tuple[tuple[str, str], ...]
    search_fields: tuple[tuple[str, str], ...]
    query: str
    page_size: int
    is_fragment: bool
    is_filtered: bool
    matches_any: bool
    has_tools: bool
    match_url: str = ""
    clear_url: str = ""
    save_url: str = ""
    create_url: str = ""
    import_url: str = ""
    columns_url: str = ""
    own_scene_url: str = ""
    group_url: str = ""
    count_url: str = ""
    problem: str = ""
    page_sizes: tuple[int, ...] = PAGE_SIZES
    sums: tuple[Sum, ...] = ()

    @property
    def can_pick(self) -> bool:
        """Tell whether rows can be chosen: there is something to do with them."""
        return bool(self.bulk)


class ListController(Controller):
    """Lists. One controller serves every object."""

    path = "/o/{object_key:str}"
    opt = {"right": BY_OBJECT}

    @get(name="records.list", sync_to_thread=True)
    def show_list(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[str]:
        """Show one page of a list; a record may lie over it (``?peek=``)."""
        state = read_state(object_key, request.query_params)
        with site.read(context) as unit:
            reading = read_list(unit, state)
            peek = read_peek(unit, state) if state.peek and not request.wants_partial else None
            return _answer(request, unit, reading, peek)

    @get("/count", name="records.count", sync_to_thread=True)
    def show_count(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Count all that a list keeps, beyond the cap."""
        state = read_state(object_key, request.query_params)
        if not request.wants_partial:
            return redirect(state.url())
        with site.read(context) as unit:
            scene = _scene(unit, state)
            counted = count(unit, list_request(state, scene), cap=None)
            text = number_text(counted)
            return show(request, unit, "records/_count.html", title="", count=text)

    @get("/filter", name="records.filter", sync_to_thread=True)
    def edit_filter(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Draw the editor of a condition; with ``given``, lead to the list that it filters."""
        form = form_of(request.query_params)
        state = read_state(object_key, request.query_params)
        at = place_in(request.query_params.get("at"))
        nodes = parts(state.where)
        node = nodes[at] if at is not None and at < len(nodes) else None
        current = node if isinstance(node, Test) else None
        field = str(request.query_params.get("field", "")) or (current.field if current else "")
        error: FieldError | None = None
        if not field:
            return redirect(state.url())
        with site.read(context) as unit:
            if request.query_params.get("given"):
                try:
                    changed = read_condition(unit, object_key, form)
                    return redirect(state.with_part(at, changed).url())
                except ConditionRefused as refused:
                    error = refused.error
            typed = form if "op" in form else None
            asking = Asking(
                field=field,
                at=at,
                current=current if current and current.field == field else None,
                op=str(request.query_params.get("op", "")),
                form=typed,
                error=error,
            )
            return _editor(request, unit, state, asking)

    @post("/page-size", name="records.page_size", sync_to_thread=True, status_code=303)
    def choose_page_size(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Remember how many rows a person wants to see."""
        with site.write(context) as unit:
            rights_of(unit).require(object_key, "read_list")
            definition = unit.snapshot.site.list_of(object_key)
            remember_page_size(unit, definition, number(data.get("size")) or 0)
        return redirect(read_state(object_key, data).url())


def _scene(unit: Unit, state: ListState) -> Any:
    rights_of(unit).require(state.object, "read_list")
    definition = unit.snapshot.site.list_of(state.object)
    return scene_in(scenes_of(unit, definition), definition, state.scene)


def _editor(request: PageRequest, unit: Unit, state: ListState, asking: Asking) -> Response[Any]:
    editor = open_editor(unit, state, asking)
    title = translate(unit.context.locale.language, "filter.title", name=editor.label)
    answer = show_dialog(
        request,
        unit,
        "records/_filter_editor.html",
        title=title,
        active=state.path,
        status=INVALID if asking.error else 200,
        editor=editor,
    )
    if asking.error and request.wants_partial:
        answer.headers |= {"hx-retarget": "this", "hx-reswap": "outerHTML", "hx-push-url": "false"}
    return answer


def _answer(
    request: PageRequest, unit: Unit, reading: Reading, peek: PeekView | None
) -> Response[str]:
    view = _view(request, unit, reading)
    template = "records/_list.html" if request.wants_partial else "records/list.html"
    return show(
        request,
        unit,
        template,
        title=view.title,
        active=view.path,
        listing=view,
        peek=peek,
    )


def _view(request: PageRequest, unit: Unit, reading: Reading) -> ListView:
    language, state = unit.context.locale.language, reading.state
    definition = reading.bound.definition
    rights = rights_of(unit)
    key, total = state.object, number_text(reading.total)
    state_fields = state.fields()
    return ListView(
        object_key=key,
        path=state.path,
        title=say(definition.plural, language),
        singular=say(definition.label, language),
        icon=definition.icon or "table",
        total_text=translate(language, "list.total", count=total),
        total_plain=total,
        range_text=range_text(reading, language),
        tabs=read_tabs(unit, reading),
        chips=read_chips(unit, reading),
        heads=read_heads(unit, reading),
        rows=read_rows_html(unit, services_of(request).views, reading),
        pages=pager(reading, language),
        sums=read_sums(unit, reading),
        actions=page_actions(unit, reading),
        bulk=bulk_actions(unit, reading),
        filter_options=_fields(unit, reading),
        state_fields=state_fields,
        search_fields=tuple(pair for pair in state_fields if pair[0] != "q"),
        query=state.query,
        page_size=reading.limit,
        is_fragment=request.wants_partial,
        is_filtered=state.is_filtered or bool(reading.scene and reading.scene.where),
        matches_any=matches_any(state.where),
        has_tools=rights.allows(key, "update"),
        page_sizes=tuple(sorted({*PAGE_SIZES, reading.limit})),
        **_addresses(unit, reading),
    )


def _fields(unit: Unit, reading: Reading) -> Markup:
    """Draw the fields that one may filter by, once for everybody with these rights."""
    actor, language = unit.context.actor, unit.context.locale.language
    key = ("filter fields", reading.state.object, actor.roles, actor.superadmin, language)
    return unit.snapshot.once(key, lambda: _options(filter_fields(unit, reading.bound)))


def _options(fields: tuple[tuple[str, str], ...]) -> Markup:
    option = Markup('<option value="{}">{}</option>')
    return Markup("").join(option.format(key, label) for key, label in fields)


def _addresses(unit: Unit, reading: Reading) -> dict[str, Any]:
    rights, state, path = rights_of(unit), reading.state, reading.state.path
    language = unit.context.locale.language
    here = state.url()
    query = here.partition("?")[2]
    ask = f"?{query}" if query else ""
    own = reading.scene is not None and "" in reading.scene.label
    narrowed = state.is_filtered
    return {
        "match_url": match_url(state),
        "clear_url": ListState(object=state.object, scene=state.scene).url() if narrowed else "",
        "save_url": f"{path}/scenes{ask}" if state.where is not None else "",
        "create_url": f"{path}/new" if rights.allows(state.object, "create") else "",
        "import_url": f"{path}/import" if rights.allows(state.object, "import") else "",
        "columns_url": f"{path}/columns{ask}" if reading.definition.personal else "",
        "own_scene_url": f"{path}/scenes/remove{ask}" if own else "",
        "group_url": f"{path}/filter/group{ask}",
        "count_url": "" if reading.total.exact else f"{path}/count{ask}",
        "problem": translate(language, "filter.broken") if state.broken else "",
    }


ROUTES = [ListController]
