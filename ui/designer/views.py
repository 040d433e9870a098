"""Two more looks at an object: what was changed on site, and the documents as YAML."""

from collections.abc import Mapping
from typing import Any

import yaml
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from metadata.overrides import copied
from ui.designer.canvas import canvas_of, object_of
from ui.designer.changes import object_document
from ui.designer.object_page import HOME, METADATA, address, require_object
from ui.designer.sentences import tell_draft, tell_override
from ui.designer.workspace import Workspace, open_workspace
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import show
from ui.request import PageRequest

WIDE = 110


@get(
    "/designer/object/{object_key:str}/local",
    name="designer.local",
    sync_to_thread=True,
    right=METADATA,
)
def show_local(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """List what published versions changed on site, each with the way back."""
    with site.read(context) as unit:
        workspace = open_workspace(site, unit)
        definition = require_object(workspace, object_key)
        canvas = canvas_of(workspace, definition)
        overrides = [
            tell_override(workspace, name, path, entry)
            for name, entries in workspace.base.layers.local.items()
            if object_of(name) == object_key
            for path, entry in entries.items()
        ]
        return show(
            request,
            unit,
            "designer/local.html",
            title=translate(workspace.language, "designer.title_of", object=canvas.label),
            active=HOME,
            workspace=workspace,
            canvas=canvas,
            overrides=overrides,
            told=tell_draft(workspace),
            base=address(object_key),
            tab="local",
        )


@get(
    "/designer/object/{object_key:str}/yaml",
    name="designer.yaml",
    sync_to_thread=True,
    right=METADATA,
)
def show_yaml(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    document: FromQuery[str] = "",
) -> Response[Any]:
    """Show the effective documents of an object, the draft included."""
    with site.read(context) as unit:
        workspace = open_workspace(site, unit)
        definition = require_object(workspace, object_key)
        documents = workspace.compiled.layered.documents
        own = object_document(object_key)
        names = [own, *(one for one in documents if object_of(one) == object_key and one != own)]
        chosen = document if document in names else names[0]
        canvas = canvas_of(workspace, definition)
        return show(
            request,
            unit,
            "designer/yaml.html",
            title=translate(workspace.language, "designer.title_of", object=canvas.label),
            active=HOME,
            workspace=workspace,
            canvas=canvas,
            names=names,
            chosen=chosen,
            text=_yaml(workspace, chosen),
            told=tell_draft(workspace),
            base=address(object_key),
            tab="yaml",
        )


def _yaml(workspace: Workspace, name: str) -> str:
    document = workspace.compiled.layered.documents[name]
    return as_yaml(document.full())


def as_yaml(body: Mapping[str, Any]) -> str:
    """Write a document as a person would read it."""
    text = yaml.safe_dump(
        copied(body), allow_unicode=True, sort_keys=False, width=WIDE, default_flow_style=None
    )
    return str(text)


ROUTES = [show_local, show_yaml]
