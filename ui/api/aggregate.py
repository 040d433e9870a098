"""Counts and sums by API: what the caller may list, in groups."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import FieldError, InvalidInput
from engine.query.aggregates import Aggregate, Measure, parse_measures
from engine.query.paths import resolve
from engine.records import read
from engine.storage.snapshot import Unit
from ui.api.answers import answer, respond
from ui.api.asked import list_request, refuse_unknown, words
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

AGGREGATE_WORDS = frozenset({"scene", "where", "q", "group_by", "measures"})


@get("/aggregate/{object_key:str}", right=BY_OBJECT, sync_to_thread=True)
def get_aggregate(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[bytes]:
    """Compute measures over what the caller may list; in groups with ``group_by``."""
    with site.read(context) as unit:
        return respond(answer(aggregate_json(unit, object_key, dict(request.query_params))))


def aggregate_json(unit: Unit, object_key: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Give measures as the query parameters ask for them.

    Raises:
        InvalidInput: a parameter does not fit.
        Forbidden: lists of the object are not granted.
    """
    refuse_unknown(asked, AGGREGATE_WORDS)
    rights_of(unit).require(object_key, "read_list")
    chosen = {name: text for name, text in asked.items() if name in {"scene", "where", "q"}}
    wanted = list_request(unit, object_key, chosen)
    group_by = words(asked.get("group_by", ""))
    measures = parse_measures(asked.get("measures") or "count")
    _refuse_covered(unit, object_key, (*group_by, *(one.path for one in measures if one.path)))
    found = read.grouped(unit, wanted, measures, group_by)
    return {
        "groups": _groups(unit, object_key, found, group_by, measures),
        "more": found.more,
        "metadata_version": unit.snapshot.number,
    }


def _groups(
    unit: Unit,
    object_key: str,
    found: Aggregate,
    group_by: Sequence[str],
    measures: Sequence[Measure],
) -> list[dict[str, Any]]:
    bound = unit.snapshot.object(object_key)
    fields = {
        one.path: resolve(unit.snapshot, bound, one.path).field for one in measures if one.path
    }
    groups = []
    for group in found.groups:
        keys = {
            path: slot.field.type.api(value, slot.field.definition)
            for path, slot, value in zip(
                dict.fromkeys(group_by), found.slots, group.keys, strict=True
            )
        }
        values = {}
        for measure, value in zip(measures, group.values, strict=True):
            field = fields.get(measure.path)
            plain = field is None or measure.function == "count"
            name = f"{measure.function}:{measure.path}" if measure.path else measure.function
            values[name] = value if plain else field.type.api(value, field.definition)  # type: ignore[union-attr]  # plain says so
        groups.append({"keys": keys, "values": values})
    return groups


def _refuse_covered(unit: Unit, object_key: str, paths: Sequence[str]) -> None:
    """Refuse to sum or group what the caller sees only covered: a group of one would tell it."""
    rights = rights_of(unit)
    bound = unit.snapshot.object(object_key)
    for text in paths:
        path = resolve(unit.snapshot, bound, text)
        if rights.field_mask(path.owner.key, path.field.key):
            raise InvalidInput([FieldError(text, "covered")])


ROUTES = [get_aggregate]
