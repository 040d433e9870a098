"""The formula editor's live check."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from ui.designer.asked import METADATA, Posted, form_data, require_object
from ui.designer.formula_editor import editor_of
from ui.designer.workspace import opened_draft
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import show
from ui.request import PageRequest


@post(
    "/designer/object/{object_key:str}/fields/{key:str}/formula",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_formula(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Check a formula while it is written; nothing is saved."""
    with opened_draft(site, context) as workspace:
        require_object(workspace, object_key)
        return show(
            request,
            workspace.unit,
            "designer/_formula_said.html",
            title=translate(workspace.language, "field_type.formula"),
            said=editor_of(workspace, object_key, key, form_data(data))["said"],
        )


ROUTES: list[Any] = [post_formula]
