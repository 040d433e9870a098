"""A related list on a record's page: the records that link to it, as many as fit."""

from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from engine.access.roles import rights_of
from engine.fields.base import Label
from engine.query.listing import ListRequest
from engine.query.paths import resolve
from engine.query.pointing import pointing
from engine.records.read import count, page, related_request
from metadata.model import ColumnDef, DetailTabDef, InverseDef, say
from ui.pages.list_read import may_read, sortable
from ui.pages.list_state import ListState
from ui.pages.list_view import Head, number_text
from ui.pages.opened import Opened
from ui.pages.rows import RowStyle, column_css, compose_rows, covered_paths
from ui.pages.sentences import path_label

MOST = 20
CAP = 999
"""Where the count on a tab stops."""


@dataclass(frozen=True, slots=True)
class Target:
    """The record in the middle, and the related list of it."""

    object: str
    id: int
    inverse: InverseDef


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedView:
    """What the template of a related list needs."""

    label: str
    singular: str
    heads: tuple[Head, ...]
    rows: Markup
    list_url: str = ""
    create_url: str = ""
    more_url: str = ""


def target_of_tab(opened: Opened, tab: DetailTabDef) -> Target | None:
    """Find what a tab lists; None where there is nothing, or nothing that may be listed.

    ``author.books`` lists what links to the record that ``author`` names.
    """
    link, _, key = tab.list.rpartition(".")
    object_key, record_id = opened.key, opened.id
    if link:
        if link not in opened.shown:
            return None
        value = opened.found.value(link)
        if not isinstance(value, Label):
            return None
        field = opened.bound.fields[link]
        object_key, record_id = field.type.target(field.definition), value.id
    inverse = opened.unit.snapshot.site.related.get(object_key, {}).get(key)
    rights = rights_of(opened.unit)
    if inverse is None or not rights.allows(inverse.object, "read_list"):
        return None
    if not rights.allows(object_key, "read"):
        return None
    if not may_read(opened.unit, inverse.object, (inverse.field,)):
        return None
    return Target(object_key, record_id, inverse)


def related_count(opened: Opened, target: Target) -> str:
    """Count what a tab lists, up to a cap."""
    request = related_request(opened.unit, target.object, target.id, target.inverse.key)
    return number_text(count(opened.unit, request, cap=CAP))


def related_view(opened: Opened, tab: DetailTabDef, target: Target, back: str) -> RelatedView:
    """Read what a tab lists; ``back`` is where a record created here leads back to."""
    unit, inverse = opened.unit, target.inverse
    language = unit.context.locale.language
    bound = unit.snapshot.object(inverse.object)
    definition = unit.snapshot.site.list_of(inverse.object)
    wanted = tab.columns or {
        path: column for path, column in definition.columns.items() if path != inverse.field
    }
    columns = tuple(
        column for path, column in wanted.items() if may_read(unit, inverse.object, (path,))
    ) or (ColumnDef(path=bound.name.key),)
    paths = tuple(dict.fromkeys([*(column.path for column in columns), bound.name.key]))
    asked = ListRequest(
        object=inverse.object,
        columns=paths,
        sort=sortable(unit, bound, definition.sort),
        limit=MOST,
    )
    found = page(unit, related_request(unit, target.object, target.id, inverse.key, asked))
    style = RowStyle(
        object=inverse.object,
        columns=columns,
        name_field=bound.name.key,
        covered=covered_paths(unit, bound, paths),
    )
    draw = unit.snapshot.once(
        ("rows", style, unit.context.locale),
        lambda: compose_rows(style, found.slots, unit.context.locale),
    )
    mine = pointing(bound.field(inverse.field), target.object, target.id)
    whole = ListState(object=inverse.object, where=mine).url()
    creates = tab.create and not opened.binned
    creates = creates and rights_of(unit).allows(inverse.object, "create")
    prefill = urlencode({inverse.field: mine.value, "_back": back})
    heads = tuple(
        Head(
            say(column.label, language)
            if column.label
            else path_label(resolve(unit.snapshot, bound, column.path), language),
            column_css(column, found.slots[column.path], first=at == 0, pinned=False),
        )
        for at, column in enumerate(columns)
    )
    return RelatedView(
        label=say(tab.label or inverse.label, language),
        singular=say(bound.definition.label, language),
        heads=heads,
        rows=draw(found.rows),
        list_url=whole,
        create_url=f"/o/{inverse.object}/new?{prefill}" if creates else "",
        more_url=whole if found.has_more else "",
    )
