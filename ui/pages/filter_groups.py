"""Groups of conditions in the filter of a list: added, and edited as a whole."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import UnknownField
from engine.storage.snapshot import Unit
from metadata.conditions import AnyOf, ConditionInvalid
from ui.errors import fault_of
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.condition_tree import Part, draw, every_part, part_in, part_of, pressed, read_tree
from ui.pages.filters import ConditionRefused, filter_fields
from ui.pages.forms_read import form_of
from ui.pages.frame import redirect, show_dialog
from ui.pages.list_read import may_read
from ui.pages.list_state import ListState, parts, place_in, read_state
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Form, last

INVALID = 422
REDRAWN = {"hx-reswap": "outerMorph", "hx-push-url": "false"}
"""Headers of an answer that replaces the form it came from, not what the form leads to."""


@get(
    "/o/{object_key:str}/filter/group",
    name="records.filter_group",
    sync_to_thread=True,
    right=BY_OBJECT,
)
def edit_group(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """Draw the editor of a group; with ``do=save``, lead to the list that it filters."""
    form = form_of(request.query_params)
    state = read_state(object_key, request.query_params)
    at, do = place_in(request.query_params.get("at")), str(last(form, "do"))
    with site.read(context) as unit:
        rights_of(unit).require(object_key, "read_list")
        if "c.kind" not in form:
            nodes = parts(state.where)
            node = nodes[at] if at is not None and at < len(nodes) else AnyOf(())
            return _editor(request, unit, state, at, part_of(node))
        tree = part_in(form)
        _check_readable(unit, object_key, tree)
        if do not in {"", "save"}:
            return _editor(request, unit, state, at, pressed(tree, do), form, redrawn=True)
        try:
            read = read_tree(unit, unit.snapshot.object(object_key), tree, form)
        except ConditionRefused:
            return _editor(request, unit, state, at, tree, form, status=INVALID)
        except ConditionInvalid as invalid:
            fault = fault_of(invalid, context.locale.language)
            told = fault.detail or fault.title
            return _editor(request, unit, state, at, tree, form, status=INVALID, error=told)
        return redirect(state.with_part(at, read).url())


def _check_readable(unit: Unit, object_key: str, tree: Part) -> None:
    for part in every_part(tree):
        if part.field and not may_read(unit, object_key, (part.field,)):
            raise UnknownField(object=object_key, field=part.field)


def _editor(  # noqa: PLR0913 - all of one answer
    request: PageRequest,
    unit: Unit,
    state: ListState,
    at: int | None,
    tree: Part,
    form: Form | None = None,
    *,
    redrawn: bool = False,
    status: int = 200,
    error: str = "",
) -> Response[Any]:
    bound = unit.snapshot.object(state.object)
    answer = show_dialog(
        request,
        unit,
        "records/_filter_group.html",
        title=translate(unit.context.locale.language, "filter.edit_group"),
        active=state.path,
        status=status,
        row=draw(unit, bound, tree, filter_fields(unit, bound), form),
        path=state.path,
        state_fields=state.fields(),
        at="" if at is None else str(at),
        error=error,
    )
    if (redrawn or status == INVALID) and request.wants_partial:
        here = f"#filter-group-{'' if at is None else at}"
        answer.headers |= {"hx-retarget": here, **REDRAWN}
    return answer


ROUTES = [edit_group]
