"""The page of a role: the list of roles at the left, the chosen one with its tabs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Response

from engine.access.scope import CHOSEN
from engine.publish.membership import member_counts
from engine.records.slots import chosen_departments
from metadata.model import RoleDef, Site, say
from ui.i18n import LANGUAGES, translate
from ui.pages.frame import show
from ui.request import PageRequest
from ui.roles.desk import Body, Desk
from ui.roles.fields import MASKS, field_rows, granted_objects
from ui.roles.matrix import common_labels, matrix_of
from ui.roles.switches import admin_boxes, menu_boxes, texts_of
from ui.shell import ROLES as HOME

TABS = ("actions", "fields", "menus", "admin", "members", "about")
"""The tabs of a role; the first is what its address alone shows."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A role in the list. ``count``: how many people have it."""

    key: str
    label: str
    url: str
    count: int
    sealed: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Roles under a title."""

    label: str
    roles: tuple[Listed, ...]


@dataclass(slots=True)
class Shown:
    """What a page tells beside the role: what was typed, what is wrong, what was done."""

    body: Body | None = None
    object: str = ""
    told: Sequence[str] = ()
    problems: Sequence[str] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    moved: Sequence[str] | None = None
    saved: int = 0
    status: int = 200


def address(key: str, tab: str = TABS[0]) -> str:
    """Give the address of a tab."""
    return f"{HOME}/{key}" if tab == TABS[0] else f"{HOME}/{key}/{tab}"


def grouped(site: Site, counts: Mapping[str, int], language: str) -> list[Group]:
    """Give the roles by group, both in the order of their documents; those of none last."""
    found: dict[str, list[Listed]] = {}
    for key, role in sorted(site.roles.items(), key=lambda one: not one[1].sealed):
        label = say(role.group, language) if role.group is not None else ""
        found.setdefault(label, []).append(
            Listed(key, say(role.label, language), address(key), counts.get(key, 0), role.sealed)
        )
    rest = found.pop("", [])
    groups = [Group(label, tuple(roles)) for label, roles in found.items()]
    return [*groups, Group(translate(language, "roles.group_none"), tuple(rest))][
        : len(groups) + bool(rest)
    ]


def frame_of(desk: Desk, tab: str) -> dict[str, Any]:
    """Give what stands around every tab of a role."""
    counts = member_counts(desk.unit.connection, desk.unit.snapshot)
    return {
        "desk": desk,
        "name": name_of(desk.role, desk.language),
        "description": say(desk.role.description, desk.language) if desk.role.description else "",
        "groups": grouped(desk.site, counts, desk.language),
        "members": counts.get(desk.key, 0),
        "tab": tab,
        "tabs": [(one, address(desk.key, one)) for one in TABS],
        "locked": desk.role.sealed,
    }


def name_of(role: RoleDef, language: str) -> str:
    """Give what a role is called."""
    return say(role.label, language)


def show_role(request: PageRequest, desk: Desk, tab: str, shown: Shown) -> Response[Any]:
    """Show a tab of a role."""
    body = shown.body if shown.body is not None else desk.body
    return show(
        request,
        desk.unit,
        "roles/role.html",
        title=name_of(desk.role, desk.language),
        active=HOME,
        status=shown.status,
        shown=shown,
        **frame_of(desk, tab),
        **_parts(desk, tab, body, shown),
    )


def _parts(desk: Desk, tab: str, body: Body, shown: Shown) -> dict[str, Any]:
    site, language, errors = desk.site, desk.language, shown.places
    if tab == "fields":
        objects = granted_objects(site, body, language)
        known = [one.key for one in objects]
        chosen = shown.object if shown.object in known else next(iter(known), "")
        rows = field_rows(site.objects[chosen], body, language, errors) if chosen else []
        return {"objects": objects, "chosen": chosen, "rows": rows, "masks": MASKS}
    if tab == "menus":
        return {"menus": menu_boxes(site, body, language, errors)}
    if tab == "admin":
        return {"boxes": admin_boxes(body, language, errors)}
    if tab == "about":
        return {
            "texts": [(code, texts_of(body.get("label")).get(code, ""),
                       texts_of(body.get("description")).get(code, "")) for code in LANGUAGES],
            "group": texts_of(body.get("group")).get(language, ""),
            "known": [one.label for one in grouped(site, {}, language)],
        }  # fmt: skip
    matrix = matrix_of(site, body, language, errors)
    cells = [cell for row in matrix for cell in (*row.cells, *row.more) if cell is not None]
    chooses = any(cell.value == CHOSEN for cell in cells)
    return {
        "matrix": matrix,
        "chooses": chooses,
        "chosen_count": len(chosen_departments(desk.unit, desk.key)) if chooses else 0,
        "columns": common_labels(site, language),
    }
