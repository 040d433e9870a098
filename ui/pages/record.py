"""The page of one record: header, facts, tabs; a tab is read when it is opened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from markupsafe import Markup

from engine.access.roles import rights_of
from engine.errors import RecordNotFound
from engine.storage.snapshot import Unit
from metadata.model import DetailTabDef, say
from ui.given import GivenContext, GivenSite
from ui.pages.frame import show
from ui.pages.list_state import number
from ui.pages.peek import read_panel
from ui.pages.record_history import HistoryView, history_of
from ui.pages.record_read import Seen, read_record
from ui.pages.related import RelatedView, inverse_of, related_of, tab_label
from ui.pages.values import SectionView, ValueView, badges_of, facts_of, sections_of
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

SHOWN = frozenset({"form", "related", "history"})
"""Types of tabs that can be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TabView:
    """A tab's head."""

    label: str
    url: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """What the templates of a record's page need. One of the last three is filled."""

    name: str
    plural: str
    list_url: str
    binned: bool
    badges: tuple[Markup, ...]
    facts: tuple[ValueView, ...]
    tabs: tuple[TabView, ...]
    edit_url: str = ""
    delete_url: str = ""
    customise_url: str = ""
    values: tuple[SectionView, ...] | None = None
    related: RelatedView | None = None
    history: HistoryView | None = None


@get("/o/{object_key:str}/{record_id:int}", name="record", sync_to_thread=True, right=BY_OBJECT)
def show_record(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[Any]:
    """Show a record, or the tab that was opened."""
    with site.read(context) as unit:
        seen, binned = _read(unit, object_key, record_id)
        view = _view(seen, request.query_params, binned=binned)
        template = "records/_tabs.html" if request.wants_partial else "records/record.html"
        return show(
            request, unit, template, title=view.name, active=f"/o/{object_key}", record=view
        )


@get(
    "/o/{object_key:str}/{record_id:int}/peek",
    name="record.peek",
    sync_to_thread=True,
    right=BY_OBJECT,
)
def show_peek(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[Any]:
    """Show a record in the panel that lies over its list."""
    with site.read(context) as unit:
        panel = read_panel(unit, object_key, record_id)
        return show(request, unit, "records/_peek.html", title=panel.name, peek=panel)


def _read(unit: Unit, object_key: str, record_id: int) -> tuple[Seen, bool]:
    """Read the record, from the bin where the reader may look into it."""
    detail = unit.snapshot.site.details.get(unit.snapshot.site.default_details.get(object_key, ""))
    also = (*detail.facts, *detail.badges) if detail is not None else ()
    try:
        return read_record(unit, object_key, record_id, also), False
    except RecordNotFound:
        if not rights_of(unit).allows(object_key, "restore"):
            raise
        return read_record(unit, object_key, record_id, also, bin=True), True


def _view(seen: Seen, asked: Mapping[str, Any], *, binned: bool) -> RecordView:
    unit, key = seen.unit, seen.bound.key
    detail = unit.snapshot.site.detail_of(key)
    tabs = {tab.key: tab for tab in _tabs(seen, detail.tabs.values())}
    wanted = str(asked.get("tab", ""))
    opened = tabs.get(wanted) or next(iter(tabs.values()))
    language = unit.context.locale.language
    may_change = not binned and seen.may("update")
    may_delete = not binned and seen.may("delete")
    may_customise = rights_of(unit).admin("metadata")
    return RecordView(
        name=seen.name,
        plural=say(seen.bound.definition.plural, language),
        list_url=f"/o/{key}",
        binned=binned,
        badges=badges_of(seen, detail.badges),
        facts=facts_of(seen, detail.facts),
        tabs=tuple(
            TabView(
                label=tab_label(seen, tab),
                url=f"{seen.path}?tab={tab.key}",
                active=tab.key == opened.key,
            )
            for tab in tabs.values()
        ),
        edit_url=f"{seen.path}/edit" if may_change else "",
        delete_url=f"{seen.path}/delete" if may_delete else "",
        customise_url=f"/designer/object/{key}" if may_customise else "",
        **_content(seen, opened, number(asked.get("before"))),
    )


def _tabs(seen: Seen, tabs: Any) -> Iterator[DetailTabDef]:
    """Give the tabs that can be drawn for this reader; never none."""
    found = [
        tab
        for tab in tabs
        if tab.type in SHOWN and (tab.type != "related" or inverse_of(seen, tab) is not None)
    ]
    yield from found or [DetailTabDef(key="fields", type="form")]


def _content(seen: Seen, tab: DetailTabDef, before: int | None) -> dict[str, Any]:
    if tab.type == "history":
        return {"history": history_of(seen, f"{seen.path}?tab={tab.key}", before)}
    inverse = inverse_of(seen, tab) if tab.type == "related" else None
    if inverse is not None:
        return {"related": related_of(seen, tab, inverse)}
    return {"values": sections_of(seen, tab.form)}


ROUTES = [show_record, show_peek]
