"""Conflicts that are still open: the site's value holds, and the packs say another."""

from typing import Any

from litestar import Response, get, post

from engine.publish.plan import Choice
from engine.publish.settling import settlements
from metadata.errors import MetadataInvalid
from metadata.load import conflicts
from ui.designer.asked import HOME, METADATA, Posted, form_data
from ui.designer.changes import Change
from ui.designer.merges import tell_conflicts
from ui.designer.workspace import Workspace, opened_draft, work
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import go, show
from ui.request import PageRequest

ADDRESS = f"{HOME}/conflicts"


@get("/designer/conflicts", name="designer.conflicts", sync_to_thread=True, right=METADATA)
def show_conflicts(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[Any]:
    """List the open conflicts of the site, the draft included."""
    with opened_draft(site, context) as workspace:
        return show(
            request,
            workspace.unit,
            "designer/conflicts.html",
            title=translate(workspace.language, "designer.conflicts"),
            active=HOME,
            conflicts=tell_conflicts(_open(workspace), workspace.language),
        )


@post("/designer/conflicts", sync_to_thread=True, status_code=200, right=METADATA)
def post_conflicts(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Posted
) -> Response[Any]:
    """Put the choices into the draft."""
    chosen = {name: values[-1] for name, values in form_data(data).items() if values}
    try:
        work(site, context, lambda workspace: _settled(workspace, chosen))
    except MetadataInvalid:
        return go(request, ADDRESS)
    return go(request, f"{HOME}/plan")


def _settled(workspace: Workspace, chosen: dict[str, str]) -> list[Change]:
    changes: list[Change] = [dict(one) for one in workspace.changes]
    return [*changes, *settlements(_open(workspace), chosen)]


def _open(workspace: Workspace) -> list[Choice]:
    return [Choice(one, "") for one in conflicts(workspace.compiled.layers)]


ROUTES = [show_conflicts, post_conflicts]
