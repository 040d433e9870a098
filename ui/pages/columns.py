"""Which columns a person sees in a list, in which order and how wide."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.personal.columns import (
    NARROWEST,
    STEP,
    WIDEST,
    ListTaste,
    chosen_columns,
    fitting_width,
    forget_taste,
    read_taste,
    save_taste,
)
from engine.query.paths import resolve
from engine.storage.snapshot import Unit
from metadata.model import ColumnDef, ListDef, say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.forms_read import Form, all_of
from ui.pages.frame import go, show_dialog
from ui.pages.list_read import addable_fields, may_read
from ui.pages.list_state import number, read_state
from ui.pages.sentences import path_label
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

LEAST = 2
"""A list with fewer columns tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnItem:
    """A column as the settings show it. ``fixed``: the one that names the record stays."""

    key: str
    label: str
    shown: bool
    fixed: bool
    width: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsView:
    """What the template of the settings needs."""

    url: str
    back: str
    items: tuple[ColumnItem, ...]
    widths: tuple[int, ...] = tuple(range(NARROWEST, WIDEST + 1, STEP * 2))
    error: str = ""


@get("/o/{object_key:str}/columns", name="records.columns", sync_to_thread=True, right=BY_OBJECT)
def show_columns(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """Show the settings."""
    back = read_state(object_key, request.query_params).url()
    with site.read(context) as unit:
        definition = _definition(unit, object_key)
        view = _view(unit, definition, read_taste(unit, definition), back)
        return _show(request, unit, view)


@post("/o/{object_key:str}/columns", name="records.columns_save", sync_to_thread=True,
      right=BY_OBJECT, status_code=303)  # fmt: skip
def save_columns(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Keep the settings, or go back to those of the document."""
    back = _back(object_key, data)
    with site.write(context) as unit:
        definition = _definition(unit, object_key)
        if data.get("reset"):
            forget_taste(unit, definition)
            return go(request, back, "columns_saved")
        taste = _taste(unit, definition, data)
        if len([key for key in all_of(data, "shown") if key]) < LEAST:
            error = translate(context.locale.language, "columns.too_few", least=LEAST)
            view = _view(unit, definition, taste, back, error)
            return _show(request, unit, view, status=422)
        save_taste(unit, definition, taste)
    return go(request, back, "columns_saved")


def _definition(unit: Unit, object_key: str) -> ListDef:
    rights_of(unit).require(object_key, "read_list")
    return unit.snapshot.site.list_of(object_key)


def _show(request: PageRequest, unit: Unit, view: ColumnsView, status: int = 200) -> Response[Any]:
    title = translate(unit.context.locale.language, "columns.title")
    return show_dialog(
        request, unit, "records/_columns.html", title=title, status=status, columns=view
    )


def _back(object_key: str, data: Mapping[str, Any]) -> str:
    """Give where the person came from: only ever this list."""
    path, wanted = f"/o/{object_key}", str(data.get("back", ""))
    return wanted if wanted == path or wanted.startswith(f"{path}?") else path


def _taste(unit: Unit, definition: ListDef, data: Mapping[str, Any]) -> ListTaste:
    before = read_taste(unit, definition)
    known = _known(unit, definition)
    shown = set(all_of(data, "shown"))
    order = tuple(key for key in all_of(data, "order") if key in known)
    widths = {
        key: fitting_width(width)
        for key in known
        if (width := number(data.get(f"width:{key}"))) is not None
    }
    return replace(
        before,
        shown={
            key: key in shown for key in known if (key in shown) != (key in definition.columns)
        },
        order=order,
        widths=widths,
    )


def _known(unit: Unit, definition: ListDef) -> dict[str, ColumnDef]:
    known = {
        key: column
        for key, column in definition.columns.items()
        if may_read(unit, definition.object, (column.path,))
    }
    for key in addable_fields(unit, definition.object):
        known.setdefault(key, ColumnDef(path=key))
    return known


def _view(
    unit: Unit, definition: ListDef, taste: ListTaste, back: str, error: str = ""
) -> ColumnsView:
    known = _known(unit, definition)
    seen = [
        column.path
        for column in chosen_columns(definition, taste, tuple(known))
        if column.path in known
    ]
    bound = unit.snapshot.object(definition.object)
    language = unit.context.locale.language
    items = []
    for key in [*seen, *(key for key in known if key not in seen)]:
        column = known[key]
        label = (
            say(column.label, language)
            if column.label
            else path_label(resolve(unit.snapshot, bound, column.path), language)
        )
        items.append(
            ColumnItem(
                key=key,
                label=label,
                shown=key in seen,
                fixed=key == bound.name.key,
                width=taste.widths.get(key),
            )
        )
    url = f"/o/{definition.object}/columns"
    return ColumnsView(url=url, back=back, items=tuple(items), error=error)


ROUTES = [show_columns, save_columns]
