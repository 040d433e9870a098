"""The way to the people: check a draft, publish it, look back at versions, roll back."""

from collections import Counter
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from engine.access.roles import rights_of
from engine.context import Context
from engine.errors import DraftOutdated
from engine.publish.apply import publish_draft, rollback_to
from engine.publish.draft import own_draft, save_draft
from engine.publish.live import LiveSite
from engine.publish.plan import Plan, plan_draft, plan_rollback
from engine.publish.store import list_versions
from metadata.errors import MetadataInvalid, PlatformError
from metadata.load import conflicts
from metadata.model import say
from ui.designer.asked import HOME, METADATA, Posted, address, form_data, one_of
from ui.designer.canvas import local_count, object_of, pack_label
from ui.designer.edits import undo
from ui.designer.effects import tell_plan
from ui.designer.sentences import (
    describe_version,
    tell_differences,
    tell_draft,
    tell_problem,
)
from ui.designer.workspace import discard, opened_draft, rebase, work
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import go, redirect, show
from ui.request import PageRequest

INVALID = 422
PLAN = f"{HOME}/plan"
VERSIONS = f"{HOME}/versions"
LONGEST_NOTE = 500
A_PAGE = 30


@get("/designer", name="designer.home", sync_to_thread=True, right=METADATA)
def show_objects(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    published: FromQuery[int] = 0,
) -> Response[Any]:
    """List the objects with what was changed on site and what the draft changes."""
    with opened_draft(site, context) as workspace:
        told = tell_draft(workspace)
        counts = Counter(one.object for one in told)
        rows = [
            {
                "url": address(key),
                "key": key,
                "icon": one.icon or "table",
                "label": say(one.label, workspace.language),
                "origin": pack_label(workspace.site, one.origin, workspace.language),
                "fields": len(one.fields),
                "local": local_count(workspace, key),
                "draft": counts[key],
            }
            for key, one in workspace.site.objects.items()
        ]
        return show(
            request,
            workspace.unit,
            "designer/home.html",
            title=translate(workspace.language, "designer.title"),
            active=HOME,
            rows=rows,
            workspace=workspace,
            told=told,
            conflicts=len(conflicts(workspace.compiled.layers)),
            may_packs=rights_of(workspace.unit).admin("packs"),
            published=published if published == workspace.served else 0,
        )


@get("/designer/plan", name="designer.plan", sync_to_thread=True, right=METADATA)
def show_plan(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[Any]:
    """Show what publishing the draft would do."""
    return _show_plan(request, site, context)


@post("/designer/publish", sync_to_thread=True, status_code=200, right=METADATA)
def post_publish(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Posted
) -> Response[Any]:
    """Publish the draft; what is in the way is told on the plan."""
    note = one_of(form_data(data), "note").strip()[:LONGEST_NOTE]
    with site.write(context) as unit:
        draft = own_draft(unit)
        if draft is not None and note != draft.note:
            save_draft(unit, draft.id, draft.changes, note=note)
            draft = own_draft(unit)
    if draft is None:
        return go(request, HOME)
    try:
        number = publish_draft(site, context, draft)
    except (MetadataInvalid, DraftOutdated) as error:
        return _show_plan(request, site, context, error=error)
    owners = {object_of(change["document"]) for change in draft.changes}
    only = owners.pop() if len(owners) == 1 else ""
    only = only if only in site.snapshot.objects else ""
    return go(request, f"{address(only) if only else HOME}?published={number}")


@post("/designer/undo", sync_to_thread=True, status_code=200, right=METADATA)
def post_undo_on_plan(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Posted
) -> Response[Any]:
    """Take entries of the draft back, on the plan."""
    names = form_data(data).get("name", ())
    try:
        work(site, context, lambda workspace: undo(workspace, names))
    except MetadataInvalid as error:
        return _show_plan(request, site, context, error=error)
    return go(request, PLAN)


@post("/designer/rebase", sync_to_thread=True, status_code=200, right=METADATA)
def post_rebase(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Posted
) -> Response[Any]:
    """Put the draft on the version that is served now."""
    rebase(site, context)
    return go(request, _back(one_of(form_data(data), "back")))


@post("/designer/discard", sync_to_thread=True, status_code=200, right=METADATA)
def post_discard(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Posted
) -> Response[Any]:
    """Throw the draft away."""
    discard(site, context)
    return go(request, _back(one_of(form_data(data), "back")))


@get("/designer/versions", name="designer.versions", sync_to_thread=True, right=METADATA)
def show_versions(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    before: FromQuery[int] = 0,
    published: FromQuery[int] = 0,
) -> Response[Any]:
    """List versions: who, when, why, what."""
    language = context.locale.language
    with site.read(context) as unit:
        found = list_versions(unit.connection, before=before or None, limit=A_PAGE + 1)
        served = unit.snapshot.number
        return show(
            request,
            unit,
            "designer/versions.html",
            title=translate(language, "designer.versions"),
            active=HOME,
            rows=[
                describe_version(one, unit.snapshot.site, served, context.locale)
                for one in found[:A_PAGE]
            ],
            older=found[A_PAGE - 1].number if len(found) > A_PAGE else 0,
            published=published if published == served else 0,
        )


@get(
    "/designer/versions/{number:int}/rollback",
    name="designer.rollback",
    sync_to_thread=True,
    right=METADATA,
)
def show_rollback(
    request: PageRequest, site: GivenSite, context: GivenContext, number: FromPath[int]
) -> Response[Any]:
    """Show what going back to a version would do."""
    return _show_rollback(request, site, context, number)


@post(
    "/designer/versions/{number:int}/rollback",
    sync_to_thread=True,
    status_code=200,
    right=METADATA,
)
def post_rollback(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    number: FromPath[int],
    data: Posted,
) -> Response[Any]:
    """Publish the documents of an earlier version as a new one."""
    note = one_of(form_data(data), "note").strip()[:LONGEST_NOTE]
    try:
        new = rollback_to(site, context, number, note=note)
    except (MetadataInvalid, DraftOutdated) as error:
        return _show_rollback(request, site, context, number, error=error)
    return go(request, f"{VERSIONS}?published={new}")


def _show_plan(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    *,
    error: PlatformError | None = None,
) -> Response[Any]:
    with opened_draft(site, context) as workspace:
        if workspace.draft is None:
            return redirect(HOME) if request.method == "GET" else go(request, HOME)
        plan = plan_draft(site, workspace.unit, workspace.draft)
        problems = [tell_problem(workspace, one) for one in plan.problems]
        if isinstance(error, MetadataInvalid) and not problems:
            problems = [tell_problem(workspace, one) for one in error.problems]
        return show(
            request,
            workspace.unit,
            "designer/plan.html",
            title=translate(workspace.language, "designer.check"),
            active=HOME,
            status=error.status if error is not None else 200,
            workspace=workspace,
            plan=plan,
            told=tell_draft(workspace),
            facts=tell_plan(workspace, plan, workspace.language),
            problems=problems,
            ready=plan.valid and not problems,
        )


def _show_rollback(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    number: int,
    *,
    error: PlatformError | None = None,
) -> Response[Any]:
    language = context.locale.language
    with opened_draft(site, context) as workspace:
        plan: Plan = plan_rollback(site, workspace.unit, number)
        changes = [
            {"document": one.document, "path": one.path, "op": one.op, "label": one.label}
            for one in plan.differences
        ]
        return show(
            request,
            workspace.unit,
            "designer/rollback.html",
            title=translate(language, "designer.rollback_to", number=number),
            active=HOME,
            status=error.status if error is not None else 200,
            number=number,
            served=workspace.served,
            facts=tell_plan(workspace, plan, language),
            changes=tell_differences(changes, workspace.base.site, language),
            problems=[tell_problem(workspace, one) for one in plan.problems],
        )


def _back(given: str) -> str:
    """Give a page of the designer to go back to."""
    return given if given.startswith(f"{HOME}/") and given.isprintable() else HOME


ROUTES = [
    show_objects,
    show_plan,
    post_publish,
    post_undo_on_plan,
    post_rebase,
    post_discard,
    show_versions,
    show_rollback,
    post_rollback,
]
