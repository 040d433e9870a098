"""Menus and administration rights of a role: boxes; and what a role is called."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.model import Site, say
from metadata.schemas import schema_of
from ui.i18n import LANGUAGES, translate
from ui.roles.desk import Body
from ui.widgets.base import Form, last

ADMIN_RIGHTS: tuple[str, ...] = tuple(schema_of("role")["properties"]["admin"]["properties"])


@dataclass(frozen=True, slots=True)
class Box:
    """Something granted or not; ``depth`` 1 stands under a group."""

    name: str
    label: str
    on: bool
    help: str = ""
    depth: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class MenuBoxes:
    """A menu with its entries; an entry that only groups others has no name."""

    label: str
    boxes: tuple[Box, ...]


def menu_boxes(
    site: Site, body: Mapping[str, Any], language: str, errors: Mapping[str, str]
) -> list[MenuBoxes]:
    """Draw the menus."""
    found = []
    for menu_key, menu in site.menus.items():
        said = body.get("menus", {}).get(menu_key, {})
        boxes: list[Box] = []
        for key, item in menu.items.items():
            label = say(item.label, language) if item.label else key
            name = "" if item.items else f"i.{menu_key}.{key}"
            error = errors.get(f"menus/{menu_key}/{key}", "")
            boxes.append(Box(name, label, bool(said.get(key)), error=error))
            for inner, one in item.items.items():
                label = say(one.label, language) if one.label else inner
                error = errors.get(f"menus/{menu_key}/{inner}", "")
                name = f"i.{menu_key}.{inner}"
                boxes.append(Box(name, label, bool(said.get(inner)), depth=1, error=error))
        found.append(MenuBoxes(say(menu.label, language), tuple(boxes)))
    return found


def menus_body(site: Site, body: Body, form: Form) -> Body:
    """Give the body with the menus as they stand in a form."""
    menus = body.setdefault("menus", {})
    for menu_key, item in _entries(site):
        said = menus.setdefault(menu_key, {})
        _switch(said, item, on=bool(last(form, f"i.{menu_key}.{item}")))
        if not said:
            del menus[menu_key]
    return body


def _entries(site: Site) -> Iterator[tuple[str, str]]:
    for menu_key, menu in site.menus.items():
        for key, item in menu.items.items():
            if not item.items:
                yield menu_key, key
            for inner in item.items:
                yield menu_key, inner


def admin_boxes(body: Mapping[str, Any], language: str, errors: Mapping[str, str]) -> list[Box]:
    """Draw the administration rights."""
    said = body.get("admin", {})
    return [
        Box(
            f"r.{right}",
            translate(language, f"roles.admin.{right}"),
            bool(said.get(right)),
            help=translate(language, f"roles.admin.{right}.help"),
            error=errors.get(f"admin/{right}", ""),
        )
        for right in ADMIN_RIGHTS
    ]


def admin_body(body: Body, form: Form) -> Body:
    """Give the body with the administration rights as they stand in a form."""
    said = body.setdefault("admin", {})
    for right in ADMIN_RIGHTS:
        _switch(said, right, on=bool(last(form, f"r.{right}")))
    if not said:
        del body["admin"]
    return body


def _switch(said: dict[str, Any], key: str, *, on: bool) -> None:
    if on:
        said[key] = True
    elif said.get(key):
        del said[key]


def about_body(site: Site, body: Body, form: Form, language: str) -> Body:
    """Give the body with the names as they stand in a form; an empty name is left as it was."""
    for part in ("label", "description"):
        typed = {code: str(last(form, f"{part}.{code}")).strip() for code in LANGUAGES}
        typed = {code: text for code, text in typed.items() if text}
        if typed and typed != texts_of(body.get(part)):
            body[part] = typed if len(typed) > 1 else next(iter(typed.values()))
        elif not typed and part != "label":
            body.pop(part, None)
    group = str(last(form, "group")).strip()
    if not group:
        body.pop("group", None)
    elif group != texts_of(body.get("group")).get(language):
        body["group"] = known_group(site, group, language)
    return body


def texts_of(said: Any) -> dict[str, str]:
    """Give a text per language; a plain one is the same in each."""
    if isinstance(said, str):
        return dict.fromkeys(LANGUAGES, said)
    return dict(said or {})


def known_group(site: Site, group: str, language: str) -> Any:
    """Give a group as another role says it, in all its languages, else as it was typed."""
    for role in site.roles.values():
        if role.group is not None and say(role.group, language) == group:
            return dict(role.group) if "" not in role.group else role.group[""]
    return group
