"""Packs on screen: what is installed, archives in and out, and the plan of each change."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from engine.context import Context
from engine.errors import DraftOutdated
from engine.publish.draft import (
    Draft,
    allow_merge,
    discard_draft,
    pack_drafts,
    read_draft,
    rebase_draft,
    save_draft,
)
from engine.publish.live import LiveSite
from engine.publish.packs import (
    UnknownPack,
    draft_packs,
    installed_pack,
    pack_of_archive,
    packs_with,
    packs_without,
    shipped_pack,
)
from engine.publish.plan import plan_draft
from engine.publish.settling import settlements
from engine.seeds import release
from metadata.archive import export_pack
from metadata.errors import MetadataInvalid, PlatformError
from metadata.load import Pack, parse_layers, read_shipped
from metadata.local_pack import local_pack
from metadata.model import say
from ui.designer.asked import HOME, METADATA, Posted, form_data, one_of
from ui.designer.effects import shown_differences, tell_plan
from ui.designer.merges import moves, tell_conflicts, tell_files, tell_kept
from ui.designer.sentences import tell_differences
from ui.designer.workspace import opened_draft
from ui.file_store import attachment
from ui.given import GivenContext, GivenSite
from ui.i18n import LANGUAGES, translate
from ui.pages.frame import go, show
from ui.request import PageRequest
from ui.security.rights import ADMIN

PACKS = f"{HOME}/packs"
RIGHT = f"{ADMIN}packs"
LOCAL_KEY = "site"
LONGEST_NOTE = 500
ZIP = "application/zip"


@get("/designer/packs", name="designer.packs", sync_to_thread=True, right=RIGHT)
def show_packs(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[Any]:
    """List the packs that are installed, those that are shipped, and open drafts."""
    return _show_packs(request, site, context)


@post("/designer/packs", right=RIGHT, body="upload", status_code=200)
async def post_archive(
    request: PageRequest, site: GivenSite, context: GivenContext
) -> Response[Any]:
    """Take an archive in and go on to its plan; nothing is installed yet."""
    file = (await request.form()).get("file")
    data = await file.read() if isinstance(file, UploadFile) else b""
    name = file.filename if isinstance(file, UploadFile) else ""
    return await sync_to_thread(
        _draft, request, site, context, lambda: packs_with(site, pack_of_archive(data, name))
    )


@post("/designer/packs/shipped", right=RIGHT, status_code=200, sync_to_thread=True)
def post_shipped(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Posted
) -> Response[Any]:
    """Go on to the plan of a pack that comes with the platform."""
    name = one_of(form_data(data), "name")
    return _draft(request, site, context, lambda: packs_with(site, shipped_pack(name)))


@post("/designer/packs/uninstall", right=RIGHT, status_code=200, sync_to_thread=True)
def post_uninstall(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Posted
) -> Response[Any]:
    """Go on to the plan of taking a pack out; refused while others stand on it."""
    name = one_of(form_data(data), "name")
    return _draft(request, site, context, lambda: packs_without(site, name))


@get("/designer/packs/{name:str}/archive", right=RIGHT, sync_to_thread=True)
def get_archive(site: GivenSite, context: GivenContext, name: FromPath[str]) -> Response[bytes]:
    """Give an installed pack as an archive."""
    with site.read(context):
        pack = installed_pack(site, name)
    return attachment(export_pack(pack), f"{pack.key}-{pack.version}.zip", ZIP)


@get("/designer/local-changes", right=METADATA, sync_to_thread=True)
def get_local(site: GivenSite, context: GivenContext) -> Response[bytes]:
    """Give what was changed on site as a pack for other sites."""
    with site.read(context):
        compiled = site.compiled
    if compiled is None:
        raise UnknownPack(pack=LOCAL_KEY)
    label = {language: translate(language, "designer.local_pack") for language in LANGUAGES}
    pack = local_pack(compiled.layers, key=LOCAL_KEY, label=label)
    return attachment(export_pack(pack), f"{pack.key}-{pack.version}.zip", ZIP)


@get("/designer/pack-drafts/{number:int}", name="designer.pack", right=RIGHT, sync_to_thread=True)
def show_draft(
    request: PageRequest, site: GivenSite, context: GivenContext, number: FromPath[int]
) -> Response[Any]:
    """Show what the draft of a pack would do."""
    return _show_draft(request, site, context, number)


@post(
    "/designer/pack-drafts/{number:int}/settle", right=RIGHT, status_code=200, sync_to_thread=True
)
def post_settle(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    number: FromPath[int],
    data: Posted,
) -> Response[Any]:
    """Keep the choice that was made for each conflict."""
    chosen = {name: values[-1] for name, values in form_data(data).items() if values}
    with site.write(context) as unit:
        draft = read_draft(unit, number)
        plan = plan_draft(site, unit, draft)
        save_draft(unit, number, settlements(plan.merge.choices, chosen))
    return go(request, _address(number))


@post(
    "/designer/pack-drafts/{number:int}/publish", right=RIGHT, status_code=200, sync_to_thread=True
)
def post_publish(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    number: FromPath[int],
    data: Posted,
) -> Response[Any]:
    """Publish the draft; what is in the way is told on its page."""
    note = one_of(form_data(data), "note").strip()[:LONGEST_NOTE]
    with site.write(context) as unit:
        draft = read_draft(unit, number)
        if note != draft.note:
            save_draft(unit, number, draft.changes, note=note)
            draft = read_draft(unit, number)
    try:
        release(site, context, draft)
    except (MetadataInvalid, DraftOutdated) as error:
        return _show_draft(request, site, context, number, error=error)
    return go(request, PACKS)


@post(
    "/designer/pack-drafts/{number:int}/merge", right=RIGHT, status_code=200, sync_to_thread=True
)
def post_merge(
    request: PageRequest, site: GivenSite, context: GivenContext, number: FromPath[int]
) -> Response[Any]:
    """Let local changes go with the new version of a pinned pack; their plan is told next."""
    with site.write(context) as unit:
        allow_merge(unit, number)
    return go(request, _address(number))


@post(
    "/designer/pack-drafts/{number:int}/rebase", right=RIGHT, status_code=200, sync_to_thread=True
)
def post_rebase(
    request: PageRequest, site: GivenSite, context: GivenContext, number: FromPath[int]
) -> Response[Any]:
    """Put the draft on the version that is served now."""
    with site.write(context) as unit:
        rebase_draft(unit, number)
    return go(request, _address(number))


@post(
    "/designer/pack-drafts/{number:int}/discard", right=RIGHT, status_code=200, sync_to_thread=True
)
def post_discard(
    request: PageRequest, site: GivenSite, context: GivenContext, number: FromPath[int]
) -> Response[Any]:
    """Throw the draft away."""
    with site.write(context) as unit:
        discard_draft(unit, number)
    return go(request, PACKS)


def _address(number: int) -> str:
    return f"{HOME}/pack-drafts/{number}"


def _installed(site: LiveSite) -> Sequence[Pack]:
    return site.compiled.layers.packs if site.compiled is not None else ()


def _draft(request: PageRequest, site: LiveSite, context: Context, packs: Any) -> Response[Any]:
    """Draft what ``packs`` gives, and go on to its plan; or tell why there is none."""
    try:
        with site.write(context) as unit:
            draft = draft_packs(unit, packs())
    except PlatformError as error:
        return _show_packs(request, site, context, error=error)
    return go(request, _address(draft.id))


def _show_packs(
    request: PageRequest, site: LiveSite, context: Context, *, error: PlatformError | None = None
) -> Response[Any]:
    language = context.locale.language
    with site.read(context) as unit:
        there = {one.key: one for one in _installed(site)}
        compiled = site.compiled
        local = compiled.layers.local if compiled is not None else {}
        documents = compiled.layered.documents if compiled is not None else {}
        rows = [
            {
                "key": one.key,
                "label": say(one.manifest.body["label"], language),
                "version": one.version,
                "documents": len(one.documents),
                "local": sum(
                    len(entries)
                    for identity, entries in local.items()
                    if identity in documents and documents[identity].layer == one.key
                ),
                "needs": ", ".join(f"{key} {versions}" for key, versions in one.requires.items()),
            }
            for one in there.values()
        ]
        offered = [
            {"key": one.key, "label": say(one.manifest.body["label"], language),
             "version": one.version, "is_new": one.key not in there}
            for one in read_shipped().packs
            if one.key not in there or there[one.key].version != one.version
        ]  # fmt: skip
        drafts = [
            {"url": _address(one.id), "by": one.by_name,
             "at": one.updated_at.astimezone(context.locale.zone).strftime("%Y-%m-%d %H:%M"),
             "moves": moves(tuple(there.values()), _packs_of(one), language)}
            for one in pack_drafts(unit)
        ]  # fmt: skip
        bad = error.problems if isinstance(error, MetadataInvalid) else ()
        return show(
            request,
            unit,
            "designer/packs.html",
            title=translate(language, "designer.packs"),
            active=HOME,
            status=error.status if error is not None else 200,
            rows=rows,
            offered=offered,
            drafts=drafts,
            local=sum(map(len, local.values())),
            problems=tell_files(bad, language),
            refused=""
            if error is None or bad
            else translate(language, f"error.{error.code}", **error.params),
        )


def _packs_of(draft: Draft) -> Sequence[Pack]:
    return parse_layers(draft.packs).packs if draft.packs else ()


def _show_draft(
    request: PageRequest,
    site: LiveSite,
    context: Context,
    number: int,
    *,
    error: PlatformError | None = None,
) -> Response[Any]:
    language = context.locale.language
    with opened_draft(site, context) as workspace:
        unit = workspace.unit
        draft = read_draft(unit, number)
        plan = plan_draft(site, unit, draft)
        bad = list(plan.problems)
        if isinstance(error, MetadataInvalid) and not bad:
            bad = list(error.problems)
        changes = [
            {"document": one.document, "path": one.path, "op": one.op, "label": one.label}
            for one in shown_differences(plan)
        ]
        found = plan.compiled.site if plan.compiled is not None else workspace.site
        return show(
            request,
            unit,
            "designer/pack_plan.html",
            title=translate(language, "designer.pack_plan"),
            active=HOME,
            status=error.status if error is not None else 200,
            base=_address(number),
            draft=draft,
            plan=plan,
            moves=moves(_installed(site), _packs_of(draft), language),
            conflicts=tell_conflicts(plan.merge.choices, language),
            open=len(plan.merge.open),
            kept=tell_kept(plan.merge, language),
            changes=tell_differences(changes, found, language),
            facts=tell_plan(workspace, plan, language),
            problems=tell_files(bad, language),
            ready=plan.valid and not bad,
            pinned=any(one.code == "pack_pinned" for one in bad),
        )


ROUTES = [
    show_packs,
    post_archive,
    post_shipped,
    post_uninstall,
    get_archive,
    get_local,
    show_draft,
    post_settle,
    post_publish,
    post_merge,
    post_rebase,
    post_discard,
]
