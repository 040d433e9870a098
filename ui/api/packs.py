"""Packs by API: list, install or upgrade, uninstall; all of it through a plan."""

from collections.abc import Sequence

from litestar import Response, delete, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from engine.access.idempotency import Answer
from engine.context import Context
from engine.errors import FieldError, InvalidInput
from engine.publish.live import LiveSite
from engine.publish.packs import (
    installed,
    pack_of_archive,
    packs_with,
    packs_without,
    shipped_pack,
    trial_draft,
)
from engine.publish.plan import plan_draft
from engine.seeds import install_packs
from metadata.load import Pack
from ui.api.answers import act_once, answer, mapping_of, respond
from ui.api.plans import plan_json
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import ADMIN

PACKS = f"{ADMIN}packs"


@get("/packs", right=PACKS, sync_to_thread=True)
def get_packs(site: GivenSite, context: GivenContext) -> Response[bytes]:
    """List the installed packs."""
    with site.read(context):
        found = installed(site)
    items = [
        {"name": one.key, "version": one.version, "label": one.label, "documents": one.documents}
        for one in found
    ]
    return respond(answer({"items": items}))


@post("/packs", right=PACKS)
async def post_pack(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    dry_run: FromQuery[bool] = False,
) -> Response[bytes]:
    """Install or upgrade: an archive as multipart ``file``, or ``{name}`` of a shipped pack."""
    kind, _ = request.content_type
    if kind == "multipart/form-data":
        file = (await request.form()).get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput([FieldError("file", "required")])
        body = await file.read()
        packs = await sync_to_thread(pack_of_archive, body, file.filename)
    else:
        body = await request.body()
        name = mapping_of(await request.json()).get("name")
        if not isinstance(name, str) or not name:
            raise InvalidInput([FieldError("name", "required")])
        packs = await sync_to_thread(shipped_pack, name)
    return await sync_to_thread(
        act_once,
        request,
        site,
        context,
        body,
        lambda: _serve_packs(site, context, packs_with(site, packs), dry_run),
    )


@delete("/packs/{name:str}", right=PACKS, status_code=200, sync_to_thread=True)
def delete_pack(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    name: FromPath[str],
    dry_run: FromQuery[bool] = False,
) -> Response[bytes]:
    """Uninstall a pack; its tables and data stay."""

    def work() -> Answer:
        with site.read(context):
            packs = packs_without(site, name)
        return _serve_packs(site, context, packs, dry_run)

    return act_once(request, site, context, b"", work)


def _serve_packs(site: LiveSite, context: Context, packs: Sequence[Pack], dry_run: bool) -> Answer:
    if dry_run:
        with site.read(context) as unit:
            plan = plan_draft(site, unit.connection, trial_draft(unit, packs))
        return answer(plan_json(plan, context.locale.language))
    return answer({"metadata_version": install_packs(site, context, packs)})


ROUTES = [get_packs, post_pack, delete_pack]
