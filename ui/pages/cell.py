"""A cell of a list, edited in its place."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup, escape

from engine.access.roles import rights_of
from engine.errors import InvalidInput, SaveConflict
from engine.records.encode import covered
from metadata.model import ColumnDef
from ui.given import GivenContext, GivenSite
from ui.pages.forms_read import Form, form_of
from ui.pages.frame import go, redirect, show
from ui.pages.opened import Opened, open_record
from ui.pages.record import CONFLICT, INVALID, problem_of, require_settable, save_field
from ui.pages.rows import column_css
from ui.pages.values import value_editor
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell as the template needs it."""

    key: str
    css: str
    html: Markup


class CellController(Controller):
    """Cells of lists. One controller serves every object."""

    path = "/o/{object_key:str}/{record_id:int}/cell/{field_key:str}"
    opt = {"right": BY_OBJECT}

    @get(name="cell", sync_to_thread=True)
    def show_cell(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        field_key: FromPath[str],
    ) -> Response[Any]:
        """Show a cell as an editor, or with ``?show=1`` as it was."""
        with site.read(context) as unit:
            opened = open_record(unit, object_key, record_id)
            require_settable(opened, field_key)
            if not request.wants_partial:
                return redirect(f"{opened.url}/edit#field-{field_key}")
            if request.query_params.get("show"):
                return _show(request, opened, field_key)
            editor = value_editor(opened, field_key, place="cell")
            return show(request, unit, "records/_cell_form.html", title="", editor=editor)

    @post(name="cell.save", sync_to_thread=True, status_code=200)
    def submit_cell(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        field_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Save one field; what is wrong, or changed meanwhile, is told in the cell."""
        sent = form_of(data)
        refused: InvalidInput | SaveConflict | None = None
        try:
            save_field(site, context, (object_key, record_id, field_key), sent)
        except (InvalidInput, SaveConflict) as error:
            refused = error
        if refused is None and not request.wants_partial:
            return go(request, f"/o/{object_key}/{record_id}", "saved")
        with site.read(context) as unit:
            opened = open_record(unit, object_key, record_id)
            if refused is None:
                return _show(request, opened, field_key)
            own, problem = problem_of(opened, field_key, refused)
            editor = value_editor(
                opened, field_key, place="cell", typed=sent, error=own, problem=problem
            )
            status = CONFLICT if isinstance(refused, SaveConflict) else INVALID
            return show(
                request,
                unit,
                "records/_cell_form.html",
                title="",
                status=status,
                editor=editor,
            )


def _show(request: PageRequest, opened: Opened, field_key: str) -> Response[Any]:
    definition = opened.unit.snapshot.site.list_of(opened.key)
    column = definition.columns.get(field_key) or ColumnDef(path=field_key)
    css = column_css(column, opened.found.slots[field_key], first=False, pinned=False)
    masked = bool(rights_of(opened.unit).field_mask(opened.key, field_key))
    html = escape(covered(opened.text(field_key))) if masked else opened.html(field_key)
    cell = CellView(field_key, css, html)
    return show(request, opened.unit, "records/_cell.html", title="", cell=cell)


ROUTES = [CellController]
