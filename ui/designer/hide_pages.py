"""Hiding a whole object: what goes with it, what stands in the way, and into the draft."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from engine.publish.retired import records_of
from metadata.errors import MetadataInvalid, Problem
from metadata.model import say
from ui.designer.asked import HOME, METADATA, address, require_object
from ui.designer.changes import Change, identity, object_document
from ui.designer.sentences import ToldProblem, tell_problem
from ui.designer.workspace import Workspace, opened_draft, work
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import go, show_dialog
from ui.request import PageRequest

INVALID = 422
PATH = "/designer/object/{object_key:str}/hide"


@get(PATH, name="designer.hide", sync_to_thread=True, right=METADATA)
def show_hide(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """Ask whether the object shall be hidden, and tell what stands in the way."""
    with opened_draft(site, context) as workspace:
        return _dialog(request, workspace, object_key)


@post(PATH, sync_to_thread=True, status_code=200, right=METADATA)
def post_hide(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """Take the hiding into the draft; one that the draft adds is forgotten."""

    def make(workspace: Workspace) -> Sequence[Change]:
        require_object(workspace, object_key)
        return without_object(workspace, object_key)

    try:
        work(site, context, make)
    except MetadataInvalid as invalid:
        with opened_draft(site, context) as workspace:
            return _dialog(request, workspace, object_key, invalid.problems)
    return go(request, f"{HOME}/plan")


def without_object(workspace: Workspace, object_key: str) -> list[Change]:
    """Hide an object: what the draft says of it and of what belongs to it is taken back."""
    document = object_document(object_key)
    mine = {
        identity(one)
        for one in workspace.changes
        if str(one["document"]).partition("/")[2].partition(".")[0] == object_key
        and str(one["document"]).partition("/")[0] not in {"role", "menu", "option_set"}
    }
    rest = [dict(one) for one in workspace.changes if identity(one) not in mine]
    if workspace.published(document) is None:
        return rest
    return [*rest, {"op": "remove", "document": document, "path": ""}]


def _problems(workspace: Workspace, object_key: str) -> Sequence[Problem]:
    """Try the hiding; give what it would break."""
    known = {(one.code, one.document, one.path) for one in workspace.problems}
    try:
        workspace.tried(without_object(workspace, object_key))
    except MetadataInvalid as invalid:
        return [one for one in invalid.problems if (one.code, one.document, one.path) not in known]
    return ()


def _dialog(
    request: PageRequest,
    workspace: Workspace,
    object_key: str,
    found: Sequence[Problem] | None = None,
) -> Response[Any]:
    definition, language = require_object(workspace, object_key), workspace.language
    problems = _problems(workspace, object_key) if found is None else found
    told: list[ToldProblem] = [tell_problem(workspace, one) for one in problems]
    unit, name = workspace.unit, say(definition.label, language)
    return show_dialog(
        request,
        unit,
        "designer/_hide.html",
        title=translate(language, "designer.hide_object_title", name=name),
        active=HOME,
        status=INVALID if found is not None else 200,
        problems=told,
        records=records_of(unit.connection, unit.snapshot, object_key),
        url=f"{address(object_key)}/hide",
        back=address(object_key),
    )


ROUTES = [show_hide, post_hide]
