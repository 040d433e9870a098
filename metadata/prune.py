"""A hidden field leaves every layout by itself; conditions on it are left for the checks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from metadata.catalog import link_target, link_targets
from metadata.documents import Document
from metadata.overrides import copied
from metadata.refs import World

Hidden = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Object -> key of a hidden field -> its definition."""

_Shows = Callable[[str, str], bool]


def prune(documents: Mapping[str, Document], hidden: Hidden) -> Mapping[str, Document]:
    """Take hidden fields out of lists, forms, pages, roles and the settings of abilities."""
    if not hidden:
        return documents
    world = World(documents)

    def shows(object_key: str, path: str) -> bool:
        """Tell whether a path meets no hidden field."""
        here = object_key
        for part in path.lstrip("-").split("."):
            if part in hidden.get(here, ()):
                return False
            found = world.resolve(here, part)
            target = found[1] if found is not None else {}
            here = link_target(target)
        return True

    pruned = dict(documents)
    for identity, document in documents.items():
        if document.kind == "number_rule" and _is_gone(document.body, hidden):
            del pruned[identity]  # it comes back with its field
            continue
        work = _PRUNERS.get(document.kind)
        if work is None:
            continue
        body = copied(document.body)
        work(body, document, world, shows, hidden)
        if body != document.body:
            pruned[identity] = replace(document, body=body)
    return pruned


def without(
    documents: Mapping[str, Document], removed: Mapping[str, Document]
) -> Mapping[str, Document]:
    """Take away what belonged to removed documents, and what led to them.

    A link to a removed object stays: whoever removes the object has to remove the link, too.
    """
    if not removed:
        return documents
    objects = {document.key for document in removed.values() if document.kind == "object"}
    gone = set(removed) | {
        identity
        for identity, document in documents.items()
        if document.kind != "object" and str(document.body.get("object")) in objects
    }
    living = {key: document for key, document in documents.items() if key not in gone}
    closed = gone | {f"object/{key}" for key in objects}
    lists = _inverses(document for document in removed.values() if document.kind == "object")
    lost: set[tuple[str, str]] = set()
    for identity, document in living.items():
        if document.kind == "menu":
            body = copied(document.body)
            lost |= {(document.key, key) for key in _close(body, closed)}
            living[identity] = replace(document, body=body)
    for identity, document in living.items():
        if document.kind == "pack":
            body = copied(document.body)
            _keep(body, "seeds", lambda key: key not in objects)
            living[identity] = replace(document, body=body)
        if document.kind in {"list", "role", "detail"}:
            body = copied(document.body)
            _drop_tabs(body, lists)
            _keep(body, "scenes", lambda key: f"scene/{key}" not in gone)
            _keep(body, "objects", lambda key: key not in objects)
            for menu, items in _map(body, "menus").items():
                for key in [key for key in items if (menu, key) in lost]:
                    del items[key]
            living[identity] = replace(document, body=body)
    return living


def _is_gone(body: Mapping[str, Any], hidden: Hidden) -> bool:
    """Tell whether the field that a rule numbers is hidden."""
    return str(body.get("field")) in hidden.get(str(body.get("object")), ())


def _close(body: Any, closed: set[str]) -> set[str]:
    """Take out what opens something closed, and groups left empty; give the keys taken out."""
    taken: set[str] = set()
    entries = _map(body, "items")
    for key, item in list(entries.items()):
        inner = _map(item, "items")
        leads_nowhere = {name for name, entry in inner.items() if _opens(entry) in closed}
        for name in leads_nowhere:
            del inner[name]
        taken |= leads_nowhere
        if _opens(item) in closed or (leads_nowhere and not inner):
            del entries[key]
            taken.add(key)
    return taken


def _inverses(objects: Iterable[Document]) -> set[tuple[str, str]]:
    """Give the related lists that links of these objects make: pairs of target and key."""
    return {
        (target, str(_map(field, "inverse").get("key")))
        for document in objects
        for field in _map(document.body, "fields").values()
        if isinstance(field, dict)
        for target in link_targets(field)
    }


def _drop_tabs(body: Any, lists: set[tuple[str, str]]) -> None:
    own, tabs = str(body.get("object")), _map(body, "tabs")
    for key, tab in list(tabs.items()):
        if isinstance(tab, dict) and (own, str(tab.get("list"))) in lists:
            del tabs[key]


def _opens(item: Any) -> str:
    return str(item.get("opens", "")) if isinstance(item, dict) else ""


def _list(body: Any, _: Document, __: World, shows: _Shows, ___: Hidden) -> None:
    own = str(body.get("object"))
    for part in ("columns", "footer"):
        _keep(body, part, partial(shows, own))
    _sort(body, own, shows)
    kanban = _map(body, "kanban")
    _keep(kanban, "card", partial(shows, own))
    if not shows(own, str(kanban.get("sum", ""))):
        del kanban["sum"]
    for view, field in (
        ("kanban", kanban.get("by")),
        ("calendar", _map(body, "calendar").get("date")),
    ):
        if not shows(own, str(field or "")):
            del body[view]
            if body.get("view") == view:
                del body["view"]


def _scene(body: Any, _: Document, __: World, shows: _Shows, ___: Hidden) -> None:
    _sort(body, str(body.get("object")), shows)


def _form(body: Any, _: Document, __: World, shows: _Shows, ___: Hidden) -> None:
    own = str(body.get("object"))
    for tab in _map(body, "tabs").values():
        for section in _map(tab, "sections").values():
            _keep(section, "items", partial(shows, own))


def _detail(body: Any, _: Document, world: World, shows: _Shows, hidden: Hidden) -> None:
    own = str(body.get("object"))
    for part in ("badges", "facts"):
        _keep(_map(body, "header"), part, partial(shows, own))
    lost = {
        str(_map(definition, "inverse").get("key"))
        for fields in hidden.values()
        for definition in fields.values()
        if own in link_targets(definition)
    } - set(world.related(own))
    tabs = _map(body, "tabs")
    for key, tab in list(tabs.items()):
        listed = str(tab.get("list")) if isinstance(tab, dict) else ""
        if listed in lost:
            del tabs[key]
            continue
        related = world.related(own).get(listed)
        if related is not None:
            _keep(tab, "columns", partial(shows, related.object))


def _role(body: Any, _: Document, __: World, shows: _Shows, ___: Hidden) -> None:
    for key, grant in _map(body, "objects").items():
        _keep(grant, "fields", partial(shows, key))


def _object(body: Any, document: Document, _: World, shows: _Shows, hidden: Hidden) -> None:
    _keep(_map(body, "customise"), "fields", partial(shows, document.key))
    _keep(_map(body, "abilities"), "calendar", partial(shows, document.key))


def _pack(body: Any, _: Document, __: World, shows: _Shows, ___: Hidden) -> None:
    for key, seed in _map(body, "seeds").items():
        rows = _map(seed, "rows")
        for row in rows:
            _keep(rows, row, partial(shows, key))


def _sort(body: Any, own: str, shows: _Shows) -> None:
    if isinstance(body.get("sort"), list):
        body["sort"] = [path for path in body["sort"] if shows(own, str(path))]


def _map(body: Any, part: str) -> dict[str, Any]:
    """Give a map inside; an empty one when it is missing or (not checked yet) something else."""
    found = body.get(part) if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def _keep(body: Any, part: str, wanted: Callable[[str], bool]) -> None:
    """Keep the entries of one map whose key is wanted."""
    entries = body.get(part) if isinstance(body, dict) else None
    if isinstance(entries, dict):
        body[part] = {key: value for key, value in entries.items() if wanted(key)}


_PRUNERS: Mapping[str, Callable[[Any, Document, World, _Shows, Hidden], None]] = {
    "list": _list,
    "scene": _scene,
    "form": _form,
    "detail": _detail,
    "role": _role,
    "object": _object,
    "pack": _pack,
}
