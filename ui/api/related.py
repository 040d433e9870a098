"""What hangs on a record: its history, its related lists, who may do what with it."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from engine.access.roles import Rights, rights_of
from engine.errors import RecordNotFound, UnknownField
from engine.history.read import Seen, SeenChange, read_history
from engine.records import read
from engine.records.encode import ALWAYS, covered, page_json
from engine.storage.snapshot import BoundField, BoundObject, Unit
from ui.api.answers import answer, respond
from ui.api.asked import LIST_WORDS, limit_of, list_request, refuse_unknown, whole_number
from ui.api.records import RECORD
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

PAST = {
    "create": "record.created",
    "update": "record.updated",
    "delete": "record.deleted",
    "restore": "record.restored",
}
"""What happened -> its kind in a timeline: the names of webhooks."""


@get(f"{RECORD}/history", right=BY_OBJECT, sync_to_thread=True)
def get_history(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[bytes]:
    """Give what happened to a record, newest first; hidden fields are left out."""
    with site.read(context) as unit:
        cursor, items = history_of(unit, dict(request.query_params), object_key, record_id)
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


@get(f"{RECORD}/timeline", right=BY_OBJECT, sync_to_thread=True)
def get_timeline(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[bytes]:
    """Give what happened to a record and around it, newest first, each with its kind."""
    with site.read(context) as unit:
        cursor, entries = history_of(unit, dict(request.query_params), object_key, record_id)
    items = [{**entry, "kind": PAST.get(entry["action"], entry["action"])} for entry in entries]
    return respond(answer({"items": items, "next_cursor": cursor}))


def history_of(
    unit: Unit, asked: Mapping[str, str], object_key: str, record_id: int
) -> tuple[str | None, list[dict[str, Any]]]:
    """Read a page of history as it was asked for: where to go on, and the entries."""
    refuse_unknown(asked, {"cursor", "limit"})
    before = whole_number("cursor", asked["cursor"]) if asked.get("cursor") else None
    rights = rights_of(unit)
    predicate = rights.predicate(object_key, _past_action(unit, object_key, record_id))
    found = read_history(unit, predicate, object_key, record_id, before, limit_of(asked))
    bound = unit.snapshot.object(object_key)
    entries = [_entry(rights, bound, entry) for entry in found.entries]
    return (None if found.before is None else str(found.before)), entries


def _past_action(unit: Unit, object_key: str, record_id: int) -> str:
    """Give the right to read the past of a record by: of what lies in the bin, to restore it.

    Raises:
        RecordNotFound: there is no such record, or it is out of reach.
    """
    try:
        read.get(unit, object_key, record_id, ("id",))
    except RecordNotFound:
        if not rights_of(unit).allows(object_key, "restore"):
            raise
        read.get(unit, object_key, record_id, ("id",), bin=True)
        return "restore"
    return "read"


def _entry(rights: Rights, bound: BoundObject, entry: Seen) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at,
        "by": {"id": entry.by, "label": entry.by_name} if entry.by is not None else None,
        "action": entry.action,
        "version": entry.version,
        "request_id": entry.request_id,
        "changes": [
            _change(seen, bound.fields[seen.key], rights.field_mask(bound.key, seen.key))
            for seen in entry.changes
        ],
        "team": [
            {"before": change.old, "after": change.new, "label": change.new_text}
            for change in entry.team
        ],
    }


def _change(seen: SeenChange, field: BoundField, mask: str) -> dict[str, Any]:
    change = seen.change
    if mask == ALWAYS:
        return {
            "field": seen.key,
            "before": None,
            "after": None,
            "before_text": covered(change.old_text, field),
            "after_text": covered(change.new_text, field),
        }
    return {
        "field": seen.key,
        "before": change.old,
        "after": change.new,
        "before_text": change.old_text,
        "after_text": change.new_text,
    }


ROUTES = [get_history, get_related, get_timeline]
