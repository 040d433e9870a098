"""The dialog that gives a published field another type, with what becomes of its values."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from metadata.errors import MetadataInvalid
from metadata.model import say
from ui.designer.asked import HOME, METADATA, Posted, address, form_data, one_of, require_object
from ui.designer.canvas import type_label
from ui.designer.changes import Change
from ui.designer.sentences import tell_problem
from ui.designer.type_change import preview, retyped, targets_of
from ui.designer.workspace import Workspace, opened_draft, work
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import go, show_dialog
from ui.request import PageRequest

INVALID = 422
PATH = "/designer/object/{object_key:str}/type/{field_key:str}"


@get(PATH, name="designer.type", sync_to_thread=True, right=METADATA)
def show_type(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    field_key: FromPath[str],
) -> Response[Any]:
    """Offer the types that the field may get."""
    with opened_draft(site, context) as workspace:
        return _dialog(request, workspace, object_key, field_key)


@post(PATH, sync_to_thread=True, status_code=200, right=METADATA)
def post_type(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    field_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Show what another type does, or take it into the draft."""
    form = form_data(data)
    to = one_of(form, "to")
    if one_of(form, "do") == "save":

        def make(workspace: Workspace) -> Sequence[Change]:
            require_object(workspace, object_key)
            return retyped(workspace, object_key, field_key, to)

        try:
            work(site, context, make)
        except MetadataInvalid:
            pass  # the dialog tells why
        else:
            return go(request, address(object_key, field_key))
    with opened_draft(site, context) as workspace:
        return _dialog(request, workspace, object_key, field_key, to)


def _dialog(
    request: PageRequest, workspace: Workspace, object_key: str, field_key: str, to: str = ""
) -> Response[Any]:
    definition = require_object(workspace, object_key)
    targets = targets_of(workspace, object_key, field_key)
    if not targets:
        raise NotFoundException
    language, field = workspace.language, definition.fields[field_key]
    lines: Sequence[str] = ()
    told: Sequence[str] = ()
    chosen = to or field.type
    if chosen != targets[0]:
        try:
            changes = retyped(workspace, object_key, field_key, chosen)
            lines = preview(workspace, object_key, field_key, changes)
        except MetadataInvalid as invalid:
            told = [tell_problem(workspace, one).text for one in invalid.problems]
    return show_dialog(
        request,
        workspace.unit,
        "designer/_type.html",
        title=translate(language, "designer.type_title", name=say(field.label, language)),
        active=HOME,
        status=INVALID if told else 200,
        targets=[(one, type_label(one, language)) for one in targets],
        chosen=chosen,
        is_other=chosen != targets[0],
        lines=lines,
        told=told,
        url=f"{address(object_key)}/type/{field_key}",
        back=address(object_key, field_key),
    )


ROUTES = [show_type, post_type]
