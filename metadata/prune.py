"""A hidden field leaves every layout by itself; conditions on it are left for the checks."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

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
            here = str(target.get("to") or target.get("type") or "")
        return True

    pruned = dict(documents)
    for identity, document in documents.items():
        work = _PRUNERS.get(document.kind)
        if work is None:
            continue
        body = copied(document.body)
        work(body, document, world, shows, hidden)
        if body != document.body:
            pruned[identity] = Document(
                document.kind,
                document.key,
                body,
                document.source,
                document.layer,
                document.origins,
                document.touched,
            )
    return pruned


def _list(body: Any, _: Document, __: World, shows: _Shows, ___: Hidden) -> None:
    own = str(body.get("object"))
    for part in ("columns", "footer"):
        _keep(body, part, partial(shows, own))
    _sort(body, own, shows)
    if not shows(own, str(_map(body, "calendar").get("date", ""))):
        del body["calendar"]


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
        if (definition.get("to") or definition.get("type")) == own
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
}
