"""A record as a panel over its list: the same facts and fields, in little room."""

from dataclasses import dataclass

from litestar import Response, get
from litestar.params import FromPath
from markupsafe import Markup

from engine.errors import RecordNotFound
from engine.storage.snapshot import Unit
from ui.given import GivenContext, GivenSite
from ui.pages.acting import ActionView, offered_actions
from ui.pages.frame import redirect, show
from ui.pages.list_state import ListState
from ui.pages.opened import Fact, Opened, open_record
from ui.pages.record_view import TabView, badges_of, facts_of, open_tabs
from ui.pages.stars import StarView, star_of
from ui.pages.values import ValueSection, value_sections
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class PeekView:
    """What the template of the panel needs."""

    id: int
    url: str
    close_url: str
    name: str
    badges: tuple[Markup, ...]
    facts: tuple[Fact, ...]
    tabs: tuple[TabView, ...]
    sections: tuple[ValueSection, ...]
    edit_url: str = ""
    star: StarView | None = None
    version: int = 0
    actions: tuple[ActionView, ...] = ()

    @property
    def place(self) -> str:
        """Give object and id, as what was opened last is remembered."""
        return self.url.removeprefix("/o/")


@get("/o/{object_key:str}/{record_id:int}/peek", name="record.peek", sync_to_thread=True,
     right=BY_OBJECT)  # fmt: skip
def show_peek(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[str] | Response[None]:
    """Show a record over its list; asked for as a page, that is the list with the panel open."""
    if not request.wants_partial:
        return redirect(ListState(object=object_key).url(peek=record_id))
    with site.read(context) as unit:
        opened = open_record(unit, object_key, record_id)
        view = peek_view(opened, ListState(object=object_key))
        return show(request, unit, "records/_peek.html", title=view.name, peek=view)


def read_peek(unit: Unit, state: ListState) -> PeekView | None:
    """Read the record that lies over a list; None where it is out of reach."""
    if state.peek is None:
        return None
    try:
        return peek_view(open_record(unit, state.object, state.peek), state)
    except RecordNotFound:
        return None


def peek_view(opened: Opened, state: ListState) -> PeekView:
    """Give the panel of a record; what its facts say is not said again below."""
    said = {opened.detail.title, *opened.detail.facts, *opened.detail.badges}
    sections = []
    for section in value_sections(opened, opened.form):
        items = tuple(one for one in section.items if one.key not in said and one.html)
        if items:
            sections.append(ValueSection(section.label, items))
    return PeekView(
        id=opened.id,
        url=opened.url,
        close_url=state.url(page=state.page),
        name=opened.name,
        badges=badges_of(opened),
        facts=facts_of(opened),
        tabs=tuple(open_tabs(opened)),
        sections=tuple(sections),
        star=star_of(opened),
        version=opened.version,
        actions=tuple(offered_actions(opened)),
        edit_url=f"{opened.url}/edit" if opened.may("update") else "",
    )


ROUTES = [show_peek]
