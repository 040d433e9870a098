"""Choosing the departments that a role reaches: a tree to tick, for the screen of roles."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.query.listing import ListRequest
from engine.query.organisation import DEPARTMENT
from engine.records import read
from engine.records.slots import RIGHT, choose_departments, chosen_departments
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.pages.forms_read import Form, form_of
from ui.pages.frame import go, show_dialog
from ui.pages.opened import plain
from ui.request import PageRequest
from ui.security.rights import ADMIN

MOST = 2_000
NAME = "departments"


@dataclass(frozen=True, slots=True)
class DepartmentChoice:
    """A department to tick; ``depth`` tells how far below the top it stands."""

    id: int
    name: str
    depth: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class DepartmentsView:
    """What the template needs."""

    role: str
    url: str
    choices: tuple[DepartmentChoice, ...]


class RoleDepartmentsController(Controller):
    """The departments of a role."""

    path = "/roles/{role_key:str}/departments"
    opt = {"right": ADMIN + RIGHT}

    @get(name="role.departments", sync_to_thread=True)
    def show_departments(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        role_key: FromPath[str],
    ) -> Response[Any]:
        """Show the tree, with what is chosen ticked."""
        with site.read(context) as unit:
            view = departments_view(unit, role_key)
            return show_dialog(
                request,
                unit,
                "records/_departments.html",
                title=view.role,
                active="",
                departments=view,
            )

    @post(name="role.choose_departments", sync_to_thread=True, status_code=303)
    def submit_departments(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        role_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Keep what was ticked; it holds at once."""
        ids = [int(one) for one in form_of(data).get(NAME, ()) if one.isascii() and one.isdigit()]
        with site.write(context) as unit:
            choose_departments(unit, role_key, ids)
        return go(request, f"/roles/{role_key}/departments", "saved")


def departments_view(unit: Unit, role_key: str) -> DepartmentsView:
    """Give the tree of departments with those of a role ticked; a screen may include it.

    Raises:
        Forbidden: the actor does not administer roles.
        UnknownRole: there is no such role.
    """
    chosen = set(chosen_departments(unit, role_key))
    request = ListRequest(object=DEPARTMENT, columns=("name", "parent"), sort=("id",), limit=MOST)
    page = read.page(unit, request)
    name, parent = page.slots["name"], page.slots["parent"]
    rows = {row[page.id_index]: row for row in page.rows}
    below: dict[int | None, list[int]] = {}
    for number, row in rows.items():
        above = plain(parent.value(row))
        below.setdefault(above if above in rows else None, []).append(number)
    names = {number: str(name.value(row) or f"#{number}") for number, row in rows.items()}
    choices: list[DepartmentChoice] = []
    waiting = [(one, 0) for one in reversed(below.get(None, []))]
    while waiting:
        number, depth = waiting.pop()
        choices.append(DepartmentChoice(number, names[number], depth, number in chosen))
        waiting += [(one, depth + 1) for one in reversed(below.get(number, []))]
    label = say(unit.snapshot.site.roles[role_key].label, unit.context.locale.language)
    url = f"/roles/{role_key}/departments"
    return DepartmentsView(label, url, tuple(choices))


ROUTES = [RoleDepartmentsController]
