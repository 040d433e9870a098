"""Bulk actions by API: the same thing done with many records, as a job that can be undone."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.serialization import encode_json

from engine.access.idempotency import Answer
from engine.bulk.order import BulkOrder, order_bulk
from engine.bulk.rows import read_outcomes
from engine.bulk.undo import undo_bulk
from engine.bulk.verbs import VERBS
from engine.context import Context
from engine.errors import FieldError, InvalidInput
from engine.publish.live import LiveSite
from engine.worker.visible import resume, sees_all, visible_job, visible_jobs
from metadata.conditions import dump_condition
from ui.api.answers import act_once, answer, mapping_of, respond
from ui.api.asked import LIST_WORDS, limit_of, list_request, refuse_unknown, whole_number
from ui.api.exchange import ACCEPTED, accepted, job_answer
from ui.given import GivenContext, GivenSite
from ui.job_words import row_message
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT, SIGNED_IN

WORDS = frozenset({"ids", "values", "scene", "where", "q"})
MOST_ROWS = 200


@post(
    "/records/{object_key:str}/actions/{verb:str}",
    right=BY_OBJECT,
    status_code=ACCEPTED,
    sync_to_thread=True,
)
def post_bulk(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    verb: FromPath[str],
    data: JSONBody[Any],
) -> Response[bytes]:
    """Order a verb or an action of ``ids``, or of all that scene, where and q keep."""
    order = _order(site, context, object_key, verb, mapping_of(data))

    def work() -> Answer:
        return accepted(site, context, order_bulk(site, context, order))

    return act_once(request, site, context, encode_json(data), work)


@post("/jobs/{job_id:int}/undo", right=SIGNED_IN, status_code=ACCEPTED, sync_to_thread=True)
def post_undo(
    request: PageRequest, site: GivenSite, context: GivenContext, job_id: FromPath[int]
) -> Response[bytes]:
    """Take a bulk action of the caller back; records changed since are skipped and told."""

    def work() -> Answer:
        return accepted(site, context, undo_bulk(site, context, job_id))

    return act_once(request, site, context, b"", work)


@post("/jobs/{job_id:int}/resume", right=SIGNED_IN, status_code=ACCEPTED, sync_to_thread=True)
def post_resume(
    request: PageRequest, site: GivenSite, context: GivenContext, job_id: FromPath[int]
) -> Response[bytes]:
    """Let a job that failed or was cancelled go on where it stopped."""

    def work() -> Answer:
        resume(site, context, job_id)
        return accepted(site, context, job_id)

    return act_once(request, site, context, b"", work)


@get("/jobs", right=SIGNED_IN, sync_to_thread=True)
def get_jobs(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[bytes]:
    """List the caller's jobs, newest first; with ``all=true`` everybody's, for who may."""
    asked = dict(request.query_params)
    refuse_unknown(asked, {"all", "before", "limit"})
    before = whole_number("before", asked["before"]) if asked.get("before") else None
    limit = limit_of(asked)
    with site.read(context) as unit:
        everybody = asked.get("all") == "true" and sees_all(unit)
        found = visible_jobs(unit, everybody=everybody, before=before, limit=limit)
        items = [job_answer(unit, job) for job in found]
    return respond(answer({"items": items}))


@get("/jobs/{job_id:int}/rows", right=SIGNED_IN, sync_to_thread=True)
def get_rows(
    request: PageRequest, site: GivenSite, context: GivenContext, job_id: FromPath[int]
) -> Response[bytes]:
    """List what became of each record of a bulk action, by ``state``, ``after`` and ``limit``."""
    asked = dict(request.query_params)
    refuse_unknown(asked, {"state", "after", "limit"})
    after = whole_number("after", asked.get("after") or "0")
    limit = limit_of(asked, most=MOST_ROWS)
    states = tuple(one for one in asked.get("state", "").split(",") if one)
    with site.read(context) as unit:
        job = visible_job(unit, job_id)
        found = read_outcomes(unit.connection, job.id, states=states, after=after, limit=limit + 1)
    language = context.locale.language
    items = [
        {
            "id": one.record,
            "state": one.state,
            "code": one.code or None,
            "field": one.params.get("at_field") or None,
            "message": row_message(one.code, one.params, language) if one.code else None,
        }
        for one in found[:limit]
    ]
    following = found[limit - 1].place if len(found) > limit else None
    return respond(answer({"items": items, "next_after": following}))


def _order(
    site: LiveSite, context: Context, object_key: str, verb: str, body: dict[str, Any]
) -> BulkOrder:
    """Read what is ordered.

    Raises:
        InvalidInput: unknown keys, or ids that are no list of ids.
    """
    ids, values = body.get("ids"), body.get("values", {})
    beside = {key: body[key] for key in sorted(body.keys() - WORDS)}
    if verb not in VERBS and isinstance(values, dict):  # an action's form stands beside the ids
        values, beside = {**beside, **values}, {}
    errors = [FieldError(key, "unknown_field") for key in beside]
    if ids is not None and not _are_ids(ids):
        errors.append(FieldError("ids", "not_a_list"))
    if not isinstance(values, dict):
        errors.append(FieldError("values", "not_a_mapping"))
    if ids is not None and LIST_WORDS & (body.keys() - {"ids"}):
        errors.append(FieldError("ids", "not_beside_others"))
    if errors:
        raise InvalidInput(errors)
    order = BulkOrder(
        object=object_key,
        verb=verb,
        values=values,
        ids=None if ids is None else tuple(ids),
        language=context.locale.language,
    )
    return order if ids is not None else _everything(site, context, order, body)


def _everything(
    site: LiveSite, context: Context, order: BulkOrder, body: dict[str, Any]
) -> BulkOrder:
    asked = {
        "scene": str(body.get("scene") or ""),
        "where": encode_json(body["where"]).decode() if body.get("where") is not None else "",
        "q": str(body.get("q") or ""),
    }
    with site.read(context) as unit:
        request = list_request(unit, order.object, asked)
    where = None if request.where is None else dump_condition(request.where)
    return BulkOrder(
        object=order.object,
        verb=order.verb,
        values=order.values,
        where=where,
        search=request.search,
        language=order.language,
    )


def _are_ids(ids: Any) -> bool:
    return isinstance(ids, list) and all(
        isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in ids
    )


ROUTES = [post_bulk, post_undo, post_resume, get_jobs, get_rows]
