"""Who can see a record and why: the answer of the predicates, in words, on its page."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from engine.access.explain import Access, ActionAccess, Place, explain
from engine.access.viewers import viewers
from engine.query.names import names_of
from engine.records.ownership import OWNER
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.api.access import as_person, may_ask
from ui.api.asked import whole_number
from ui.given import GivenContext, GivenSite
from ui.i18n import has_text, translate
from ui.pages.frame import show_dialog
from ui.pages.history_view import when
from ui.pages.opened import Opened, open_record, plain
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class ActionWhy:
    """An action: whether, why, and what each role of the person says of it."""

    label: str
    allowed: bool
    message: str
    grants: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class PersonWhy:
    """Somebody who can see the record."""

    name: str
    message: str
    url: str


@dataclass(frozen=True, slots=True)
class WhyView:
    """What the panel needs (``records/_why.html``)."""

    title: str
    who: str
    facts: tuple[tuple[str, str], ...]
    actions: tuple[ActionWhy, ...]
    fields: tuple[tuple[str, str], ...]
    people: tuple[PersonWhy, ...]
    more: bool
    back: str


@get("/o/{object_key:str}/{record_id:int}/access", name="record.access", sync_to_thread=True,
     right=BY_OBJECT)  # fmt: skip
def show_access(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[Any]:
    """Say what the person (or, for who administers people, ``?user=``) may do here, and why."""
    asked = str(request.query_params.get("user", ""))
    with site.read(context) as unit:
        opened = open_record(unit, object_key, record_id, binned_too=True)
        about = as_person(unit, whole_number("user", asked)) if asked else unit
        view = why_view(opened, about)
        return show_dialog(
            request,
            unit,
            "records/_why.html",
            title=view.title,
            active=opened.list_url,
            why=view,
        )


def why_view(opened: Opened, about: Unit) -> WhyView:
    """Give the panel of a record for the person whose unit ``about`` is."""
    unit = opened.unit
    language = unit.context.locale.language
    owner = plain(opened.found.value(OWNER)) if OWNER in opened.found.slots else None
    place = Place(opened.key, opened.id, owner)
    found = explain(about, place)
    people: tuple[PersonWhy, ...] = ()
    more = None
    if may_ask(unit):
        seen, more = viewers(unit, place, limit=MOST_PEOPLE)
        people = tuple(
            PersonWhy(
                one.name,
                translate(language, f"why.{one.reason}"),
                f"{opened.url}/access?user={one.user}",
            )
            for one in seen
        )
    return WhyView(
        title=f"{translate(language, 'why.title')} · {opened.name}",
        who=about.context.actor.name,
        facts=tuple(_facts(opened, found, owner)),
        actions=tuple(_action(opened, one) for one in found.actions),
        fields=tuple(_fields(opened, found)),
        people=people,
        more=more is not None,
        back=opened.url,
    )


def _facts(opened: Opened, found: Access, owner: int | None) -> list[tuple[str, str]]:
    """Say what scopes and teams go by: owner, his department, who reports to whom, membership."""
    unit = opened.unit
    context = unit.context
    language = context.locale.language
    wanted = {("user", one) for one in found.line}
    if owner is not None:
        wanted.add(("user", owner))
    if found.department is not None:
        wanted.add(("department", found.department))
    names = names_of(unit, wanted)
    told = []
    if OWNER in opened.shown and owner is not None:
        told.append((translate(language, "why.owner"), names.get(("user", owner), f"#{owner}")))
        room = names.get(("department", found.department or 0), "")
        if room:
            told.append((translate(language, "why.department"), room))
    if found.line:
        line = " → ".join(names.get(("user", one), f"#{one}") for one in found.line)
        told.append((translate(language, "why.line"), line))
    if found.member is not None:
        place = translate(language, f"team.level.{found.member.level}")
        if found.member.expires_at is not None:
            ends = when(found.member.expires_at, context)
            place = f"{place} · {translate(language, 'team.until', when=ends)}"
        told.append((translate(language, "why.member"), place))
    return told


def _action(opened: Opened, one: ActionAccess) -> ActionWhy:
    site, language = opened.unit.snapshot.site, opened.unit.context.locale.language
    definition = opened.bound.definition.actions[one.action]
    grants = []
    for grant in one.grants:
        key = f"why.scope.{grant.scope}"
        scope = translate(language, key) if has_text(language, key) else grant.scope
        grants.append((f"{say(site.roles[grant.role].label, language)} · {scope}", grant.reaches))
    message = translate(language, f"why.{one.reason}")
    return ActionWhy(say(definition.label, language), one.allowed, message, tuple(grants))


def _fields(opened: Opened, found: Access) -> list[tuple[str, str]]:
    """Name the fields that are not wholly open, but none that the one who asks may not see."""
    language = opened.unit.context.locale.language
    told = []
    for one in found.fields:
        if one.field not in opened.shown or (one.level == "edit" and not one.mask):
            continue
        words = [translate(language, f"why.level.{one.level}")]
        if one.mask:
            words.append(translate(language, f"why.mask.{one.mask}"))
        label = say(opened.bound.fields[one.field].definition.label, language)
        told.append((label, " · ".join(words)))
    return told


ROUTES = [show_access]
