"""A tab of an object's designing page: what stands around every one of them."""

from typing import Any

from litestar import Response

from ui.designer.asked import HOME, address, require_object
from ui.designer.canvas import canvas_of
from ui.designer.sentences import tell_draft
from ui.designer.workspace import Workspace
from ui.i18n import translate
from ui.pages.frame import show
from ui.request import PageRequest


def show_tab(
    request: PageRequest,
    workspace: Workspace,
    object_key: str,
    tab: str,
    template: str,
    /,
    *,
    status: int = 200,
    of_field: str = "",
    **more: Any,
) -> Response[Any]:
    """Show a tab with the draft; ``more`` is what its own template needs.

    ``of_field`` is the field whose properties are open.
    """
    canvas = canvas_of(workspace, require_object(workspace, object_key), of_field)
    return show(
        request,
        workspace.unit,
        template,
        title=translate(workspace.language, "designer.title_of", object=canvas.label),
        active=HOME,
        status=status,
        workspace=workspace,
        canvas=canvas,
        told=tell_draft(workspace),
        base=address(object_key),
        tab=tab,
        **more,
    )
