"""The designing page of one object: shown, and each change that one makes on it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from engine.context import Context
from engine.publish.live import LiveSite
from metadata.errors import MetadataInvalid, Problem
from ui.designer.asked import (
    INVALID,
    METADATA,
    Posted,
    address,
    form_data,
    one_of,
    require_object,
)
from ui.designer.changes import Change, object_document, restored
from ui.designer.edits import (
    add_field,
    hide_field,
    move_field,
    new_key,
    revert_entry,
    start_of,
    step_field,
    undo,
)
from ui.designer.faces import icon_of, palette
from ui.designer.field_form import FieldForm, TypedWrong, save_field
from ui.designer.formula_editor import editor_of
from ui.designer.panel import panel_of
from ui.designer.sentences import ToldProblem, tell_problem
from ui.designer.tab_page import show_tab
from ui.designer.workspace import Workspace, opened_draft, work
from ui.given import GivenContext, GivenSite
from ui.pages.frame import go
from ui.request import PageRequest
from ui.widgets.base import Form

Make = Callable[[Workspace], Sequence[Change]]


@get(
    "/designer/object/{object_key:str}",
    name="designer.object",
    sync_to_thread=True,
    right=METADATA,
)
def show_object(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    field: FromQuery[str] = "",
    published: FromQuery[int] = 0,
) -> Response[Any]:
    """Show the object with the draft, and the properties of the chosen field."""
    return _show(request, site, context, object_key, chosen=field, published=published)


@post(
    "/designer/object/{object_key:str}/fields",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_field(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Add a field of a type, at the end of the form or where it was dropped."""
    form = form_data(data)
    field_type = one_of(form, "type")
    chosen: list[str] = []

    def make(workspace: Workspace) -> Sequence[Change]:
        definition = start_of(workspace, object_key, field_type)
        key = new_key(workspace, object_key, field_type)
        chosen[:] = [key]
        section = one_of(form, "section")
        place = (section, one_of(form, "after")) if section else None
        return add_field(workspace, object_key, key, definition, place)

    return change_page(request, site, context, object_key, make, chosen)


@post(
    "/designer/object/{object_key:str}/fields/{key:str}",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_properties(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Take the properties of a field as they were entered."""
    given = FieldForm(object_key, key, form_data(data))
    try:
        key = save_field(site, context, given)
    except TypedWrong as wrong:
        return _show(
            request,
            site,
            context,
            object_key,
            chosen=key,
            form=given.form,
            errors=wrong.errors,
            status=INVALID,
        )
    return _done(request, site, context, object_key, key)


@post(
    "/designer/object/{object_key:str}/fields/{key:str}/move",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_move(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Move a field: ``step`` up or down, or into ``section`` after ``after``."""
    form = form_data(data)
    step = {"up": -1, "down": 1}.get(one_of(form, "step"))

    def make(workspace: Workspace) -> Sequence[Change]:
        if step is not None:
            return step_field(workspace, object_key, key, step)
        return move_field(
            workspace, object_key, key, one_of(form, "section"), one_of(form, "after")
        )

    return change_page(request, site, context, object_key, make, [one_of(form, "chosen")])


@post(
    "/designer/object/{object_key:str}/fields/{key:str}/hide",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_hide(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    key: FromPath[str],
) -> Response[Any]:
    """Hide a field; its data stays, and it can be restored."""

    def make(workspace: Workspace) -> Sequence[Change]:
        return hide_field(workspace, object_key, key)

    return change_page(request, site, context, object_key, make, [])


@post(
    "/designer/object/{object_key:str}/fields/{key:str}/restore",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_restore(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    key: FromPath[str],
) -> Response[Any]:
    """Bring a hidden field back with its data."""

    def make(workspace: Workspace) -> Sequence[Change]:
        if key not in workspace.compiled.layered.removed_fields.get(object_key, {}):
            return workspace.changes  # type: ignore[return-value]  # as they are
        return restored(workspace.changes, object_key, key)

    return change_page(request, site, context, object_key, make, [key])


@post(
    "/designer/object/{object_key:str}/undo",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_undo(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Take entries of the draft back."""
    form = form_data(data)

    def make(workspace: Workspace) -> Sequence[Change]:
        return undo(workspace, form.get("name", ()))

    return change_page(request, site, context, object_key, make, [one_of(form, "chosen")])


@post(
    "/designer/object/{object_key:str}/revert",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_revert(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
    chosen: FromQuery[str] = "",
) -> Response[Any]:
    """Go back to the pack's value of something that was changed on site.

    The panel sends ``revert``, a path in the object; the list of changes document and path.
    """
    form = form_data(data)
    document = one_of(form, "document") or object_document(object_key)
    path = one_of(form, "path") or one_of(form, "revert")

    def make(workspace: Workspace) -> Sequence[Change]:
        return revert_entry(workspace, document, path)

    if one_of(form, "back") == "local":
        work(site, context, make)
        return go(request, f"{address(object_key)}/local")
    return change_page(request, site, context, object_key, make, [chosen])


def change_page(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    object_key: str,
    make: Make,
    chosen: list[str],
) -> Response[Any]:
    """Change the draft and show the page as it is then; what cannot be is told on the page."""
    try:
        work(site, context, lambda workspace: _of_known(workspace, object_key, make))
    except MetadataInvalid as invalid:
        kept = chosen[0] if chosen else ""
        problems = invalid.problems
        return _show(
            request, site, context, object_key, chosen=kept, problems=problems, status=INVALID
        )
    return _done(request, site, context, object_key, chosen[0] if chosen else "")


def _of_known(workspace: Workspace, object_key: str, make: Make) -> Sequence[Change]:
    require_object(workspace, object_key)
    return make(workspace)


def _done(
    request: PageRequest, site: LiveSite, context: Context, object_key: str, chosen: str
) -> Response[Any]:
    if not request.wants_partial:
        return go(request, address(object_key, chosen))
    return _show(request, site, context, object_key, chosen=chosen)


def _show(  # noqa: PLR0913 - all of one request
    request: PageRequest,
    site: LiveSite,
    context: Context,
    object_key: str,
    *,
    chosen: str = "",
    form: Form | None = None,
    errors: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
    published: int = 0,
    status: int = 200,
) -> Response[Any]:
    with opened_draft(site, context) as workspace:
        definition = require_object(workspace, object_key)
        partial = request.wants_partial
        answer = show_tab(
            request,
            workspace,
            object_key,
            "fields",
            "designer/_workbench.html" if partial else "designer/object.html",
            status=status,
            of_field=chosen,
            panel=panel_of(workspace, definition, chosen, form, errors) if chosen else None,
            **editor_of(workspace, object_key, chosen, form),
            palette=[(one, icon_of(one)) for one in palette()],
            refused=_told(workspace, problems),
            published=published if published == workspace.served else 0,
        )
    if partial and request.method != "GET":
        answer.headers["hx-replace-url"] = address(object_key, chosen)
    return answer


def _told(workspace: Workspace, problems: Sequence[Problem]) -> list[ToldProblem]:
    return [tell_problem(workspace, one) for one in problems]


ROUTES = [
    show_object,
    post_field,
    post_properties,
    post_move,
    post_hide,
    post_restore,
    post_undo,
    post_revert,
]
