"""Giving a record a star and taking it away, and how lists and records show it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from markupsafe import Markup, escape

from engine.personal.stars import add_star, has_stars, remove_star, starred
from engine.query.listing import Page
from engine.records.read import get
from engine.storage.snapshot import Unit
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.forms_read import Form, form_of
from ui.pages.frame import go
from ui.pages.opened import Opened, check_id
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.views import Views
from ui.widgets.base import last

OFF, ON = 'aria-pressed="false"', 'aria-pressed="true"'


@dataclass(frozen=True, slots=True)
class StarView:
    """The star of one record."""

    url: str
    on: bool
    label: str


@post("/o/{object_key:str}/{record_id:int}/star", name="record.star", sync_to_thread=True,
      status_code=303, right=BY_OBJECT)  # fmt: skip
def submit_star(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Star a record (``on=1``), or take its star away."""
    check_id(object_key, record_id)
    with site.write(context, brief=True) as unit:
        if last(form_of(data), "on") == "1":
            get(unit, object_key, record_id, ("id",))
            add_star(unit, object_key, record_id)
        else:
            remove_star(unit, object_key, record_id)
    if request.is_htmx:
        return Response(None, status_code=204)
    return go(request, f"/o/{object_key}/{record_id}")


def star_of(opened: Opened) -> StarView | None:
    """Give the star of an open record; None where its object has none."""
    unit = opened.unit
    if opened.binned or not has_stars(unit, opened.key):
        return None
    label = translate(unit.context.locale.language, "record.star", name=opened.name)
    return StarView(f"{opened.url}/star", opened.id in starred(unit, opened.key), label)


def card_stars(unit: Unit, object_key: str) -> Callable[[int, str], StarView | None]:
    """Give what makes the star of a card, from its id and name; None where there are none."""
    if not has_stars(unit, object_key):
        return lambda _record_id, _name: None
    known, language = ("stars of cards", object_key), unit.context.locale.language
    if known not in unit.memo:
        unit.memo[known] = frozenset(starred(unit, object_key))
    mine = unit.memo[known]

    def star(record_id: int, name: str) -> StarView:
        label = translate(language, "record.star", name=name)
        return StarView(f"/o/{object_key}/{record_id}/star", record_id in mine, label)

    return star


def star_html(views: Views, object_key: str, language: str) -> tuple[str, str]:
    """Give the star of a row, up to the record's id and from there up to its name."""
    start = f'<button class="h-star" type="button" data-star="/o/{object_key}/'
    label = str(escape(translate(language, "record.star", name="\0")))
    before, _, after = label.partition("\0")
    return start, f'/star" {OFF} aria-label="{before}\0{after}">{views.icon("star")}</button>'


def with_stars(unit: Unit, object_key: str, page: Page, rows: Markup) -> Markup:
    """Fill the stars of the rows that have one; rows are drawn alike for everybody."""
    if not page.rows or not has_stars(unit, object_key):
        return rows
    mine = set(starred(unit, object_key))
    text = str(rows)
    for row in page.rows:
        if row[page.id_index] in mine:
            place = f'data-star="/o/{object_key}/{row[page.id_index]}/star" '
            text = text.replace(place + OFF, place + ON, 1)
    return Markup(text)  # noqa: S704 - it was drawn safely


ROUTES = [submit_star]
