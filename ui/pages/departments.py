"""The tree of departments: who leads what, how many people, and the people of the chosen one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from engine.access.roles import rights_of
from engine.access.scope import DEPARTMENT, USER
from engine.errors import FieldError, InvalidInput
from engine.fields.base import Label
from engine.query.aggregates import Measure
from engine.query.listing import ListRequest
from engine.query.paths import resolve
from engine.records.change import change
from engine.records.company import refuse_root, root_of
from engine.records.reach import require_reach
from engine.records.read import grouped, page, visible_fields
from engine.records.remove import remove
from engine.records.shape import load_live, shape_of
from engine.records.writing import Writing
from engine.storage.snapshot import Unit
from metadata.conditions import AllOf, Node, Test
from metadata.model import ColumnDef
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.forms_read import Form, InputRefused, form_of
from ui.pages.frame import go, redirect, show
from ui.pages.list_read import may_read
from ui.pages.list_state import ListState, number
from ui.pages.list_view import Head
from ui.pages.opened import check_id
from ui.pages.pickers import one_record
from ui.pages.rows import RowStyle, column_css, compose_rows, covered_paths
from ui.pages.sentences import path_label
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Control
from ui.widgets.base import Form as Filled

PLACE = "/departments"
NAME, PARENT, LEADER, STATE = "name", "parent", "leader", "state"
ACTIONS = ("create", "update", "delete", "move")
MOST_NODES, MOST_PEOPLE, MOST_MOVED = 3_000, 50, 500
INVALID = 422
OPEN_ACCOUNTS = Test(STATE, "ne", "disabled")
COLUMNS = (NAME, "position", "mobile", "manager", STATE)


@dataclass(slots=True)
class Branch:
    """A department with what lies below it; ``people``: of itself, ``all``: with those below."""

    id: int
    name: str
    leader: str
    people: int
    children: "list[Branch]"
    all: int = 0
    is_root: bool = False
    at: bool = False

    def ids(self) -> Iterable[int]:
        """Give its id and those of all below it."""
        yield self.id
        for child in self.children:
            yield from child.ids()

    def find(self, wanted: int) -> "Branch | None":
        """Find a branch at or below it."""
        if self.id == wanted:
            return self
        return next((found for one in self.children if (found := one.find(wanted))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleView:
    """The people of the chosen department."""

    heads: tuple[Head, ...]
    rows: Markup
    count: str
    list_url: str
    more: bool


@get(PLACE, name="departments", sync_to_thread=True, right=BY_OBJECT)
def show_tree(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[Any]:
    """Show the tree, and the people of one department (``?at=``, ``?below=1``)."""
    wanted = number(request.query_params.get("at"))
    below = request.query_params.get("below") == "1"
    with site.read(context) as unit:
        rights = rights_of(unit)
        rights.require(DEPARTMENT, "read_list")
        roots = _branches(unit)
        at = next((found for one in roots if wanted and (found := one.find(wanted))), None)
        at = at or (roots[0] if roots else None)
        if at is not None:
            at.at = True
        readable = at is not None and rights.allows(USER, "read_list")
        people = _people(unit, at, below=below) if at is not None and readable else None
        may = {one: rights.allows(DEPARTMENT, one) for one in ACTIONS}
        return show(
            request,
            unit,
            "people/departments.html",
            title=translate(context.locale.language, "departments.title"),
            active=f"/o/{DEPARTMENT}",
            roots=roots,
            at=at,
            below=below,
            people=people,
            may=may,
            may_hire=rights.allows(USER, "create"),
        )


@get(
    f"{PLACE}/{{record_id:int}}/delete",
    name="departments.ask",
    sync_to_thread=True,
    right=BY_OBJECT,
)
def ask_delete(
    request: PageRequest, site: GivenSite, context: GivenContext, record_id: FromPath[int]
) -> Response[Any]:
    """Ask where its people and its sub-departments go; an empty one is deleted as any record."""
    with site.read(context) as unit:
        return _ask(request, unit, record_id)


@post(
    f"{PLACE}/{{record_id:int}}/delete",
    name="departments.delete",
    sync_to_thread=True,
    right=BY_OBJECT,
    status_code=303,
)
def submit_delete(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    record_id: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Move what is in it and delete it: all of it, or nothing."""
    check_id(DEPARTMENT, record_id)
    sent = form_of(data)
    try:
        with site.write(context) as unit:
            _empty(unit, record_id, sent)
            remove(unit, DEPARTMENT, record_id)
    except (InvalidInput, InputRefused) as refused:
        errors = refused.errors if isinstance(refused, InvalidInput) else (refused.error,)
        with site.read(context) as unit:
            return _ask(request, unit, record_id, sent=sent, error=errors[0])
    return go(request, PLACE, "deleted")


def _empty(unit: Unit, record_id: int, sent: Filled) -> None:
    """Move people and sub-departments to where they were asked to go.

    Raises:
        InvalidInput, InputRefused: that is no place for them, or they are too many for one step.
    """
    refuse_root(unit, shape_of(unit, DEPARTMENT), record_id)
    writing = Writing(unversioned=True)
    for name, key, field in _PARTS:
        held = _inside(unit, key, field, record_id)
        if not held:
            continue
        if len(held) > MOST_MOVED:
            raise InvalidInput([FieldError(name, "too_many", {"most": MOST_MOVED})])
        chosen = one_record(unit, name, "", key, field).read(unit, sent)
        if not chosen:
            raise InvalidInput([FieldError(name, "required")])
        if chosen[0] == record_id:
            raise InvalidInput([FieldError(name, "into_what_goes")])
        for one in held:
            change(unit, key, one, {field: chosen[0]}, version=None, writing=writing)


_PARTS = (("people", USER, DEPARTMENT), ("children", DEPARTMENT, PARENT))
"""What can be in a department: name of the control, object, the link that says so."""


def _inside(unit: Unit, key: str, field: str, record_id: int) -> list[int]:
    """Give the records of an object that lie in a department, within the actor's reach."""
    where = Test(field, "eq", record_id)
    asked = ListRequest(
        object=key, columns=("id",), where=where, sort=("id",), limit=MOST_MOVED + 1
    )
    found = page(unit, asked)
    return [int(row[found.id_index]) for row in found.rows]


def _ask(
    request: PageRequest,
    unit: Unit,
    record_id: int,
    *,
    sent: Filled | None = None,
    error: FieldError | None = None,
) -> Response[Any]:
    check_id(DEPARTMENT, record_id)
    rights_of(unit).require(DEPARTMENT, "delete")
    shape, language = shape_of(unit, DEPARTMENT), unit.context.locale.language
    record = load_live(unit, shape, record_id)
    require_reach(unit, shape, record, "delete")
    refuse_root(unit, shape, record_id)
    parts: list[tuple[str, Control]] = []
    for name, key, field in _PARTS:
        count = len(_inside(unit, key, field, record_id))
        if count:
            said = translate(language, f"departments.{name}_in", count=count)
            label = translate(language, f"departments.{name}_to")
            picker = one_record(unit, name, label, key, field)
            wrong = error if error is not None and error.field in {name, field} else None
            stored = _parent_of(unit, record.values.get(PARENT))
            parts.append((said, picker.draw(unit, sent=sent, stored=stored, error=wrong)))
    if not parts:
        return redirect(f"/o/{DEPARTMENT}/{record_id}/delete")
    return show(
        request,
        unit,
        "people/department_delete.html",
        title=translate(language, "departments.delete", name=record.values.get(NAME) or ""),
        active=f"/o/{DEPARTMENT}",
        status=INVALID if error else 200,
        department_id=record_id,
        parts=parts,
    )


def _parent_of(unit: Unit, parent: int | None) -> Label | None:
    if parent is None:
        return None
    record = load_live(unit, shape_of(unit, DEPARTMENT), parent)
    return Label(parent, str(record.values.get(NAME) or ""))


def _branches(unit: Unit) -> list[Branch]:
    """Read the departments within reach as trees; what lies below one unseen begins a tree."""
    seen = visible_fields(unit, DEPARTMENT)
    wanted = tuple(key for key in (NAME, PARENT, LEADER) if key in seen)
    asked = ListRequest(
        object=DEPARTMENT, columns=wanted, sort=("sort_order", "id"), limit=MOST_NODES
    )
    found = page(unit, asked)
    counts, root = _counts(unit), root_of(unit)
    branches: dict[int, Branch] = {}
    above: dict[int, int | None] = {}
    for row in found.rows:
        held: dict[str, Any] = {key: found.slots[key].value(row) for key in wanted}
        one = int(row[found.id_index])
        parent, leader = held.get(PARENT), held.get(LEADER)
        above[one] = parent.id if isinstance(parent, Label) else None
        branches[one] = Branch(
            id=one,
            name=str(held.get(NAME) or f"#{one}"),
            leader=leader.text if isinstance(leader, Label) else "",
            people=counts.get(one, 0),
            children=[],
            is_root=one == root,
        )
    roots: list[Branch] = []
    for one, branch in branches.items():
        parent_branch = branches.get(above[one] or 0)
        (parent_branch.children if parent_branch else roots).append(branch)
    for branch in roots:
        _add_up(branch)
    return roots


def _add_up(branch: Branch) -> int:
    branch.all = branch.people + sum(_add_up(child) for child in branch.children)
    return branch.all


def _counts(unit: Unit) -> Mapping[int, int]:
    """Count the people of each department, in one statement; accounts that are open."""
    if not rights_of(unit).allows(USER, "read_list"):
        return {}
    if not {DEPARTMENT, STATE} <= set(visible_fields(unit, USER)):
        return {}
    asked = ListRequest(object=USER, where=OPEN_ACCOUNTS)
    found = grouped(unit, asked, (Measure("count"),), (DEPARTMENT,))
    return {
        group.keys[0].id: int(group.values[0])
        for group in found.groups
        if isinstance(group.keys[0], Label)
    }


def _people(unit: Unit, at: Branch, *, below: bool) -> PeopleView | None:
    """Read the people of a department, those of all below it too when ``below``."""
    if DEPARTMENT not in visible_fields(unit, USER):
        return None
    ids = sorted(at.ids()) if below else [at.id]
    inside: Node = Test(DEPARTMENT, "in", tuple(ids)) if below else Test(DEPARTMENT, "eq", at.id)
    names = [path for path in (*COLUMNS, DEPARTMENT) if may_read(unit, USER, (path,))]
    columns = tuple(ColumnDef(path=path) for path in names)
    where = AllOf((inside, OPEN_ACCOUNTS)) if STATE in names else inside
    bound = unit.snapshot.object(USER)
    paths = tuple(dict.fromkeys((*names, NAME)))
    asked = ListRequest(object=USER, columns=paths, where=where, sort=(NAME,), limit=MOST_PEOPLE)
    found = page(unit, asked)
    style = RowStyle(
        object=USER, columns=columns, name_field=NAME, covered=covered_paths(unit, bound, paths)
    )
    locale = unit.context.locale
    heads = tuple(
        Head(
            path_label(resolve(unit.snapshot, bound, column.path), locale.language),
            column_css(column, found.slots[column.path], first=place == 0, pinned=False),
        )
        for place, column in enumerate(columns)
    )
    return PeopleView(
        heads=heads,
        rows=compose_rows(style, found.slots, locale)(found.rows),
        count=f"{at.all if below else at.people:,}",
        list_url=ListState(object=USER, where=inside).url(),
        more=found.has_more,
    )


ROUTES = [show_tree, ask_delete, submit_delete]
