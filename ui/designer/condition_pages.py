"""The editor of a condition on the customising page: in a dialog, or on a page of its own."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from engine.context import Context
from engine.publish.live import LiveSite
from metadata.conditions import ConditionInvalid, Node
from metadata.errors import MetadataInvalid
from ui.designer.asked import HOME, METADATA, Posted, address, form_data, one_of, require_object
from ui.designer.changes import Change
from ui.designer.conditions import (
    OF_WHERE,
    condition_at,
    field_of_path,
    objects_of,
    set_condition,
    title_of,
)
from ui.designer.sentences import tell_problem
from ui.designer.workspace import Workspace, opened_draft, work
from ui.errors import fault_of
from ui.given import GivenContext, GivenSite
from ui.pages.condition_tree import (
    Part,
    draw,
    every_field,
    part_in,
    part_of,
    pressed,
    read_tree,
)
from ui.pages.filters import ConditionRefused
from ui.pages.frame import go, show_dialog
from ui.request import PageRequest
from ui.widgets.base import Form

INVALID = 422
PATH = "/designer/object/{object_key:str}/condition"


@get(PATH, name="designer.condition", sync_to_thread=True, right=METADATA)
def show_condition(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    path: FromQuery[str] = "",
) -> Response[Any]:
    """Draw the editor of the condition at a path."""
    with opened_draft(site, context) as workspace:
        if not title_of(workspace, require_object(workspace, object_key), path):
            raise NotFoundException
        node = condition_at(workspace, object_key, path)
        return _editor(request, workspace, object_key, path, part_of(node))


@post(PATH, sync_to_thread=True, status_code=200, right=METADATA)
def post_condition(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Change the form as a button says, or take the condition into the draft."""
    form = form_data(data)
    path, do = one_of(form, "path"), one_of(form, "do")
    tree = part_in(form)
    with opened_draft(site, context) as workspace:
        if do not in {"", "save", "clear"}:
            return _editor(request, workspace, object_key, path, pressed(tree, do), form)
        require_object(workspace, object_key)
        if not title_of(workspace, workspace.site.objects[object_key], path):
            raise NotFoundException
        node: Node | None = None
        if do != "clear":
            try:
                there, tested, edited = objects_of(workspace, object_key, path)
                node = read_tree(there, tested, tree, form, edited)
            except ConditionRefused:
                return _editor(request, workspace, object_key, path, tree, form, status=INVALID)
            except ConditionInvalid as invalid:
                fault = fault_of(invalid, workspace.language)
                told = [fault.detail or fault.title]
                return _editor(request, workspace, object_key, path, tree, form, told=told)
    return _saved(request, site, context, object_key, path, node, (tree, form))


def _saved(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    object_key: str,
    path: str,
    node: Node | None,
    entered: tuple[Part, Form],
) -> Response[Any]:
    def make(workspace: Workspace) -> Sequence[Change]:
        return set_condition(workspace, object_key, path, node)

    try:
        work(site, context, make)
    except MetadataInvalid as invalid:
        with opened_draft(site, context) as workspace:
            told = [tell_problem(workspace, one).text for one in invalid.problems]
            return _editor(request, workspace, object_key, path, *entered, told=told)
    return go(request, address(object_key, field_of_path(path)))


def _editor(  # noqa: PLR0913 - all of one answer
    request: PageRequest,
    workspace: Workspace,
    object_key: str,
    path: str,
    tree: Part,
    form: Form | None = None,
    *,
    told: Sequence[str] = (),
    status: int = 200,
) -> Response[Any]:
    definition = require_object(workspace, object_key)
    title = title_of(workspace, definition, path)
    if not title:
        raise NotFoundException
    unit, bound, edited = objects_of(workspace, object_key, path)
    fields = every_field(unit, bound)
    own = field_of_path(path)
    unasked = "" if OF_WHERE.fullmatch(path) else own  # nobody asks a field about itself
    return show_dialog(
        request,
        workspace.unit,
        "designer/_condition.html",
        title=title,
        active=HOME,
        status=INVALID if told else status,
        row=draw(
            unit,
            bound,
            tree,
            tuple(pair for pair in fields if pair[0] != unasked),
            form,
            compares=True,
            this=edited,
        ),
        url=f"{address(object_key)}/condition",
        back=address(object_key, own),
        path=path,
        told=told,
    )


ROUTES = [show_condition, post_condition]
