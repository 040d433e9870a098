"""Two more looks at an object: what was changed on site, and the documents as YAML to edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import yaml
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from metadata.documents import Source
from metadata.entered import located, read_document
from metadata.errors import MetadataInvalid, Problem
from metadata.overrides import copied
from ui.designer.asked import METADATA, Posted, address, form_data, one_of, require_object
from ui.designer.canvas import object_of
from ui.designer.changes import Change, object_document
from ui.designer.sentences import tell_override, tell_problem
from ui.designer.tab_page import show_tab
from ui.designer.workspace import Workspace, opened_draft, work
from ui.designer.yaml_edits import document_changes
from ui.given import GivenContext, GivenSite
from ui.pages.frame import go
from ui.request import PageRequest

WIDE = 110
INVALID = 422


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
    with opened_draft(site, context) as workspace:
        require_object(workspace, object_key)
        overrides = [
            tell_override(workspace, name, path, entry)
            for name, entries in workspace.base.layers.local.items()
            if object_of(name) == object_key
            for path, entry in entries.items()
        ]
        template = "designer/local.html"
        return show_tab(request, workspace, object_key, "local", template, overrides=overrides)


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
    """Show the effective documents of an object, the draft included, to be edited."""
    with opened_draft(site, context) as workspace:
        return _yaml_page(request, workspace, object_key, document)


@post(
    "/designer/object/{object_key:str}/yaml",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_yaml(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Take a document into the draft as it was written, or tell what is wrong and where."""
    form = form_data(data)
    name, text = one_of(form, "document"), one_of(form, "text").replace("\r\n", "\n")
    source: Source | None = None

    def make(workspace: Workspace) -> Sequence[Change]:
        nonlocal source
        if name not in _names(workspace, object_key):
            raise NotFoundException
        entered = read_document(text, name)
        source = entered.source
        return document_changes(workspace, name, entered.body)

    try:
        work(site, context, make)
    except MetadataInvalid as invalid:
        found = located(invalid.problems, name, source) if source else list(invalid.problems)
        with opened_draft(site, context) as workspace:
            return _yaml_page(request, workspace, object_key, name, text, found)
    return go(request, f"{address(object_key)}/yaml?document={quote(name)}", "draft_saved")


def _names(workspace: Workspace, object_key: str) -> list[str]:
    documents = workspace.compiled.layered.documents
    own = object_document(object_key)
    return [own, *(one for one in documents if object_of(one) == object_key and one != own)]


def _yaml_page(
    request: PageRequest,
    workspace: Workspace,
    object_key: str,
    document: str,
    text: str = "",
    problems: Sequence[Problem] = (),
) -> Response[Any]:
    require_object(workspace, object_key)
    names = _names(workspace, object_key)
    chosen = document if document in names else names[0]
    shown = text or as_yaml(workspace.compiled.layered.documents[chosen].full())
    return show_tab(
        request,
        workspace,
        object_key,
        "yaml",
        "designer/yaml.html",
        status=INVALID if problems else 200,
        names=names,
        chosen=chosen,
        text=shown,
        lines=shown.count("\n") + 2,
        faults=[_fault(workspace, one, shown, chosen) for one in problems],
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a text: where, the line itself, and what to do."""

    line: int
    column: int
    text: str
    hint: str
    excerpt: str
    where: str


def _fault(workspace: Workspace, problem: Problem, text: str, chosen: str) -> Fault:
    told = tell_problem(workspace, problem)
    lines = text.split("\n")
    here = problem.document in {"", chosen} and 0 < problem.line <= len(lines)
    return Fault(
        line=problem.line if here else 0,
        column=problem.column if here else 0,
        text=told.text,
        hint=told.hint,
        excerpt=lines[problem.line - 1].strip() if here else "",
        where="" if here else told.where,
    )


def as_yaml(body: Mapping[str, Any]) -> str:
    """Write a document as a person would read it."""
    text = yaml.safe_dump(
        copied(body), allow_unicode=True, sort_keys=False, width=WIDE, default_flow_style=None
    )
    return str(text)


ROUTES = [show_local, show_yaml, post_yaml]
