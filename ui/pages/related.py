"""Related lists on a record's page: records that link to it."""

from dataclasses import dataclass

from markupsafe import Markup

from engine.access.roles import rights_of
from engine.query.listing import ListRequest
from engine.query.paths import resolve
from engine.records.read import related as read_related
from metadata.conditions import AllOf, Test
from metadata.model import ColumnDef, DetailTabDef, InverseDef, say
from ui.i18n import translate
from ui.pages.list_read import may_read, sortable
from ui.pages.list_state import ListState
from ui.pages.list_view import Head
from ui.pages.record_read import Seen
from ui.pages.rows import RowStyle, column_css, compose_rows
from ui.pages.sentences import path_label

MOST = 20
MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedView:
    """What the template of a related list needs."""

    label: str
    singular: str
    heads: tuple[Head, ...]
    rows: Markup
    list_url: str
    create_url: str = ""
    more_url: str = ""


def inverse_of(seen: Seen, tab: DetailTabDef) -> InverseDef | None:
    """Give the related list of a tab, where there is one that the reader may open."""
    found = seen.unit.snapshot.site.related.get(seen.bound.key, {}).get(tab.list)
    if found is None or not may_read(seen.unit, found.object, (found.field,)):
        return None
    return found if rights_of(seen.unit).allows(found.object, "read_list") else None


def related_of(seen: Seen, tab: DetailTabDef, inverse: InverseDef) -> RelatedView:
    """Read a related list."""
    unit, locale = seen.unit, seen.unit.context.locale
    bound = unit.snapshot.object(inverse.object)
    definition = unit.snapshot.site.list_of(inverse.object)
    columns = _columns(seen, tab, inverse)
    name = bound.name.key
    request = ListRequest(
        object=inverse.object,
        columns=tuple(dict.fromkeys([*(column.path for column in columns), name])),
        sort=sortable(unit, bound, definition.sort),
        limit=MOST,
    )
    page = read_related(unit, seen.bound.key, seen.id, inverse.key, request)
    style = RowStyle(object=inverse.object, columns=columns, name_field=name)
    draw = unit.snapshot.once(
        ("rows", style, locale), lambda: compose_rows(style, page.slots, locale)
    )
    state = ListState(object=inverse.object, where=AllOf((Test(inverse.field, "eq", seen.id),)))
    creatable = tab.create and rights_of(unit).allows(inverse.object, "create")
    back = f"{seen.path}?tab={tab.key}"
    return RelatedView(
        label=tab_label(seen, tab),
        singular=say(bound.definition.label, locale.language),
        heads=tuple(
            Head(
                _label(seen, inverse, column),
                column_css(column, page.slots[column.path], first=False, pinned=False),
            )
            for column in columns
        ),
        rows=draw(page.rows),
        list_url=state.url(),
        create_url=f"{state.path}/new?{inverse.field}={seen.id}&back={back}" if creatable else "",
        more_url=state.url() if page.has_more else "",
    )


def tab_label(seen: Seen, tab: DetailTabDef) -> str:
    """Name a tab: by its own label, else by what it shows."""
    language = seen.unit.context.locale.language
    if tab.label:
        return say(tab.label, language)
    inverse = seen.unit.snapshot.site.related.get(seen.bound.key, {}).get(tab.list)
    if tab.type == "related" and inverse is not None:
        return say(inverse.label, language)
    return translate(language, f"record.tab.{tab.type}")


def _columns(seen: Seen, tab: DetailTabDef, inverse: InverseDef) -> tuple[ColumnDef, ...]:
    definition = seen.unit.snapshot.site.list_of(inverse.object)
    wanted = tab.columns or definition.columns
    found = [
        column
        for column in wanted.values()
        if column.path != inverse.field and may_read(seen.unit, inverse.object, (column.path,))
    ]
    if not tab.columns:
        found = found[:MOST_COLUMNS]
    name = seen.unit.snapshot.object(inverse.object).name.key
    return tuple(found) or (ColumnDef(path=name),)


def _label(seen: Seen, inverse: InverseDef, column: ColumnDef) -> str:
    unit, language = seen.unit, seen.unit.context.locale.language
    if column.label:
        return say(column.label, language)
    bound = unit.snapshot.object(inverse.object)
    return path_label(resolve(unit.snapshot, bound, column.path), language)
