"""The list of an object on the customising page: columns by drag and drop, scenes edited there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from engine.context import Context
from engine.publish.live import LiveSite
from engine.query.paths import resolve
from metadata.conditions import ConditionInvalid
from metadata.errors import MetadataInvalid, Problem
from metadata.model import ObjectDef, say
from ui.designer.asked import HOME, METADATA, Posted, address, form_data, one_of, require_object
from ui.designer.changes import MISSING, Change
from ui.designer.conditions import tell
from ui.designer.definitions import text_of
from ui.designer.drafted import drafted
from ui.designer.list_edits import (
    COLUMNS,
    SCENES,
    arrange_entries,
    choose_default,
    set_column_width,
    set_scene,
)
from ui.designer.sentences import tell_problem
from ui.designer.tab_page import show_tab
from ui.designer.view_settings import VIEWS, set_views, view_settings
from ui.designer.workspace import Workspace, opened_draft, work
from ui.errors import fault_of
from ui.given import GivenContext, GivenSite
from ui.i18n import LANGUAGES, translate
from ui.pages.condition_tree import Part, draw, every_field, part_in, part_of, pressed, read_tree
from ui.pages.filters import ConditionRefused
from ui.pages.frame import go, show_dialog
from ui.pages.sentences import path_label
from ui.request import PageRequest
from ui.widgets.base import Form

INVALID = 422
PATH = "/designer/object/{object_key:str}/list"
WIDTHS = tuple(range(60, 420, 20))


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of the list."""

    key: str
    label: str
    width: int | None

    @property
    def widths(self) -> tuple[int, ...]:
        """Give the widths to choose from, its own among them."""
        return tuple(sorted({*WIDTHS, *([self.width] if self.width else [])}))


@dataclass(frozen=True, slots=True)
class SceneView:
    """A scene of the list, its filter in words."""

    key: str
    label: str
    text: str
    is_default: bool


@dataclass(slots=True)
class Entered:
    """A scene while it is edited."""

    key: str
    tree: Part
    labels: dict[str, str]
    counts: bool
    form: Form | None = None
    told: Sequence[str] = ()
    status: int = 200


@get(PATH, name="designer.list", sync_to_thread=True, right=METADATA)
def show_list(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """Show columns and scenes with the draft."""
    return _show(request, site, context, object_key)


@post(PATH, sync_to_thread=True, status_code=200, right=METADATA)
def post_list(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Take columns, their widths and the order of scenes as they stand on the page."""
    form = form_data(data)
    do, _, key = one_of(form, "do").partition(":")
    what = one_of(form, "what")

    def make(workspace: Workspace) -> Sequence[Change]:
        require_object(workspace, object_key)
        if what == VIEWS:
            told = (one_of(form, name) for name in ("view", "by", "sum", "date"))
            return set_views(workspace, object_key, *told)
        name = SCENES if what == SCENES else COLUMNS
        listed = workspace.site.list_of(object_key)
        known = list(listed.scenes if name == SCENES else listed.columns)
        wanted = [one for one in dict.fromkeys(form.get("order", known)) if one]
        wanted = [one for one in wanted if not (do == "drop" and one == key)]
        added = one_of(form, "add")
        if added and added not in wanted:
            wanted.append(added)
        changes = arrange_entries(workspace, object_key, name, wanted)
        workspace = workspace.with_changes(changes)
        if name == SCENES:
            default = one_of(form, "default")
            return choose_default(workspace, object_key, default) if default in wanted else changes
        for path in wanted:
            if f"width:{path}" in form:
                width = one_of(form, f"width:{path}")
                allowed = {*WIDTHS, getattr(listed.columns.get(path), "width", None)}
                pixels = int(width) if width.isdigit() and int(width) in allowed else None
                changes = set_column_width(workspace, object_key, path, pixels)
                workspace = workspace.with_changes(changes)
        return changes

    try:
        work(site, context, make)
    except MetadataInvalid as invalid:
        return _show(request, site, context, object_key, invalid.problems)
    if not request.wants_partial:
        return go(request, f"{address(object_key)}/list")
    return _show(request, site, context, object_key)


@get(f"{PATH}/scene", name="designer.scene", sync_to_thread=True, right=METADATA)
def show_scene(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    scene: FromQuery[str] = "",
) -> Response[Any]:
    """Draw the editor of a scene; without a name of a new one."""
    with opened_draft(site, context) as workspace:
        known = workspace.site.scenes.get(scene)
        if scene and (known is None or known.object != object_key):
            raise NotFoundException
        label = known.label if known else {}
        plain = label.get("", "")
        labels = {
            code: label.get(code, plain if code == workspace.language else "")
            for code in LANGUAGES
        }
        tree = part_of(known.where if known else None)
        entered = Entered(scene, tree, labels, bool(known and known.count))
        return _editor(request, workspace, object_key, entered)


@post(f"{PATH}/scene", sync_to_thread=True, status_code=200, right=METADATA)
def post_scene(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Change the form as a button says, or take the scene into the draft."""
    form = form_data(data)
    do = one_of(form, "do")
    labels = {code: one_of(form, f"label.{code}")[:60] for code in LANGUAGES}
    counts = one_of(form, "count") == "true"
    entered = Entered(one_of(form, "scene"), part_in(form), labels, counts, form)
    with opened_draft(site, context) as workspace:
        require_object(workspace, object_key)
        if do not in {"", "save"}:
            pressed(entered.tree, do)
            return _editor(request, workspace, object_key, entered)
        make = _wish(workspace, object_key, entered)
        if make is None:
            return _editor(request, workspace, object_key, entered)
    try:
        work(site, context, make)
    except MetadataInvalid as invalid:
        with opened_draft(site, context) as workspace:
            entered.told = [tell_problem(workspace, one).text for one in invalid.problems]
            return _editor(request, workspace, object_key, entered)
    return go(request, f"{address(object_key)}/list")


def _wish(workspace: Workspace, object_key: str, entered: Entered) -> Any:
    """Give what makes the changes of a scene; None when something is wrong, which is noted."""
    unit = drafted(workspace)
    entered.status = INVALID
    known = workspace.site.scenes.get(entered.key)
    label = text_of(entered.labels)
    if entered.key and (known is None or known.object != object_key):
        raise NotFoundException
    if label is MISSING:
        entered.told = [translate(workspace.language, "designer.scene_needs_name")]
        return None
    try:
        bound = unit.snapshot.object(object_key)
        where = read_tree(unit, bound, entered.tree, entered.form or {})
    except ConditionRefused:
        return None
    except ConditionInvalid as invalid:
        fault = fault_of(invalid, workspace.language)
        entered.told = [fault.detail or fault.title]
        return None
    said = {"label": label, "count": True if entered.counts else MISSING}

    def make(fresh: Workspace) -> Sequence[Change]:
        return set_scene(fresh, object_key, entered.key, said, where)

    return make


def _show(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    object_key: str,
    problems: Sequence[Problem] = (),
) -> Response[Any]:
    with opened_draft(site, context) as workspace:
        definition = require_object(workspace, object_key)
        columns = _columns(workspace, definition)
        shown = {column.key for column in columns}
        there = drafted(workspace)
        fields = every_field(there, there.snapshot.object(object_key))
        return show_tab(
            request,
            workspace,
            object_key,
            "list",
            "designer/_list.html" if request.wants_partial else "designer/list.html",
            status=INVALID if problems else 200,
            columns=columns,
            addable=[pair for pair in fields if pair[0] not in shown],
            scenes=_scenes(workspace, definition),
            spare=_spare(workspace, object_key),
            views=view_settings(workspace, object_key),
            refused=[tell_problem(workspace, one) for one in problems],
            panel=None,
        )


def _columns(workspace: Workspace, definition: ObjectDef) -> list[ColumnView]:
    unit, language = drafted(workspace), workspace.language
    bound = unit.snapshot.object(definition.key)
    return [
        ColumnView(
            path,
            say(column.label, language)
            if column.label
            else path_label(resolve(unit.snapshot, bound, path), language),
            column.width,
        )
        for path, column in workspace.site.list_of(definition.key).columns.items()
    ]


def _scenes(workspace: Workspace, definition: ObjectDef) -> list[SceneView]:
    scenes = workspace.site.scenes
    return [
        SceneView(
            key,
            say(scenes[key].label, workspace.language),
            tell(workspace, definition, scenes[key].where),
            bool(props.get("default")),
        )
        for key, props in workspace.site.list_of(definition.key).scenes.items()
        if key in scenes
    ]


def _spare(workspace: Workspace, object_key: str) -> list[tuple[str, str]]:
    """Give the scenes of the object that its list does not show."""
    shown = workspace.site.list_of(object_key).scenes
    return [
        (key, say(scene.label, workspace.language))
        for key, scene in workspace.site.scenes.items()
        if scene.object == object_key and key not in shown
    ]


def _editor(
    request: PageRequest, workspace: Workspace, object_key: str, entered: Entered
) -> Response[Any]:
    unit = drafted(workspace)
    bound = unit.snapshot.object(object_key)
    word = "designer.scene_edit" if entered.key else "designer.scene_new"
    return show_dialog(
        request,
        workspace.unit,
        "designer/_scene.html",
        title=translate(workspace.language, word),
        active=HOME,
        status=INVALID if entered.told else entered.status,
        row=draw(unit, bound, entered.tree, every_field(unit, bound), entered.form, compares=True),
        scene=entered.key,
        labels=[(code, entered.labels[code]) for code in LANGUAGES],
        counts=entered.counts,
        url=f"{address(object_key)}/list/scene",
        back=f"{address(object_key)}/list",
        told=entered.told,
    )


ROUTES = [show_list, post_list, show_scene, post_scene]
