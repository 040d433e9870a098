"""The list of an object: its page, its filters, its columns and scenes for one person."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import FieldError
from engine.personal.columns import remember_page_size
from engine.records.read import count
from engine.storage.snapshot import Unit
from metadata.conditions import Test
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.filters import (
    Asking,
    ConditionRefused,
    open_editor,
    read_condition,
)
from ui.pages.forms_read import Form, form_of
from ui.pages.frame import redirect, show, show_dialog
from ui.pages.list_page import show_list_page
from ui.pages.list_read import list_request, scene_in, scenes_of
from ui.pages.list_state import ListState, number, parts, place_in, read_state
from ui.pages.list_view import number_text
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

INVALID = 422


class ListController(Controller):
    """Lists. One controller serves every object."""

    path = "/o/{object_key:str}"
    opt = {"right": BY_OBJECT}

    @get(name="records.list", sync_to_thread=True)
    def show_list(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[str]:
        """Show one page of a list; a record may lie over it (``?peek=``)."""
        with site.read(context) as unit:
            return show_list_page(request, unit, read_state(object_key, request.query_params))

    @get("/count", name="records.count", sync_to_thread=True)
    def show_count(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Count all that a list keeps, beyond the cap."""
        state = read_state(object_key, request.query_params)
        if not request.wants_partial:
            return redirect(state.url())
        with site.read(context) as unit:
            scene = _scene(unit, state)
            counted = count(unit, list_request(state, scene), cap=None)
            text = number_text(counted)
            return show(request, unit, "records/_count.html", title="", count=text)

    @get("/filter", name="records.filter", sync_to_thread=True)
    def edit_filter(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Draw the editor of a condition; with ``given``, lead to the list that it filters."""
        form = form_of(request.query_params)
        state = read_state(object_key, request.query_params)
        at = place_in(request.query_params.get("at"))
        nodes = parts(state.where)
        node = nodes[at] if at is not None and at < len(nodes) else None
        current = node if isinstance(node, Test) else None
        field = str(request.query_params.get("field", "")) or (current.field if current else "")
        error: FieldError | None = None
        if not field:
            return redirect(state.url())
        with site.read(context) as unit:
            if request.query_params.get("given"):
                try:
                    changed = read_condition(unit, object_key, form)
                    return redirect(state.with_part(at, changed).url())
                except ConditionRefused as refused:
                    error = refused.error
            typed = form if "op" in form else None
            asking = Asking(
                field=field,
                at=at,
                current=current if current and current.field == field else None,
                op=str(request.query_params.get("op", "")),
                form=typed,
                error=error,
            )
            return _editor(request, unit, state, asking)

    @post("/page-size", name="records.page_size", sync_to_thread=True, status_code=303)
    def choose_page_size(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Remember how many rows a person wants to see."""
        with site.write(context) as unit:
            rights_of(unit).require(object_key, "read_list")
            definition = unit.snapshot.site.list_of(object_key)
            remember_page_size(unit, definition, number(data.get("size")) or 0)
        return redirect(read_state(object_key, data).url())


def _scene(unit: Unit, state: ListState) -> Any:
    rights_of(unit).require(state.object, "read_list")
    definition = unit.snapshot.site.list_of(state.object)
    return scene_in(scenes_of(unit, definition), definition, state.scene)


def _editor(request: PageRequest, unit: Unit, state: ListState, asking: Asking) -> Response[Any]:
    editor = open_editor(unit, state, asking)
    title = translate(unit.context.locale.language, "filter.title", name=editor.label)
    answer = show_dialog(
        request,
        unit,
        "records/_filter_editor.html",
        title=title,
        active=state.path,
        status=INVALID if asking.error else 200,
        editor=editor,
    )
    if asking.error and request.wants_partial:
        answer.headers |= {"hx-retarget": "this", "hx-reswap": "outerHTML", "hx-push-url": "false"}
    return answer


ROUTES = [ListController]
