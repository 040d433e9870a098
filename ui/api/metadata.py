"""Metadata by API: documents, drafts, plans, publishing, versions, rollback."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.serialization import encode_json

from engine.access.idempotency import Answer
from engine.errors import FieldError, InvalidInput
from engine.publish.apply import publish_draft, rollback_to
from engine.publish.documents import Layer, list_documents
from engine.publish.draft import create_draft, read_draft
from engine.publish.live import LiveSite
from engine.publish.plan import plan_draft
from engine.publish.store import list_versions
from engine.storage.snapshot import Unit
from ui.api.answers import act_once, answer, mapping_of, only, respond, write_once
from ui.api.plans import plan_json
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import ADMIN

LARGEST = 2**63 - 1
METADATA = f"{ADMIN}metadata"


@get("/metadata/documents", right=METADATA, sync_to_thread=True)
def get_documents(
    site: GivenSite,
    context: GivenContext,
    kind: FromQuery[str] = "",
    key: FromQuery[str] = "",
    layer: FromQuery[Layer] = "effective",
) -> Response[bytes]:
    """Give the documents that hold (or those of one layer)."""
    with site.read(context) as unit:
        return respond(answer(documents_json(site, unit, kind=kind, key=key, layer=layer)))


def documents_json(
    site: LiveSite, unit: Unit, *, kind: str, key: str, layer: Layer
) -> dict[str, Any]:
    """Give the documents of a layer."""
    found = list_documents(site, kind=kind, key=key, layer=layer)
    items = [
        {"document": f"{one.kind}/{one.key}", "kind": one.kind, "key": one.key,
         "layer": one.layer, "body": one.body}
        for one in found
    ]  # fmt: skip
    return {"items": items, "metadata_version": unit.snapshot.number}


@post("/metadata/drafts", right=METADATA, sync_to_thread=True)
def post_draft(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    data: JSONBody[Any],
) -> Response[bytes]:
    """Begin a draft: ``{changes: [...], note}``."""
    body = mapping_of(data)
    only(body, "changes", "note")
    changes = body.get("changes")
    if not isinstance(changes, list):
        raise InvalidInput([FieldError("changes", "not_a_list")])
    note = str(body.get("note", ""))

    def work(unit: Any) -> Any:
        draft = create_draft(unit, changes, note=note)
        made = {"id": draft.id, "base": draft.base, "note": draft.note, "changes": changes}
        location = f"/api/v1/metadata/drafts/{draft.id}"
        return answer(made, status=201, headers={"location": location})

    return write_once(request, site, context, data, work)


@get("/metadata/drafts/{draft_id:int}/plan", right=METADATA, sync_to_thread=True)
def get_plan(
    site: GivenSite,
    context: GivenContext,
    draft_id: FromPath[int],
) -> Response[bytes]:
    """Give the plan of a draft; nothing is changed."""
    with site.read(context) as unit:
        plan = plan_draft(site, unit, read_draft(unit, draft_id))
    return respond(answer(plan_json(plan, context.locale.language)))


@post("/metadata/drafts/{draft_id:int}/publish", right=METADATA, sync_to_thread=True)
def post_publish(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    draft_id: FromPath[int],
) -> Response[bytes]:
    """Publish a draft; a published draft is open no more (404)."""

    def work() -> Answer:
        with site.read(context) as unit:
            draft = read_draft(unit, draft_id)
        return answer({"metadata_version": publish_draft(site, context, draft)})

    return act_once(request, site, context, b"", work)


@post("/metadata/rollback", right=METADATA, sync_to_thread=True)
def post_rollback(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    data: JSONBody[Any],
) -> Response[bytes]:
    """Publish the documents of an earlier version as a new version: ``{to: version}``."""
    body = mapping_of(data)
    only(body, "to", "note")
    if type(body.get("to")) is not int or abs(body["to"]) > LARGEST:
        raise InvalidInput([FieldError("to", "not_a_number")])
    to, note = body["to"], str(body.get("note", ""))

    def work() -> Answer:
        return answer({"metadata_version": rollback_to(site, context, to, note=note)})

    return act_once(request, site, context, encode_json(body), work)


@get("/metadata/versions", right=METADATA, sync_to_thread=True)
def get_versions(
    site: GivenSite,
    context: GivenContext,
    before: Annotated[int | None, QueryParameter(ge=1, le=LARGEST)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> Response[bytes]:
    """List versions, newest first: who, when, note, changes."""
    with site.read(context) as unit:
        found = list_versions(unit.connection, before=before, limit=limit)
        served = unit.snapshot.number
    items = [
        {
            "version": one.number,
            "at": one.at,
            "by": {"id": one.by, "label": one.by_name} if one.by is not None else None,
            "note": one.note,
            "changes": one.changes,
            "rolls_back_to": one.rolls_back_to,
        }
        for one in found
    ]
    return respond(answer({"items": items, "metadata_version": served}))


ROUTES = [get_documents, post_draft, get_plan, post_publish, post_rollback, get_versions]
