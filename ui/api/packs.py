"""Packs by API: list, install or upgrade, uninstall; all of it through a plan."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

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
    installed_pack,
    pack_of_archive,
    packs_with,
    packs_without,
    shipped_pack,
    trial_draft,
)
from engine.publish.plan import plan_draft
from engine.publish.settling import MINE, THEIRS, settlements
from engine.seeds import install_packs
from metadata.archive import export_pack
from metadata.load import Pack, conflicts, settle
from ui.api.answers import act_once, answer, mapping_of, respond
from ui.api.plans import conflict_json, plan_json
from ui.file_store import attachment
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


@get("/packs/{name:str}/archive", right=PACKS, sync_to_thread=True)
def get_archive(site: GivenSite, context: GivenContext, name: FromPath[str]) -> Response[bytes]:
    """Give an installed pack as an archive; equal packs give equal bytes."""
    with site.read(context):
        pack = installed_pack(site, name)
    return attachment(export_pack(pack), f"{pack.key}-{pack.version}.zip", "application/zip")


@get("/metadata/conflicts", right=f"{ADMIN}metadata", sync_to_thread=True)
def get_conflicts(site: GivenSite, context: GivenContext) -> Response[bytes]:
    """List the conflicts that are not settled, each with the draft's change for either side."""
    with site.read(context) as unit:
        number = unit.snapshot.number
        found = conflicts(site.compiled.layers) if site.compiled is not None else []
    items = [
        {**conflict_json(one, ""),
         "changes": {"mine": settle(one, mine=True), "theirs": settle(one, mine=False)}}
        for one in found
    ]  # fmt: skip
    return respond(answer({"items": items, "metadata_version": number}))


@post("/packs", right=PACKS, body="upload")
async def post_pack(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    dry_run: FromQuery[bool] = False,
    merge: FromQuery[bool] = False,
) -> Response[bytes]:
    """Install or upgrade: an archive as multipart ``file``, or ``{name}`` of a shipped pack.

    ``settle`` (in the form: JSON text) says which side each conflict takes; ``merge`` that local
    changes go with a new version of a pinned pack, too.
    """
    kind, _ = request.content_type
    if kind == "multipart/form-data":
        form = await request.form()
        file, wishes = form.get("file"), form.get("settle", "[]")
        if not isinstance(file, UploadFile):
            raise InvalidInput([FieldError("file", "required")])
        body = await file.read()
        sides = sides_of(decoded(wishes))
        packs = await sync_to_thread(pack_of_archive, body, file.filename)
    else:
        body = await request.body()
        given = mapping_of(await request.json())
        name = given.get("name")
        if not isinstance(name, str) or not name:
            raise InvalidInput([FieldError("name", "required")])
        sides = sides_of(given.get("settle", []))
        packs = await sync_to_thread(shipped_pack, name)
    return await sync_to_thread(
        act_once,
        request,
        site,
        context,
        body,
        lambda: _serve_packs(site, context, packs_with(site, packs), dry_run, sides, merges=merge),
    )


def decoded(text: Any) -> Any:
    """Read the JSON text of a form's field.

    Raises:
        InvalidInput: it is not JSON.
    """
    try:
        return json.loads(str(text))
    except (ValueError, RecursionError) as error:
        raise InvalidInput([FieldError("settle", "not_json")]) from error


def sides_of(wishes: Any) -> dict[str, str]:
    """Read ``[{document, path, take: mine | theirs}]``.

    Raises:
        InvalidInput: it is something else.
    """
    found: dict[str, str] = {}
    for one in wishes if isinstance(wishes, list) else [None]:
        wish = one if isinstance(one, dict) else {}
        if set(wish) != {"document", "path", "take"} or wish["take"] not in {MINE, THEIRS}:
            raise InvalidInput([FieldError("settle", "bad_choice")])
        found[f"{wish['document']}#{wish['path']}"] = wish["take"]
    return found


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
        return _serve_packs(site, context, packs, dry_run, {})

    return act_once(request, site, context, b"", work)


def _serve_packs(
    site: LiveSite,
    context: Context,
    packs: Sequence[Pack],
    dry_run: bool,
    sides: Mapping[str, str],
    *,
    merges: bool = False,
) -> Answer:
    with site.read(context) as unit:
        plan = plan_draft(site, unit, trial_draft(unit, packs, merges=merges))
        changes = settlements(plan.merge.choices, sides)
        if dry_run and changes:
            trial = trial_draft(unit, packs, changes, merges=merges)
            plan = plan_draft(site, unit, trial)
    if dry_run:
        return answer(plan_json(plan, context.locale.language))
    number = install_packs(site, context, packs, changes, merges=merges)
    return answer({"metadata_version": number})


ROUTES = [get_packs, get_archive, get_conflicts, post_pack, delete_pack]
