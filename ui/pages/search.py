"""Search over everything: the list that drops down while one types, and its page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from litestar import Response, get

from engine.access.roles import rights_of
from engine.query.search import Fact, Hit
from engine.records.encode import covered
from engine.records.find import find
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import show
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN
from ui.shell import NO_ICON

FEW, MANY = 8, 60
MOST_QUERY = 100


@dataclass(frozen=True, slots=True)
class HitView:
    """A record that was found."""

    label: str
    facts: str
    url: str


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Records of one object that were found."""

    label: str
    icon: str
    hits: tuple[HitView, ...]


@dataclass(frozen=True, slots=True)
class FoundView:
    """What the templates of search need."""

    query: str
    url: str
    groups: tuple[HitGroup, ...]
    is_drop: bool


@get("/search", name="search", sync_to_thread=True, right=SIGNED_IN)
def show_search(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[str]:
    """Search every object that the person may read."""
    query = str(request.query_params.get("q", "")).strip()[:MOST_QUERY]
    drop = request.wants_partial
    with site.read(context) as unit:
        hits = find(unit, query, limit=FEW if drop else MANY) if query else []
        view = FoundView(
            query=query,
            url=f"/search?{urlencode({'q': query})}",
            groups=_groups(unit, hits),
            is_drop=drop,
        )
        return show(
            request,
            unit,
            "search/_hits.html" if drop else "search/search.html",
            title=translate(context.locale.language, "search.title"),
            query=query,
            found=view,
        )


def _groups(unit: Unit, hits: list[Hit]) -> tuple[HitGroup, ...]:
    """Put hits together by object; the object of the best hit comes first."""
    language = unit.context.locale.language
    by_object: dict[str, list[HitView]] = {}
    for hit in hits:
        view = HitView(
            label=hit.label or f"#{hit.id}",
            facts=" · ".join(facts_text(unit, hit)),
            url=f"/o/{hit.object}/{hit.id}",
        )
        by_object.setdefault(hit.object, []).append(view)
    found = []
    for key, views in by_object.items():
        definition = unit.snapshot.object(key).definition
        label = say(definition.plural, language)
        found.append(HitGroup(label, definition.icon or NO_ICON, tuple(views)))
    return tuple(found)


def facts_text(unit: Unit, hit: Hit) -> list[str]:
    """Give the facts of a hit as text; of a covered one its ends."""
    return [text for fact in hit.facts if (text := _text(unit, hit.object, fact))]


def _text(unit: Unit, object_key: str, fact: Fact) -> str:
    field = fact.slot.field
    text = field.type.text(fact.value, field.definition, unit.context.locale)
    masked = bool(text) and bool(rights_of(unit).field_mask(object_key, field.key))
    return covered(text, field) if masked else text


ROUTES = [show_search]
