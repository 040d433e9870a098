"""The sections of an object's form on its designing page: each change that one makes to them."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from ui.designer.asked import METADATA, Posted, form_data, one_of
from ui.designer.changes import MISSING, Change
from ui.designer.definitions import text_of
from ui.designer.object_page import change_page
from ui.designer.sections import (
    COLUMNS,
    add_section,
    change_section,
    drop_section,
    step_section,
)
from ui.designer.workspace import Workspace
from ui.given import GivenContext, GivenSite
from ui.i18n import LANGUAGES
from ui.request import PageRequest
from ui.widgets.base import Form

STEPS = {"up": -1, "down": 1}


@post(
    "/designer/object/{object_key:str}/sections",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_section(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Add a section, say anew what it is, move it or take it away: ``do`` says which."""
    form = form_data(data)
    do, path = one_of(form, "do"), one_of(form, "section")

    def make(workspace: Workspace) -> Sequence[Change]:
        if do == "add":
            return add_section(workspace, object_key)
        if do == "drop":
            return drop_section(workspace, object_key, path)
        if do in STEPS:
            return step_section(workspace, object_key, path, STEPS[do])
        return change_section(workspace, object_key, path, _said(form))

    return change_page(request, site, context, object_key, make, [one_of(form, "chosen")])


def _said(form: Form) -> dict[str, Any]:
    columns = one_of(form, "columns")
    said: dict[str, Any] = {
        "label": text_of({code: one_of(form, f"label.{code}")[:60] for code in LANGUAGES})
    }
    if columns.isdigit():
        said["columns"] = int(columns) if int(columns) in COLUMNS else MISSING
    return said


ROUTES = [post_section]
