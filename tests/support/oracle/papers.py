"""What the companies of the oracle have: folders, sheets, shelves, and roles over them."""

from collections.abc import Mapping
from random import Random
from typing import Any

FOLDER, SHEET, SHELF, LINE = "x_folder", "x_sheet", "x_shelf", "x_line"
OBJECTS = (FOLDER, SHEET, SHELF)
SCOPES = ("own", "own_and_reports", "department", "department_tree", "chosen_departments", "all")
KINDS = ("plain", "sealed", "torn")
PALETTE = 28
"""Roles; each person has one to three of them."""

HIDEABLE: Mapping[str, tuple[str, ...]] = {
    FOLDER: ("code", "phone", "price", "memo", "kind", "due_on", "shelf", "papers", "lines"),
    SHEET: ("folder", "memo", "price"),
    SHELF: ("code",),
}
"""Fields that a role may hide; the others are seen by whoever reads the record."""
MASKABLE: Mapping[str, tuple[str, ...]] = {
    FOLDER: ("code", "phone", "price", "memo", "papers", "lines"),
    SHEET: ("memo", "price"),
    SHELF: ("code",),
}


def _field(type: str, **props: Any) -> dict[str, Any]:
    return {"type": type, **props}


_MONEY = _field("money", scale=2, currency="CNY", sortable=True)
_FIELDS: Mapping[str, Mapping[str, Any]] = {
    SHELF: {
        "name": _field("text", search=True, sortable=True),
        "code": _field("text", search=True),
    },
    FOLDER: {
        "name": _field("text", search=True, sortable=True),
        "code": _field("text", unique=True, search=True),
        "phone": _field("phone", country="CN", search=True),
        "price": _MONEY,
        "memo": _field("text", sortable=True),
        "kind": _field("select", options={one: {"label": one} for one in KINDS}),
        "due_on": _field("date", sortable=True),
        "shelf": _field(
            "link",
            to=SHELF,
            on_delete="restrict",
            inverse={"key": "folders", "label": "folders"},
        ),
        "lines": _field("line_items", of=LINE),
        "papers": _field("file", many=True),
    },
    LINE: {
        "folder": _field(
            "link",
            to=FOLDER,
            required=True,
            on_delete="cascade",
            inverse={"key": "lines", "label": "lines"},
        ),
        "name": _field("text"),
        "sort_order": _field("integer"),
    },
    SHEET: {
        "name": _field("text", search=True, sortable=True),
        "folder": _field(
            "link",
            to=FOLDER,
            on_delete="restrict",
            inverse={"key": "sheets", "label": "sheets"},
        ),
        "memo": _field("text"),
        "price": _MONEY,
    },
}
_OWNED = {
    "owner": True,
    "team": True,
    "history": True,
    "recycle_bin": True,
    "search": True,
    "import": True,
    "export": True,
}
_ABILITIES: Mapping[str, Mapping[str, Any]] = {
    SHELF: {"search": True, "recycle_bin": True, "history": True, "export": True},
    FOLDER: {**_OWNED, "star": True, "calendar": {"due_on": {}}},
    LINE: {},
    SHEET: _OWNED,
}


def documents() -> tuple[dict[str, Any], ...]:
    """Give the changes that bring objects and roles to a site."""
    made = [
        _added(
            f"object/{key}",
            kind="object",
            key=key,
            label=key,
            name_field="name",
            abilities=dict(_ABILITIES[key]),
            fields={name: {**field, "label": f"{key}.{name}"} for name, field in fields.items()},
        )
        for key, fields in _FIELDS.items()
    ]
    return (*made, *(_added(f"role/{key}", **role) for key, role in ROLES.items()))


def _added(document: str, **value: Any) -> dict[str, Any]:
    return {"op": "add", "document": document, "path": "", "value": value}


def _roles() -> dict[str, dict[str, Any]]:
    random = Random(4711)  # noqa: S311 - made-up roles
    return {f"x_role_{one}": _role(random, one) for one in range(PALETTE)}


def _role(random: Random, number: int) -> dict[str, Any]:
    objects: dict[str, Any] = {
        "user": {"read": "all", "fields": {"last_signed_in_at": "hidden"}},
        "department": {"read": "all"},
    }
    for key in (FOLDER, SHEET):
        if random.random() < 0.85:
            objects[key] = _grant(random, key, SCOPES[number % len(SCOPES)])
    if random.random() < 0.6:
        objects[SHELF] = {"read": "all", "fields": _field_rights(random, SHELF)}
    key = f"x_role_{number}"
    admin = {name: True for name in ("data_log", "roles") if random.random() < 0.25}
    return {"kind": "role", "key": key, "label": key, "objects": objects, "admin": admin}


def _grant(random: Random, key: str, scope: str) -> dict[str, Any]:
    grant: dict[str, Any] = {}
    widest = SCOPES.index(scope)
    if random.random() < 0.9:
        grant["read"] = scope
    for action in ("update", "delete", "restore", "export", "manage_team", "transfer"):
        # A document that lets one change what one does not read is refused.
        needs_read = action in {"update", "delete"}
        if random.random() < 0.45 and ("read" in grant or not needs_read):
            grant[action] = _within(random, widest)
    grant["fields"] = _field_rights(random, key)
    return grant


def _within(random: Random, widest: int) -> str:
    """Choose a scope that is surely no wider than another; a document may grant no other."""
    if widest == len(SCOPES) - 1:
        return random.choice(SCOPES)
    return random.choice(("own", SCOPES[widest]))


def _field_rights(random: Random, key: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in HIDEABLE[key]:
        chance = random.random()
        if chance < 0.22:
            found[name] = "hidden"
        elif chance < 0.4 and name in MASKABLE[key]:
            # Lines are records of their own: covered in lists of what they belong to.
            masks = ("list",) if name == "lines" else ("list", "always")
            found[name] = {"level": "edit", "mask": random.choice(masks)}
        elif chance < 0.5:
            found[name] = "read"
    return found


ROLES: Mapping[str, Mapping[str, Any]] = _roles()
