"""Records by API: list, create, read, change, remove, batch. One set of routes, every object."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from engine.access.idempotency import Answer
from engine.access.roles import rights_of
from engine.context import Context
from engine.errors import FieldError, InvalidInput
from engine.query.members import ABILITY
from engine.query.predicate import Level
from engine.records import read
from engine.records.batch import Operation, run_batch
from engine.records.change import change
from engine.records.create import create
from engine.records.encode import page_json, record_json
from engine.records.outcome import Outcome
from engine.records.reach import reaches
from engine.records.remove import remove
from engine.records.team import LEVELS
from engine.records.writing import Writing
from engine.storage.snapshot import Unit
from ui.api.answers import answer, mapping_of, only, respond, write_once
from ui.api.asked import list_request
from ui.api.conditional import respond_unless_known, tag_of, version_asked
from ui.errors import fault_of
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

COLLECTION = "/records/{object_key:str}"
RECORD = "/records/{object_key:str}/{record_id:int}"
LARGEST = 2**63 - 1
KEEP = "keep_me"
"""The parameter that keeps the caller in the team of what he makes for somebody else."""
MOST_COUNTED = 10_000
"""Where a capped count stops."""


@get(COLLECTION, right=BY_OBJECT, sync_to_thread=True)
def get_records(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[bytes]:
    """List records: those of a scene, a condition, a search, by right."""
    with site.read(context) as unit:
        return respond(answer(list_json(unit, object_key, dict(request.query_params))))


def list_json(unit: Unit, object_key: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Give a page of a list as the query parameters ask for it.

    Raises:
        InvalidInput: a parameter does not fit.
        Forbidden: lists of the object are not granted.
    """
    count = asked.get("count", "none")
    if count not in {"none", "capped", "exact"}:
        raise InvalidInput([FieldError("count", "unknown_option", {"value": count})])
    rights_of(unit).require(object_key, "read_list")
    wanted = list_request(unit, object_key, asked)
    page = read.page(unit, wanted)
    body: dict[str, Any] = {
        "items": page_json(unit, object_key, page),
        "next_cursor": page.next_cursor,
        "count": None,
        "metadata_version": unit.snapshot.number,
    }
    if count != "none":
        cap = None if count == "exact" else MOST_COUNTED
        counted = read.count(unit, wanted, cap=cap)
        body["count"] = {"value": counted.value, "exact": counted.exact}
    return body


@post(COLLECTION, right=BY_OBJECT, sync_to_thread=True)
def post_record(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: JSONBody[Any],
) -> Response[bytes]:
    """Create a record."""
    values = mapping_of(data)

    def work(unit: Unit) -> Answer:
        writing = Writing(keeps=_keeps(unit, object_key, request))
        written = create(unit, object_key, values, writing=writing)
        location = {"location": f"/api/v1/records/{object_key}/{written.id}"}
        if not reaches(unit, object_key, written.id):  # it is another's now
            known = answer({"id": written.id, "version": written.version})
            return Answer(201, known.body, location)
        made = record_answer(unit, object_key, written.id)
        return Answer(201, made.body, {**made.headers, **location})

    return write_once(request, site, context, data, work)


@get(RECORD, right=BY_OBJECT, sync_to_thread=True)
def get_record(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[bytes]:
    """Read a record; 304 when it is still the version of ``If-None-Match``."""
    with site.read(context) as unit:
        record = read.get(unit, object_key, record_id)
        found = answer(record_json(unit, object_key, record))
    return respond_unless_known(request, found, record.version)


@patch(RECORD, right=BY_OBJECT, sync_to_thread=True)
def patch_record(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    data: JSONBody[Any],
) -> Response[bytes]:
    """Change a record from the version named by ``If-Match`` or by ``version`` in the body."""
    values = dict(mapping_of(data))
    version = version_asked(request, values.pop("version", None))

    def work(unit: Unit) -> Answer:
        change(unit, object_key, record_id, values, version=version)
        return record_answer(unit, object_key, record_id)

    return write_once(request, site, context, data, work)


@delete(RECORD, right=BY_OBJECT, sync_to_thread=True, status_code=200)
def delete_record(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[bytes]:
    """Move a record to the recycle bin, with what falls with it."""
    version = version_asked(request)

    def work(unit: Unit) -> Answer:
        remove(unit, object_key, record_id, version=version)
        return Answer(status=204, body=b"")

    return write_once(request, site, context, None, work)


@post(f"{COLLECTION}/batch", right=BY_OBJECT, sync_to_thread=True, status_code=200)
def post_batch(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: JSONBody[Any],
) -> Response[bytes]:
    """Write up to 1,000 rows: ``{atomic, rows: [{op, id?, version?, values?}]}``."""
    body = mapping_of(data)
    operations = _operations(body)
    atomic = body.get("atomic", False)
    if not isinstance(atomic, bool):
        raise InvalidInput([FieldError("atomic", "not_true_or_false")])

    def work(unit: Unit) -> Answer:
        keeps = _keeps(unit, object_key, request)
        outcomes = run_batch(unit, object_key, operations, atomic=atomic, keeps=keeps)
        return answer({"rows": [_outcome(one, context) for one in outcomes]})

    return write_once(request, site, context, data, work)


def record_answer(unit: Unit, object_key: str, record_id: int) -> Answer:
    """Give a record as it stands, with its tag."""
    found = read.get(unit, object_key, record_id)
    made = answer(record_json(unit, object_key, found))
    return Answer(made.status, made.body, {"etag": tag_of(found.version, made.body)})


def _keeps(unit: Unit, object_key: str, request: PageRequest) -> Level | None:
    """Read how far the caller wants to stay in the team of what he makes for somebody else.

    Raises:
        InvalidInput: no such level, or records of the object have no team.
    """
    asked = request.query_params.get(KEEP)
    if asked is None:
        return None
    if not unit.snapshot.object(object_key).definition.has(ABILITY):
        raise InvalidInput([FieldError(KEEP, "unknown_field")])
    if asked not in LEVELS:
        raise InvalidInput([FieldError(KEEP, "unknown_level")])
    return "write" if asked == "write" else "read"


def _operations(body: dict[str, Any]) -> list[Operation]:
    only(body, "rows", "atomic")
    rows = body.get("rows")
    if not isinstance(rows, list):
        raise InvalidInput([FieldError("rows", "not_a_list")])
    return [_operation(row, f"rows/{number}") for number, row in enumerate(rows)]


def _operation(row: Any, path: str) -> Operation:
    if not isinstance(row, dict) or row.get("op") not in {"create", "update", "delete"}:
        op = row.get("op", "") if isinstance(row, dict) else ""
        raise InvalidInput([FieldError(f"{path}/op", "unknown_option", {"value": str(op)})])
    only(row, "op", "id", "version", "values", at=f"{path}/")
    for name in ("id", "version"):
        number = row.get(name)
        if number is not None and (type(number) is not int or abs(number) > LARGEST):
            raise InvalidInput([FieldError(f"{path}/{name}", "not_a_number")])
    values = row.get("values")
    if values is not None and not isinstance(values, dict):
        raise InvalidInput([FieldError(f"{path}/values", "not_an_object")])
    return Operation(row["op"], id=row.get("id"), version=row.get("version"), values=values)


def _outcome(one: Outcome, context: Context) -> dict[str, Any]:
    told: dict[str, Any] = {"status": one.status}
    if one.id is not None:
        told["id"] = one.id
    if one.version is not None:
        told["version"] = one.version
    if one.error is not None:
        fault = fault_of(one.error, context.locale.language)
        told["error"] = {"code": fault.code, "title": fault.title, "errors": list(fault.errors)}
    return told


ROUTES = [
    get_records, post_record, get_record, patch_record, delete_record, post_batch,
]  # fmt: skip
