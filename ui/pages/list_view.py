"""A list as its templates need it: tabs, chips, heads, rows, pager, each with its address."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from engine.access.roles import Rights, rights_of
from engine.access.scope import DEPARTMENT, USER
from engine.bulk.verbs import right_of
from engine.personal.stars import has_stars
from engine.query.aggregates import Measure
from engine.query.counts import Count
from engine.query.paths import resolve
from engine.records.read import count, totals
from engine.storage.snapshot import Unit
from metadata.conditions import AllOf, AnyOf, Node, Test
from metadata.model import ColumnDef, SceneDef, say
from ui.i18n import translate
from ui.pages.action_form import ICON
from ui.pages.bulk_team import ADD, OFFERED_BY, REMOVE
from ui.pages.list_read import Opening, Reading, can_sort, list_request, may_read, pinned_scenes
from ui.pages.list_state import ListState, matches_any, parts
from ui.pages.row_tools import row_tools, tools_html, without_unfit
from ui.pages.rows import RowStyle, column_css, compose_rows, covered_paths
from ui.pages.sentences import path_label, sentence
from ui.pages.stars import star_html, with_stars
from ui.views import Views

ASCENDING, DESCENDING = "ascending", "descending"
OWNER = "owner"
"""Changes by an action of its own, never by editing."""
AROUND = 2
"""How many pages beside the present one the pager names."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A scene."""

    label: str
    url: str
    active: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of the filter, in words."""

    label: str
    text: str
    remove_url: str
    edit_url: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head."""

    label: str
    css: str
    url: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    """One step of the pager; without address it is the present page or a gap."""

    text: str = ""
    url: str = ""
    current: bool = False
    label: str = ""
    icon: str = ""
    rel: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do: a link, or a button of the bulk bar (``key``)."""

    label: str
    icon: str
    url: str = ""
    key: str = ""
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure over all that the list keeps."""

    label: str
    text: str


def read_sums(unit: Unit, reading: Reading) -> tuple[Sum, ...]:
    """Give the figures of the list's footer, by right; only where counting came to an end."""
    if not reading.total.exact or not reading.page.rows:
        return ()
    key, locale = reading.state.object, unit.context.locale
    wanted = [
        Measure(function, path)  # type: ignore[arg-type]  # the document was checked
        for path, function in reading.definition.footer.items()
        if may_read(unit, key, (path,))
    ]
    if not wanted:
        return ()
    found = []
    for measure, value in zip(wanted, totals(unit, reading.request, wanted), strict=True):
        field = resolve(unit.snapshot, reading.bound, measure.path).field
        label = say(field.definition.label, locale.language)
        text = field.type.text(value, field.definition, locale) if value is not None else "—"
        name = translate(locale.language, f"list.footer.{measure.function}", name=label)
        found.append(Sum(name, text))
    return tuple(found)


def read_tabs(unit: Unit, reading: Opening) -> tuple[Tab, ...]:
    """Give the pinned scenes and the one that is open, with counts where a scene wants one."""
    if not reading.scenes:
        label = translate(unit.context.locale.language, "list.all")
        return (Tab(label, reading.state.path, active=True),)
    shown = pinned_scenes(reading.scenes, reading.taste)
    if reading.scene is not None and all(one.key != reading.scene.key for one in shown):
        shown = (*shown, reading.scene)
    return tuple(_tab(unit, reading, scene, counts=scene.count) for scene in shown)


def read_other_scenes(unit: Unit, reading: Opening) -> tuple[Tab, ...]:
    """Give the scenes that are not among the tabs."""
    if not reading.taste.scenes:
        return ()
    shown = {scene.key for scene in pinned_scenes(reading.scenes, reading.taste)}
    if reading.scene is not None:
        shown.add(reading.scene.key)
    rest = (scene for scene in reading.scenes if scene.key not in shown)
    return tuple(_tab(unit, reading, scene, counts=False) for scene in rest)


def _tab(unit: Unit, reading: Opening, scene: SceneDef, *, counts: bool) -> Tab:
    now = reading.state
    state = ListState(object=now.object, scene=scene.key, view=now.view, by=now.by, on=now.on)
    counted = number_text(_scene_count(unit, reading, state, scene)) if counts else ""
    active = reading.scene is not None and scene.key == reading.scene.key
    return Tab(say(scene.label, unit.context.locale.language), state.url(), active, counted)


def _scene_count(unit: Unit, reading: Opening, state: ListState, scene: SceneDef) -> Count:
    """Count a scene; the one that is shown without a filter has been counted."""
    request = list_request(state, scene, reading.sort)
    if isinstance(reading, Reading) and request == reading.request:
        return reading.total
    return count(unit, request)


def read_chips(unit: Unit, reading: Opening) -> tuple[Chip, ...]:
    """Give the parts of the person's filter in words."""
    state, found = reading.state, []
    for at, node in enumerate(parts(state.where)):
        said = sentence(unit, reading.bound, node)
        kind = "filter" if isinstance(node, Test) else "filter/group"
        edit = f"{state.path}/{kind}?{_at_query(state, at)}"
        found.append(Chip(said.label, said.text, state.with_part(at, None).url(), edit))
    return tuple(found)


def read_heads(unit: Unit, reading: Reading) -> tuple[Head, ...]:
    """Give the heads of the columns; a sortable one sorts, and turns around when it does."""
    actor, language = unit.context.actor, unit.context.locale.language
    place = (reading.state.object, reading.columns, actor.roles, actor.superadmin, language)
    plain = unit.snapshot.once(("heads", *place), lambda: tuple(_plain_heads(unit, reading)))
    first = reading.sort[0] if reading.sort else ""
    found = []
    for path, head in plain:
        direction, wanted = "", path
        if first.removeprefix("-") == path:
            descending = first.startswith("-")
            direction = DESCENDING if descending else ASCENDING
            wanted = path if descending else f"-{path}"
        url = reading.state.url(sort=(wanted,)) if head.url else ""
        found.append(Head(head.label, head.css, url, direction))
    return tuple(found)


def _plain_heads(unit: Unit, reading: Reading) -> Iterator[tuple[str, Head]]:
    """Give each column's path, and its head; its address only tells whether it sorts."""
    for at, column in enumerate(reading.columns):
        slot = reading.page.slots[column.path]
        css = column_css(column, slot, first=at == 0, pinned=True)
        sorts = can_sort(unit, reading.bound, column.path)
        label = column_label(unit, reading, column)
        yield column.path, Head(label, css, column.path if sorts else "")


def column_label(unit: Unit, reading: Reading, column: ColumnDef) -> str:
    """Name a column."""
    language = unit.context.locale.language
    if column.label:
        return say(column.label, language)
    return path_label(resolve(unit.snapshot, reading.bound, column.path), language)


def read_rows_html(unit: Unit, views: Views, reading: Reading) -> Markup:
    """Draw the rows."""
    actor, locale = unit.context.actor, unit.context.locale
    place = (reading.state.object, reading.columns, actor.roles, actor.superadmin, locale)
    draw = unit.snapshot.once(
        ("rows of a list", *place),
        lambda: compose_rows(_style(unit, views, reading), reading.page.slots, locale),
    )
    rows = without_unfit(unit, reading.definition, reading.page, draw(reading.page.rows))
    return with_stars(unit, reading.state.object, reading.page, rows)


def _style(unit: Unit, views: Views, reading: Reading) -> RowStyle:
    rights, language = rights_of(unit), unit.context.locale.language
    object_key = reading.state.object
    can_change = rights.allows(object_key, "update")
    covered = covered_paths(unit, reading.bound, reading.page.slots)
    editable = frozenset(_editable(unit, rights, reading)) - covered
    return RowStyle(
        object=object_key,
        columns=reading.columns,
        name_field=reading.bound.name.key,
        editable=editable if can_change else frozenset(),
        covered=covered,
        pick=bool(bulk_actions(unit, reading)),
        pick_label=translate(language, "list.pick"),
        peek=True,
        star=star_html(views, object_key, language) if has_stars(unit, object_key) else None,
        tools=tools_html(views, object_key, row_tools(unit, reading.definition)),
    )


OFFERED = {ADD: OFFERED_BY, REMOVE: OFFERED_BY}
"""What a list names to offer an action of the bulk bar, where it has another name."""


def bulk_actions(unit: Unit, reading: Opening) -> tuple[Action, ...]:
    """Give what may be done with many records at once: what the list offers and rights allow."""
    rights, language = rights_of(unit), unit.context.locale.language
    path, offered = reading.state.path, reading.definition.bulk_actions
    known = (
        Action(translate(language, "bulk.edit"), "square-pen", key="edit"),
        Action(translate(language, "bulk.add_member"), "user-plus", key=ADD),
        Action(translate(language, "bulk.remove_member"), "user-minus", key=REMOVE),
        Action(translate(language, "bulk.export"), "download", f"{path}/export", "export"),
        Action(translate(language, "bulk.delete"), "trash-2", key="delete", danger=True),
    )
    declared = tuple(
        Action(say(one.label, language), one.icon or ICON, key=one.key)
        for one in reading.bound.definition.actions.values()
        if one.bulk
    )
    first, *rest = known
    return tuple(
        action
        for action in (first, *declared, *rest)
        if (action.key == "edit" or OFFERED.get(action.key, action.key) in offered)
        and rights.allows(reading.state.object, right_of(action.key))
    )


def page_actions(unit: Unit, reading: Opening) -> tuple[Action, ...]:
    """Give the links beside the title."""
    rights, language = rights_of(unit), unit.context.locale.language
    key, path = reading.state.object, reading.state.path
    export = reading.state.url().replace(path, f"{path}/export", 1)
    trees = rights.allows(DEPARTMENT, "read_list")
    known = (
        ("import", rights.allows(key, "import"), "upload", f"{path}/import"),
        ("export", rights.allows(key, "export"), "download", export),
        ("bin", rights.allows(key, "restore"), "trash-2", f"{path}/bin"),
        ("departments", key in {USER, DEPARTMENT} and trees, "network", "/departments"),
        ("customise", rights.admin("metadata"), "wrench", f"/designer/object/{key}"),
    )
    return tuple(
        Action(translate(language, f"list.{name}"), icon, url)
        for name, allowed, icon, url in known
        if allowed
    )


def pager(reading: Reading, language: str) -> tuple[PageLink, ...]:
    """Give the steps of the pager."""
    state, at = reading.state, reading.state.page
    last = -(-reading.total.value // reading.limit) if reading.total.exact else 0
    if at == 1 and not reading.page.has_more:
        return ()
    found: list[PageLink] = []
    if at > 1:
        previous = translate(language, "list.previous_page")
        url = state.url(page=at - 1)
        found.append(PageLink(url=url, label=previous, icon="chevron-left", rel="prev"))
    found += _numbers(state, at, last, more=reading.page.has_more)
    if reading.page.has_more:
        following = translate(language, "list.next_page")
        url = state.url(page=at + 1)
        found.append(PageLink(url=url, label=following, icon="chevron-right", rel="next"))
    return tuple(found)


def range_text(reading: Reading, language: str) -> str:
    """Say which rows of how many are shown."""
    first = (reading.state.page - 1) * reading.limit + 1
    last = first + len(reading.page.rows) - 1
    total = number_text(reading.total)
    return translate(language, "list.range", first=f"{first:,}", last=f"{last:,}", total=total)


def number_text(counted: Count) -> str:
    """Write a count; a capped one with a plus."""
    return f"{counted.value:,}" if counted.exact else f"{counted.value:,}+"


def match_url(state: ListState) -> str:
    """Give the address that turns "all of these" into "any of these" and back; "" for one."""
    found = parts(state.where)
    if len(found) < 2:  # noqa: PLR2004 - one condition is both
        return ""
    return state.url(where=_turned(state, found))


def _turned(state: ListState, found: tuple[Node, ...]) -> Node:
    return AllOf(tuple(found)) if matches_any(state.where) else AnyOf(tuple(found))


def _numbers(state: ListState, at: int, last: int, *, more: bool) -> Iterator[PageLink]:
    end = last or at + (1 if more else 0)
    near = range(max(1, at - AROUND), min(end, at + AROUND) + 1)
    shown = sorted({1, *near, *([last] if last else [])})
    before = 0
    for number in shown:
        if number > before + 1:
            yield PageLink(text="…")
        url = "" if number == at else state.url(page=number)
        yield PageLink(text=f"{number:,}", url=url, current=number == at)
        before = number


def _editable(unit: Unit, rights: Rights, reading: Reading) -> Iterator[str]:
    name = reading.bound.name.key
    for column in reading.columns:
        field = reading.bound.fields.get(column.path)
        if field is None or field.definition.readonly or column.path in (OWNER, name):
            continue
        if field.type.files or field.type.lines:  # a cell is too small for what an upload tells
            continue
        if rights.field_level(reading.state.object, column.path) == "edit":
            yield column.path


def _at_query(state: ListState, at: int) -> str:
    url = state.url()
    query = url.partition("?")[2]
    return f"{query}&at={at}" if query else f"at={at}"
