"""Search across objects by API."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get

from engine.access.roles import rights_of
from engine.query.search import Fact, Hit
from engine.records.encode import covered
from engine.records.find import find
from engine.storage.snapshot import Unit
from ui.api.answers import answer, respond
from ui.api.asked import limit_of, refuse_unknown
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN

MOST_HITS = 100


@get("/search", right=SIGNED_IN, sync_to_thread=True)
def get_search(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[bytes]:
    """Find records by name, phone and other searched fields, by right."""
    with site.read(context) as unit:
        return respond(answer(search_json(unit, dict(request.query_params))))


def search_json(unit: Unit, asked: Mapping[str, str]) -> dict[str, Any]:
    """Give what a search finds, as the query parameters ask for it.

    Raises:
        InvalidInput: a parameter does not fit.
    """
    refuse_unknown(asked, {"q", "limit"})
    limit = limit_of(asked, most=MOST_HITS) if asked.get("limit") else 20
    hits = find(unit, asked.get("q", ""), limit=limit)
    return {"items": [_hit(unit, hit) for hit in hits]}


def _hit(unit: Unit, hit: Hit) -> dict[str, Any]:
    facts = [
        {"field": fact.slot.field.key, "text": _text(unit, hit.object, fact)} for fact in hit.facts
    ]
    return {"object": hit.object, "id": hit.id, "label": hit.label, "facts": facts}


def _text(unit: Unit, object_key: str, fact: Fact) -> str:
    field = fact.slot.field
    text = field.type.text(fact.value, field.definition, unit.context.locale)
    masked = bool(text) and bool(rights_of(unit).field_mask(object_key, field.key))
    return covered(text, field) if masked else text


ROUTES = [get_search]
