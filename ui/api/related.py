"""What hangs on a record: its history, its related lists, who may do what with it."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import UnknownField
from engine.history.read import Seen, read_history
from engine.records import read
from engine.records.encode import page_json
from ui.api.answers import answer, respond
from ui.api.asked import LIST_WORDS, limit_of, list_request, refuse_unknown, whole_number
from ui.api.records import RECORD
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT


@get(f"{RECORD}/history", right=BY_OBJECT, sync_to_thread=True)
def get_history(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[bytes]:
    """Give what happened to a record, newest first; hidden fields are left out."""
    asked = dict(request.query_params)
    refuse_unknown(asked, {"cursor", "limit"})
    before = whole_number("cursor", asked["cursor"]) if asked.get("cursor") else None
    with site.read(context) as unit:
        predicate = rights_of(unit).predicate(object_key, "read")
        found = read_history(unit, predicate, object_key, record_id, before, limit_of(asked))
    cursor = None if found.before is None else str(found.before)
    items = [_entry(entry) for entry in found.entries]
    return respond(answer({"items": items, "next_cursor": cursor}))


@get(f"{RECORD}/related/{{list_key:str}}", right=BY_OBJECT, sync_to_thread=True)
def get_related(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    list_key: FromPath[str],
) -> Response[bytes]:
    """List the records that link to this one, by right."""
    asked = dict(request.query_params)
    refuse_unknown(asked, LIST_WORDS - {"count"})
    with site.read(context) as unit:
        inverse = unit.snapshot.site.related.get(object_key, {}).get(list_key)
        if inverse is None:
            raise UnknownField(object=object_key, field=list_key)
        wanted = list_request(unit, inverse.object, asked)
        page = read.related(unit, object_key, record_id, list_key, wanted)
        body = {
            "items": page_json(unit, inverse.object, page),
            "next_cursor": page.next_cursor,
            "metadata_version": unit.snapshot.number,
        }
    return respond(answer(body))


def _entry(entry: Seen) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at,
        "by": {"id": entry.by, "label": entry.by_name} if entry.by is not None else None,
        "action": entry.action,
        "version": entry.version,
        "request_id": entry.request_id,
        "changes": [
            {
                "field": seen.key,
                "before": seen.change.old,
                "after": seen.change.new,
                "before_text": seen.change.old_text,
                "after_text": seen.change.new_text,
            }
            for seen in entry.changes
        ],
    }


ROUTES = [get_history, get_related]
