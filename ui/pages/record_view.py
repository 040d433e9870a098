"""A record's page as its templates need it: header, facts, tabs and the one that is open."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from markupsafe import Markup

from engine.access.roles import rights_of
from metadata.model import DetailTabDef, say
from ui.i18n import translate
from ui.pages.acting import ActionView, offered_actions
from ui.pages.filling import COPY, can_copy
from ui.pages.history_view import HistoryView, history_view
from ui.pages.opened import Fact, Opened
from ui.pages.person_tools import PersonTools, tools_for
from ui.pages.related_view import RelatedView, Target, related_count, related_view, target_of_tab
from ui.pages.stars import StarView, star_of
from ui.pages.team import TeamView, team_view
from ui.pages.values import ValueSection, value_sections

FORM, RELATED, HISTORY = "form", "related", "history"
BADGE = Markup('<span class="h-tag">{}</span>')


@dataclass(frozen=True, slots=True, kw_only=True)
class TabView:
    """A tab of a record; ``target`` is what a related list hangs on."""

    key: str
    label: str
    url: str
    definition: DetailTabDef
    target: Target | None = None
    active: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """What the templates of a record's page need; of the open tab one of the last three."""

    id: int
    version: int
    url: str
    list_url: str
    plural: str
    name: str
    binned: bool
    badges: tuple[Markup, ...]
    facts: tuple[Fact, ...]
    tabs: tuple[TabView, ...]
    actions: tuple[ActionView, ...] = ()
    edit_url: str = ""
    delete_url: str = ""
    copy_url: str = ""
    restore_url: str = ""
    customise_url: str = ""
    why_url: str = ""
    tools: PersonTools | None = None
    star: StarView | None = None
    values: tuple[ValueSection, ...] | None = None
    related: RelatedView | None = None
    history: HistoryView | None = None
    team: TeamView | None = None

    @property
    def place(self) -> str:
        """Give object and id, as what was opened last is remembered."""
        return self.url.removeprefix("/o/")


def badges_of(opened: Opened) -> tuple[Markup, ...]:
    """Draw the badges beside the name; what is not so needs none: a yes shows its field's name."""
    drawn = []
    for path in opened.detail.badges:
        if path not in opened.shown or opened.found.value(path) in (None, False, ()):
            continue
        if opened.found.value(path) is True:
            drawn.append(BADGE.format(opened.fact(path).label))
        else:
            drawn.append(opened.html(path))
    return tuple(drawn)


def facts_of(opened: Opened) -> tuple[Fact, ...]:
    """Draw the key facts."""
    return tuple(opened.fact(path) for path in opened.detail.facts if path in opened.shown)


def record_view(opened: Opened, tab: str = "", before: int | None = None) -> RecordView:
    """Read what the page of a record shows.

    Args:
        opened: the record.
        tab: the key of the open tab; the first one for a key that is not there.
        before: on the history tab, the entry that older ones are wanted of.
    """
    tabs, active = _tabs(opened, tab)
    kind = active.definition.type if active else ""
    form = opened.unit.snapshot.site.forms.get(active.definition.form) if active else None
    target = active.target if active else None
    return RecordView(
        id=opened.id,
        version=opened.version,
        url=opened.url,
        list_url=opened.list_url,
        plural=opened.plural,
        name=opened.name,
        binned=opened.binned,
        badges=badges_of(opened),
        facts=facts_of(opened),
        tabs=tabs,
        star=star_of(opened),
        tools=tools_for(opened.unit, opened.key, opened.id),
        values=value_sections(opened, form or opened.form) if kind in {FORM, ""} else None,
        related=(
            related_view(opened, active.definition, target, active.url)
            if active and target
            else None
        ),
        actions=tuple(offered_actions(opened)),
        history=history_view(opened, active.key, before) if active and kind == HISTORY else None,
        team=team_view(opened),
        why_url=f"{opened.url}/access",
        **_addresses(opened),
    )


def open_tabs(opened: Opened) -> Iterator[TabView]:
    """Give the tabs that this record has for this person."""
    language = opened.unit.context.locale.language
    forms = opened.unit.snapshot.site.forms
    for key, definition in opened.detail.tabs.items():
        url = f"{opened.url}?{urlencode({'tab': key})}"
        target = None
        if definition.type == RELATED:
            target = None if opened.binned else target_of_tab(opened, definition)
            if target is None:
                continue
            label = definition.label or target.inverse.label
        elif definition.type == FORM and definition.form in forms:
            label = definition.label or {"": translate(language, "record.fields")}
        elif definition.type == HISTORY:
            label = definition.label or {"": translate(language, "record.history")}
        else:
            continue
        count = related_count(opened, target) if target else ""
        yield TabView(
            key=key,
            label=say(label, language),
            url=url,
            definition=definition,
            target=target,
            count=count,
        )


def _tabs(opened: Opened, wanted: str) -> tuple[tuple[TabView, ...], TabView | None]:
    found = tuple(open_tabs(opened))
    keys = [tab.key for tab in found]
    key = wanted if wanted in keys else next(iter(keys), "")
    active = next((tab for tab in found if tab.key == key), None)
    return tuple(replace(tab, active=tab.key == key) for tab in found), active


def _addresses(opened: Opened) -> dict[str, str]:
    rights = rights_of(opened.unit)
    customise = f"/designer/object/{opened.key}" if rights.admin("metadata") else ""
    if opened.binned:
        restore = f"{opened.url}/restore" if opened.may("restore") else ""
        return {"restore_url": restore, "customise_url": customise}
    return {
        "edit_url": f"{opened.url}/edit" if opened.may("update") else "",
        "delete_url": f"{opened.url}/delete" if opened.may("delete") else "",
        "copy_url": f"{opened.list_url}/new?{COPY}={opened.id}" if can_copy(opened) else "",
        "customise_url": customise,
    }
