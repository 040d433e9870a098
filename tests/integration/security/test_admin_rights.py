"""Every administration right guards something, or waits for what it will guard."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.integration.security.conftest import Bare
from ui.roles.switches import ADMIN_RIGHTS
from ui.security.rights import ADMIN, declared, route_handlers

ROOT = Path(__file__).resolve().parents[3]
ASKING = frozenset({"admin", "require_admin"})
WAITING: Mapping[str, str] = {
    "company": "settings of the company are a later page",
    "modules": "switching modules on and off is a later page",
    "flows": "approval flows",
    "pools": "rules of pools",
    "targets": "targets of sales",
    "print_templates": "print templates",
    "announcements": "announcements",
    "initialise": "clearing the data of a trial",
}
"""Rights of roles that nothing asks for yet, each with what it waits for."""


def asked(app: Bare) -> set[str]:
    """Give the rights that routes demand and those that the code asks for by name."""
    rights = {declared(dict(each.opt)) for _, each in route_handlers(app.app)}
    found = {right.removeprefix(ADMIN) for right in rights if right.startswith(ADMIN)}
    for folder in ("engine", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            found.update(named(path))
    return found


def named(path: Path) -> Iterator[str]:
    """Walk the rights that a module asks for, as a text or by a constant of the module."""
    tree = ast.parse(path.read_text("utf-8"))
    constants = {
        one.targets[0].id: one.value.value
        for one in tree.body
        if isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Name)
        and isinstance(one.value, ast.Constant)
        and isinstance(one.value.value, str)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in ASKING and len(node.args) == 1:
            given = node.args[0]
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                yield given.value
            elif isinstance(given, ast.Name) and given.id in constants:
                yield constants[given.id]


def test_every_administration_right_guards_something_or_says_what_it_waits_for(
    bare: Bare,
) -> None:
    found = asked(bare)
    assert found - set(ADMIN_RIGHTS) == set(), "asked for, and no role can grant it"
    assert set(ADMIN_RIGHTS) - found == set(WAITING)
