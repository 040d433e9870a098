"""Reading what a list shows: scene, columns, order and rows by the person's rights."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.access.roles import rights_of
from engine.errors import InvalidInput, InvalidValue, UnknownField
from engine.personal.columns import ListTaste, chosen_columns, read_taste
from engine.personal.scenes import my_scenes
from engine.query.counts import Count
from engine.query.listing import ListRequest, Page
from engine.query.ordering import is_sortable
from engine.query.paths import resolve, uses_of
from engine.records.read import count, page, visible_fields
from engine.storage.snapshot import BoundObject, Unit
from metadata.conditions import ConditionInvalid, Node
from metadata.model import ColumnDef, ListDef, SceneDef
from ui.pages.list_state import ListState, both

Read = TypeVar("Read")

UNSUITED = (InvalidInput, InvalidValue, UnknownField, ConditionInvalid)
"""What a filter or an order that does not fit the object raises."""
NEVER_LISTED = frozenset({"version", "deleted_at", "deleted_by"})
USUAL_SORT = ("-updated_at",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A list that is about to be read: what was asked for, as far as this person may."""

    bound: BoundObject
    definition: ListDef
    taste: ListTaste
    state: ListState
    scenes: tuple[SceneDef, ...]
    scene: SceneDef | None
    columns: tuple[ColumnDef, ...]
    sort: tuple[str, ...]

    @property
    def request(self) -> ListRequest:
        """Give the request of the whole list, without columns and page."""
        return list_request(self.state, self.scene, self.sort)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Opening):
    """A page of a list and what was asked for."""

    limit: int
    page: Page
    total: Count


def open_list(unit: Unit, state: ListState) -> Opening:
    """Find what a list shows to this person.

    Raises:
        UnknownObject: there is no such object, or the actor may do nothing with it.
        Forbidden: its lists are not granted.
    """
    rights_of(unit).require(state.object, "read_list")
    bound = unit.snapshot.object(state.object)
    definition = unit.snapshot.site.list_of(state.object)
    taste = read_taste(unit, definition)
    scenes = scenes_of(unit, definition)
    scene = scene_in(scenes, definition, state.scene)
    wanted = state.sort or (scene.sort if scene else ()) or taste.sort or definition.sort
    return Opening(
        bound=bound,
        definition=definition,
        taste=taste,
        state=state,
        scenes=scenes,
        scene=scene,
        columns=listed_columns(unit, definition, taste),
        sort=sortable(unit, bound, wanted),
    )


def attempt(opening: Opening, read: Callable[[Opening], Read]) -> Read:
    """Read a list; a filter that does not fit is left out and marked."""
    try:
        return read(opening)
    except UNSUITED:
        state, scene = opening.state, opening.scene
        if state.where is None and scene is None:
            raise
        if state.where is None and scene is not None:
            scene = replace(scene, where=None)
        plain = replace(state, where=None, page=1, broken=True)
        return read(replace(opening, state=plain, scene=scene))


def read_list(unit: Unit, opening: Opening) -> Reading:
    """Read one page of a list."""
    state, definition, taste = opening.state, opening.definition, opening.taste
    limit = taste.page_size or definition.page_size
    columns = (column.path for column in opening.columns)
    paths = tuple(dict.fromkeys([*columns, opening.bound.name.key]))
    asked = opening.request
    found = page(unit, replace(asked, columns=paths, limit=limit, page=state.page))
    return Reading(
        bound=opening.bound,
        definition=definition,
        taste=taste,
        state=state,
        scenes=opening.scenes,
        scene=opening.scene,
        columns=opening.columns,
        sort=opening.sort,
        limit=limit,
        page=found,
        total=_total(unit, asked, found, state.page, limit),
    )


def _total(unit: Unit, asked: ListRequest, found: Page, number: int, limit: int) -> Count:
    """Count the list, unless the page has told.

    What a search keeps is counted after the page is there: every candidate must be looked at.
    """
    seen = (number - 1) * limit + len(found.rows)
    if not found.has_more and (found.rows or number == 1):
        return Count(seen, exact=True)
    if asked.search:
        return Count(seen, exact=False)
    return count(unit, asked)


def list_request(
    state: ListState, scene: SceneDef | None, sort: tuple[str, ...] = USUAL_SORT
) -> ListRequest:
    """Give the request for everything that a state keeps."""
    return ListRequest(
        object=state.object,
        where=both(scene.where if scene else None, state.where),
        sort=sort,
        search=state.query,
    )


def scenes_of(unit: Unit, definition: ListDef) -> tuple[SceneDef, ...]:
    """Give the scenes that the actor sees: the list's own by role and right, then his."""
    actor = unit.context.actor
    key = ("scenes", definition.key, actor.roles, actor.superadmin)
    shipped = unit.snapshot.once(key, lambda: _scenes(unit, definition))
    return (*shipped, *my_scenes(unit, definition.object))


def _scenes(unit: Unit, definition: ListDef) -> tuple[SceneDef, ...]:
    actor, site = unit.context.actor, unit.snapshot.site
    found = []
    for key in definition.scenes:
        scene = site.scenes.get(key)
        if scene is None or not may_use(unit, scene.object, scene.where):
            continue
        if scene.roles and not actor.superadmin and not actor.roles.intersection(scene.roles):
            continue
        found.append(scene)
    return tuple(found)


def pinned_scenes(scenes: tuple[SceneDef, ...], taste: ListTaste) -> tuple[SceneDef, ...]:
    """Give the scenes among the tabs, in the person's order; all of them until he chose."""
    if not taste.scenes:
        return scenes
    by_key = {scene.key: scene for scene in scenes}
    found = tuple(by_key[key] for key in taste.scenes if key in by_key)
    return found or scenes


def scene_in(scenes: tuple[SceneDef, ...], definition: ListDef, key: str) -> SceneDef | None:
    """Choose the scene of a key; the default one for a key that is not there."""
    by_key = {scene.key: scene for scene in scenes}
    if key in by_key:
        return by_key[key]
    for name, options in definition.scenes.items():
        if options.get("default") and name in by_key:
            return by_key[name]
    return scenes[0] if scenes else None


def listed_columns(unit: Unit, definition: ListDef, taste: ListTaste) -> tuple[ColumnDef, ...]:
    """Give the columns that the actor sees; never none."""
    if taste.shown or taste.order or taste.widths:
        return _listed(unit, definition, taste)
    actor = unit.context.actor
    key = ("listed columns", definition.key, actor.roles, actor.superadmin)
    return unit.snapshot.once(key, lambda: _listed(unit, definition, taste))


def _listed(unit: Unit, definition: ListDef, taste: ListTaste) -> tuple[ColumnDef, ...]:
    others = addable_fields(unit, definition.object)
    found = [
        column
        for column in chosen_columns(definition, taste, others)
        if may_read(unit, definition.object, (column.path,))
    ]
    return tuple(found) or (ColumnDef(path=unit.snapshot.object(definition.object).name.key),)


def addable_fields(unit: Unit, object_key: str) -> tuple[str, ...]:
    """Give the fields that a person may put into his list."""
    return tuple(
        key for key in visible_fields(unit, object_key) if key not in NEVER_LISTED and key != "id"
    )


def may_read(unit: Unit, object_key: str, paths: Iterable[str]) -> bool:
    """Tell whether paths lead somewhere and the actor may read every step of them."""
    try:
        uses = uses_of(unit.snapshot, object_key, paths=paths)
    except UnknownField:
        return False
    return all(key in visible_fields(unit, owner) for owner, key in uses.fields)


def may_use(unit: Unit, object_key: str, where: Node | None) -> bool:
    """Tell whether the actor may filter by a condition."""
    try:
        uses = uses_of(unit.snapshot, object_key, where=where)
    except UnknownField:
        return False
    return all(key in visible_fields(unit, owner) for owner, key in uses.fields)


def sortable(unit: Unit, bound: BoundObject, wanted: Iterable[str]) -> tuple[str, ...]:
    """Keep of an order what can be sorted by and read; never nothing."""
    found = []
    for key in wanted:
        path = key.removeprefix("-")
        if may_read(unit, bound.key, (path,)) and can_sort(unit, bound, path):
            found.append(key)
    return tuple(found) or USUAL_SORT


def can_sort(unit: Unit, bound: BoundObject, path: str) -> bool:
    """Tell whether lists can be sorted by a path."""
    return is_sortable(resolve(unit.snapshot, bound, path).field)
