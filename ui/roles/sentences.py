"""What a change of a role says, in the words of the screen: who may do what from now on."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.publish.plan import Plan
from metadata.errors import Problem
from metadata.model import ObjectDef, Site, say
from ui.errors import problem_message
from ui.i18n import has_text, translate
from ui.roles.fields import level_of
from ui.roles.matrix import scope_word
from ui.roles.switches import texts_of


def tell_plan(plan: Plan, site: Site, document: str, language: str) -> list[str]:
    """Tell what a plan changes in a role."""
    found: dict[str, None] = {}
    for one in plan.differences:
        if one.document == document and one.op != "moved":
            for line in _lines(site, one.path, (one.before, one.after), language):
                found[line] = None
    return list(found)


def tell_problems(
    problems: Iterable[Problem], site: Site, language: str
) -> tuple[list[str], dict[str, str]]:
    """Tell why a role cannot be saved: sentences, and the same by the path they stand at."""
    told, places = [], {}
    for one in problems:
        if one.code == "right_not_held":
            what = name_of(site, one.path, language)
            sentence = translate(language, "roles.not_held", right=what)
        else:
            sentence = problem_message(one, language)
            hint = f"problem.{one.code}.hint"
            if has_text(language, hint):
                sentence = f"{sentence} {translate(language, hint, **one.params)}"
        told.append(sentence)
        places[one.path] = sentence
    return told, places


def name_of(site: Site, path: str, language: str) -> str:
    """Name a right by its path in a role's document."""
    parts = path.split("/")
    if parts[0] == "objects" and len(parts) > 1:
        definition = site.objects.get(parts[1])
        words = [say(definition.label, language) if definition is not None else parts[1]]
        words += [_inner(definition, parts[2:], language)] if parts[2:] else []
        return " · ".join(words)
    if parts[0] == "admin" and len(parts) > 1:
        key = f"roles.admin.{parts[1]}"
        return translate(language, key) if has_text(language, key) else parts[1]
    if parts[0] == "menus" and len(parts) > len(("menus", "menu")):
        return _entry(site, parts[1], parts[2], language)
    key = f"roles.part.{parts[0]}"
    return translate(language, key) if has_text(language, key) else path


def _inner(definition: ObjectDef | None, parts: list[str], language: str) -> str:
    if parts[0] == "fields" and len(parts) > 1:
        field = definition.fields.get(parts[1]) if definition is not None else None
        return say(field.label, language) if field is not None else parts[1]
    action = definition.actions.get(parts[0]) if definition is not None else None
    return say(action.label, language) if action is not None else parts[0]


def _entry(site: Site, menu_key: str, key: str, language: str) -> str:
    menu = site.menus.get(menu_key)
    if menu is None:
        return key
    items = dict(menu.items)
    for item in menu.items.values():
        items.update(item.items)
    label = items[key].label if key in items else None
    name = say(label, language) if label is not None else key
    return translate(language, "roles.menu_entry", menu=say(menu.label, language), entry=name)


def _lines(site: Site, path: str, values: tuple[Any, Any], language: str) -> Iterable[str]:
    """Tell a difference; one of a whole map is told part by part."""
    before, after = values
    parts = path.split("/")
    maps = all(one is None or isinstance(one, Mapping) for one in values)
    deep = parts[0] in {"objects", "menus", "admin"} and not _is_leaf(parts)
    if maps and deep:
        for key in dict.fromkeys((*(before or {}), *(after or {}))):
            inner = ((before or {}).get(key), (after or {}).get(key))
            if inner[0] != inner[1]:
                yield from _lines(site, f"{path}/{key}", inner, language)
        return
    if "level" in parts[-1:] or "mask" in parts[-1:]:
        path = "/".join(parts[:-1])
    yield translate(
        language,
        "roles.told",
        right=name_of(site, path, language),
        before=_shown(path, before, language),
        after=_shown(path, after, language),
    )


def _is_leaf(parts: list[str]) -> bool:
    field = parts[0] == "objects" and len(parts) > 2 and parts[2] == "fields"  # noqa: PLR2004
    depth = {"objects": 4 if field else 3, "menus": 3, "admin": 2}[parts[0]]
    return len(parts) >= depth


def _shown(path: str, value: Any, language: str) -> str:
    parts = path.split("/")
    if parts[0] == "objects" and "fields" in parts[2:3]:
        one = level_of({"level": value} if value in {"hidden", "read", "edit"} else value)
        level = translate(language, f"roles.level.{one['level']}")
        mask = one["mask"]
        return f"{level} · {translate(language, f'roles.mask.{mask}')}" if mask else level
    if parts[0] == "objects" and value not in (None, False):
        return scope_word("all" if value is True else str(value), language)
    if parts[0] in {"label", "group", "description"}:
        return texts_of(value).get(language, "–") if value else "–"
    return translate(language, "roles.yes" if value else "roles.scope.none")
