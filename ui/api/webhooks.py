"""Webhooks by API: where events are sent, and the log of what became of each."""

from dataclasses import replace
from typing import Any

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from litestar.serialization import decode_json

from engine.access.idempotency import Answer
from engine.access.keys import Keys
from engine.storage.snapshot import Unit
from engine.webhooks.deliveries import Delivery, list_deliveries, order_trial, repeat_delivery
from engine.webhooks.hooks import (
    Webhook,
    change_webhook,
    create_webhook,
    list_webhooks,
    read_webhook,
    remove_webhook,
    renew_secret,
    shown_secret,
)
from ui.api.answers import answer, mapping_of, respond, stored_once, write_once
from ui.api.asked import limit_of, refuse_unknown, whole_number
from ui.given import GivenContext, GivenServices, GivenSite
from ui.request import PageRequest
from ui.security.rights import ADMIN

RIGHT = f"{ADMIN}parameters"
ALL = "/webhooks"
ONE = "/webhooks/{webhook_id:int}"


@get(ALL, right=RIGHT, sync_to_thread=True)
def get_webhooks(site: GivenSite, context: GivenContext) -> Response[bytes]:
    """List the webhooks; no secret is shown."""
    with site.read(context) as unit:
        items = [_webhook(one) for one in list_webhooks(unit.connection)]
    return respond(answer({"items": items}))


@post(ALL, right=RIGHT, sync_to_thread=True)
def post_webhook(
    request: PageRequest, services: GivenServices, context: GivenContext, data: JSONBody[Any]
) -> Response[bytes]:
    """Make a webhook: ``{url, kinds, objects, note}``; the answer shows its secret."""
    values = mapping_of(data)

    def work(unit: Unit) -> Answer:
        made = create_webhook(unit, services.keys, values)
        headers = {"location": f"/api/v1/webhooks/{made.id}"}
        return answer(_webhook(made) | {"salt": made.salt}, status=201, headers=headers)

    return _with_secret(services.keys, stored_once(request, services.site, context, data, work))


@get(ONE, right=RIGHT, sync_to_thread=True)
def get_webhook(
    site: GivenSite, context: GivenContext, webhook_id: FromPath[int]
) -> Response[bytes]:
    """Give one webhook, without its secret."""
    with site.read(context) as unit:
        return respond(answer(_webhook(read_webhook(unit.connection, webhook_id))))


@patch(ONE, right=RIGHT, sync_to_thread=True)
def patch_webhook(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    webhook_id: FromPath[int],
    data: JSONBody[Any],
) -> Response[bytes]:
    """Change a webhook: address, kinds, objects, note, active."""
    values = mapping_of(data)

    def work(unit: Unit) -> Answer:
        return answer(_webhook(change_webhook(unit, webhook_id, values)))

    return write_once(request, site, context, data, work)


@delete(ONE, right=RIGHT, sync_to_thread=True, status_code=200)
def delete_webhook(
    request: PageRequest, site: GivenSite, context: GivenContext, webhook_id: FromPath[int]
) -> Response[bytes]:
    """Remove a webhook with its log."""

    def work(unit: Unit) -> Answer:
        remove_webhook(unit, webhook_id)
        return Answer(status=204, body=b"")

    return write_once(request, site, context, None, work)


@post(f"{ONE}/secret", right=RIGHT, sync_to_thread=True, status_code=200)
def post_secret(
    request: PageRequest,
    services: GivenServices,
    context: GivenContext,
    webhook_id: FromPath[int],
) -> Response[bytes]:
    """Give a webhook another secret, and show it."""

    def work(unit: Unit) -> Answer:
        made = renew_secret(unit, services.keys, webhook_id)
        return answer(_webhook(made) | {"salt": made.salt})

    return _with_secret(services.keys, stored_once(request, services.site, context, None, work))


@post(f"{ONE}/trial", right=RIGHT, sync_to_thread=True, status_code=202)
def post_trial(
    request: PageRequest, site: GivenSite, context: GivenContext, webhook_id: FromPath[int]
) -> Response[bytes]:
    """Send a webhook something that happened to nobody."""

    def work(unit: Unit) -> Answer:
        return answer(_delivery(order_trial(unit, webhook_id)), status=202)

    return write_once(request, site, context, None, work)


@get(f"{ONE}/deliveries", right=RIGHT, sync_to_thread=True)
def get_deliveries(
    request: PageRequest, site: GivenSite, context: GivenContext, webhook_id: FromPath[int]
) -> Response[bytes]:
    """Give the log, newest first: what was sent, when, and what was answered."""
    asked = dict(request.query_params)
    refuse_unknown(asked, {"cursor", "limit"})
    before = whole_number("cursor", asked["cursor"]) if asked.get("cursor") else None
    limit = limit_of(asked)
    with site.read(context) as unit:
        read_webhook(unit.connection, webhook_id)
        found = list_deliveries(unit.connection, webhook_id, before=before, limit=limit + 1)
    cursor = str(found[limit - 1].id) if len(found) > limit else None
    items = [_delivery(one) for one in found[:limit]]
    return respond(answer({"items": items, "next_cursor": cursor}))


@post(
    f"{ONE}/deliveries/{{delivery_id:int}}/repeat",
    right=RIGHT,
    sync_to_thread=True,
    status_code=202,
)
def post_repeat(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    webhook_id: FromPath[int],
    delivery_id: FromPath[int],
) -> Response[bytes]:
    """Send something again that has ended; it keeps its id."""

    def work(unit: Unit) -> Answer:
        return answer(_delivery(repeat_delivery(unit, webhook_id, delivery_id)), status=202)

    return write_once(request, site, context, None, work)


def _with_secret(keys: Keys, stored: Answer) -> Response[bytes]:
    """Show the secret in place of its salt: an answer that is kept holds no secret."""
    told = decode_json(stored.body)
    told["secret"] = shown_secret(keys, told.pop("salt"))
    return respond(replace(stored, body=answer(told).body))


def _webhook(one: Webhook) -> dict[str, Any]:
    return {
        "id": one.id,
        "url": one.url,
        "kinds": list(one.kinds),
        "objects": list(one.objects),
        "note": one.note,
        "active": one.active,
        "user": one.user_id,
        "created_at": one.created_at,
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "message_id": one.message_id,
        "kind": one.kind,
        "at": one.at,
        "state": one.state,
        "tries": one.tries,
        "next_try_at": one.ready_at if one.state == "queued" else None,
        "status": one.status,
        "error": one.error,
        "ended_at": one.ended_at,
    }


ROUTES = [
    get_webhooks, post_webhook, get_webhook, patch_webhook, delete_webhook, post_secret,
    post_trial, get_deliveries, post_repeat,
]  # fmt: skip
