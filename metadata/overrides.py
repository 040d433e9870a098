"""Applies changes to one document: set, add, remove, place; order by anchors, never by number."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metadata.catalog import kernel
from metadata.documents import Document, look_up
from metadata.errors import Problem
from metadata.report import problem_at

Entries = Mapping[str, Mapping[str, Any]]
"""The changes of one layer to one document: path -> {op, value, base, after, removed, purged}."""

NAMED = frozenset(
    {
        "fields", "options", "rules", "actions", "columns", "tabs", "sections", "items",
        "segments", "badges", "facts", "side",
    }
)  # fmt: skip
"""Maps whose entries have to be there before something inside them can change."""

_OWN_NAMES = frozenset({"fields", "options", "rules", "actions", "tabs", "sections"})
"""Of these, the maps whose keys are names of their author; elsewhere a key refers to something."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A document with its changes; ``hidden`` are the fields taken out, by key."""

    document: Document | None
    hidden: Mapping[str, Mapping[str, Any]]
    warnings: tuple[Problem, ...]


@dataclass(slots=True)
class _Work:
    document: Document
    body: dict[str, Any]
    anchors: dict[str, dict[str, tuple[str, int]]] = field(default_factory=dict)
    hidden: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    warnings: list[Problem] = field(default_factory=list)
    gone: bool = False

    def warn(self, code: str, path: str, **params: Any) -> None:
        self.warnings.append(problem_at(self.document, code, path, **params))


def apply_changes_to(
    document: Document, layers: Sequence[tuple[str, Entries]], *, mark: bool = True
) -> Applied:
    """Apply the changes of several layers, the lowest first.

    Args:
        document: what they change; it stays as it is.
        layers: pairs of layer key and changes.
        mark: False leaves ``touched`` empty (the layer speaks from files of its own).
    """
    work = _Work(document, copied(document.body), touched=set(document.touched))
    for position, (layer, entries) in enumerate(layers):
        for path, entry in entries.items():
            _apply(work, path, entry, layer, position)
    if work.gone:
        return Applied(None, work.hidden, tuple(work.warnings))
    for parent, anchors in work.anchors.items():
        _order(work, parent, anchors)
    changed = Document(
        document.kind,
        document.key,
        work.body,
        document.source,
        document.layer,
        {**document.origins, **work.origins},
        frozenset(work.touched) if mark else document.touched,
    )
    return Applied(changed, work.hidden, tuple(work.warnings))


def copied(value: Any) -> Any:
    """Copy JSON data, maps and lists included."""
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [copied(item) for item in value]
    return value


def entries_of(path: str) -> Iterator[tuple[str, str]]:
    """Walk the named entries a path goes through: pairs of map name and path of the entry."""
    parts = path.split("/")
    position = 0
    while position < len(parts) - 1:
        if parts[position] in NAMED:
            yield parts[position], "/".join(parts[: position + 2])
            position += 1
        position += 1


def lacks_prefix(document: str, path: str, prefix: str) -> bool:
    """Tell whether an addition has a key that another layer could take.

    Args:
        document: the identity of what is added to.
        path: the path of the addition.
        prefix: what its keys begin with, ``x_`` on site or ``<pack>_``.
    """
    kind, _, key = document.partition("/")
    if any(part.startswith(prefix) for part in key.split(".")):
        return False
    names = list(entries_of(path))
    if not path or any(place.rpartition("/")[2].startswith(prefix) for _, place in names):
        return not path
    own = _OWN_NAMES | ({"items"} if kind == "menu" else set())
    return bool(names) and names[-1][1] == path and names[-1][0] in own


def is_option(path: str) -> bool:
    """Tell whether a path is that of one option: it is retired, never taken away."""
    last = [pair for pair in entries_of(path) if pair[1] == path]
    return bool(last) and last[0][0] == "options"


def is_field(document: Document | str, path: str) -> bool:
    """Tell whether a path is that of a field of an object."""
    kind = document.kind if isinstance(document, Document) else document.partition("/")[0]
    return kind == "object" and path.startswith("fields/") and path.count("/") == 1


def _apply(work: _Work, path: str, entry: Mapping[str, Any], layer: str, position: int) -> None:
    op = entry["op"]
    if path == "":
        work.gone = work.gone or op == "remove" or bool(entry.get("removed"))
        return
    parent_path, _, key = path.rpartition("/")
    parent = _parent(work, path, create=op in {"set", "add"})
    if parent is None:
        work.warn("path_gone", path)
        return
    work.touched.add(path)
    if op == "add":
        work.origins[path] = layer
    _WRITERS[op](work, parent, path, entry)
    if "after" in entry and key in parent:
        work.anchors.setdefault(parent_path, {})[key] = (entry["after"], position)


def _parent(work: _Work, path: str, *, create: bool) -> dict[str, Any] | None:
    """Find the map that holds the last part of ``path``; make what may be made on the way."""
    must = {place for _, place in entries_of(path) if place != path}
    found: Any = work.body
    walked = ""
    for part in path.split("/")[:-1]:
        walked = f"{walked}/{part}" if walked else part
        inner = found.get(part)
        if inner is None or isinstance(inner, str):
            brought = is_field(work.document, walked) and part in _brought(work)
            if not create or (inner is None and walked in must and not brought):
                return None
            inner = found[part] = {}
        if not isinstance(inner, dict):
            return None
        found = inner
    return found  # type: ignore[no-any-return]  # a dict all the way down


def _brought(work: _Work) -> Mapping[str, Any]:
    abilities = work.body.get("abilities")
    return kernel().brought(abilities if isinstance(abilities, Mapping) else {})


def _write(work: _Work, parent: dict[str, Any], path: str, entry: Mapping[str, Any]) -> None:
    key = path.rpartition("/")[2]
    if not entry.get("removed"):
        parent[key] = copied(entry["value"])
    elif is_option(path):
        parent[key] = {**copied(entry["value"]), "retired": True}
    elif is_field(work.document, path):
        work.hidden[key] = copied(entry["value"])


def _place(work: _Work, parent: dict[str, Any], path: str, _: Mapping[str, Any]) -> None:
    if path.rpartition("/")[2] not in parent:
        work.warn("path_gone", path)


def _remove(work: _Work, parent: dict[str, Any], path: str, _: Mapping[str, Any]) -> None:
    key = path.rpartition("/")[2]
    if key not in parent:
        return
    if is_option(path) and isinstance(parent[key], dict):
        parent[key]["retired"] = True
        return
    value = parent.pop(key)
    if is_field(work.document, path):
        work.hidden[key] = value


_WRITERS = {"set": _write, "add": _write, "remove": _remove, "place": _place}


def _order(work: _Work, parent_path: str, anchors: Mapping[str, tuple[str, int]]) -> None:
    """Put the anchored entries of one map where they belong."""
    parent = look_up(work.body, parent_path)
    if not isinstance(parent, dict):
        return
    live = {key: anchor for key, anchor in anchors.items() if key in parent}
    followers: dict[str, list[str]] = {}
    for key, (after, _) in sorted(live.items(), key=lambda item: (item[1][1], item[0])):
        if after and after not in parent:
            work.warn("anchor_gone", f"{parent_path}/{key}", after=after)
            continue
        followers.setdefault(after, []).append(key)
    order: list[str] = []
    _emit(followers.get("", ()), followers, order)
    _emit((key for key in parent if key not in live), followers, order)
    missing = [key for key in parent if key not in set(order)]
    _emit(missing, followers, order)
    entries = {key: parent[key] for key in order}
    parent.clear()
    parent.update(entries)


def _emit(keys: Iterable[str], followers: Mapping[str, list[str]], order: list[str]) -> None:
    """Append keys, each followed by what is anchored on it; circles end by themselves."""
    seen = set(order)
    waiting = list(keys)[::-1]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            order.append(key)
            waiting.extend(reversed(followers.get(key, ())))
