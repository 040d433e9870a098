"""The bin of the designer: hidden fields and objects with their data, and tables that wait."""

from typing import Any

from litestar import Response, get, post

from engine.publish.retired import retired_tables
from metadata.errors import MetadataInvalid
from metadata.model import say
from ui.designer.asked import HOME, METADATA, Posted, form_data, one_of
from ui.designer.changes import Change
from ui.designer.sentences import label_of
from ui.designer.workspace import Workspace, opened_draft, work
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import go, show
from ui.request import PageRequest

ADDRESS = f"{HOME}/bin"


@get("/designer/bin", name="designer.bin", sync_to_thread=True, right=METADATA)
def show_bin(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[Any]:
    """List what is hidden, the draft included, and tables of packs that are not there."""
    with opened_draft(site, context) as workspace:
        layered, language = workspace.compiled.layered, workspace.language
        things = [
            {"document": identity, "path": "",
             "label": _label(document.body, document.key, language), "where": identity}
            for identity, document in layered.removed_documents.items()
        ]  # fmt: skip
        things += [
            {"document": f"object/{owner}", "path": f"fields/{key}",
             "label": _label(definition, key, language),
             "where": label_of(workspace.site, owner, language)}
            for owner, fields in layered.removed_fields.items()
            for key, definition in fields.items()
            if not workspace.compiled.layers.is_purged(owner, key)
        ]  # fmt: skip
        return show(
            request,
            workspace.unit,
            "designer/bin.html",
            title=translate(language, "designer.bin_title"),
            active=HOME,
            things=things,
            tables=retired_tables(workspace.unit.connection, workspace.unit.snapshot),
        )


@post("/designer/bin", sync_to_thread=True, status_code=200, right=METADATA)
def post_restore(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Posted
) -> Response[Any]:
    """Put the return of something hidden into the draft."""
    form = form_data(data)
    document, path = one_of(form, "document"), one_of(form, "path")
    try:
        work(site, context, lambda workspace: _restored(workspace, document, path))
    except MetadataInvalid:
        return go(request, ADDRESS)
    return go(request, f"{HOME}/plan")


def _restored(workspace: Workspace, document: str, path: str) -> list[Change]:
    """Take the draft's own hiding back, or wish for the return."""
    changes: list[Change] = [dict(one) for one in workspace.changes]
    wish: Change = {"op": "remove", "document": document, "path": path}
    rest = [one for one in changes if any(one.get(name) != wish[name] for name in wish)]
    return rest if len(rest) != len(changes) else [*changes, wish]


def _label(body: Any, key: str, language: str) -> str:
    label = body.get("label")
    if isinstance(label, str):
        return label
    return say(label, language) if label else str(key)


ROUTES = [show_bin, post_restore]
