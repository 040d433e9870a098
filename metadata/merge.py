"""Other packs under the same local changes: a three-way merge, property by property.

Base is what a local change replaced, mine the local value, theirs what the new packs say. What
only one side changed is taken; where both did, mine stays and is listed by `conflicts` until
somebody settles it. Nothing local is ever dropped here but what the packs now say themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metadata.adopt import Entries, adopt_containers, adopt_left_out, thawed
from metadata.documents import Document, look_up
from metadata.layers import Layered, Layers, effective, layers_of
from metadata.model import Text
from metadata.overrides import NAMED, copied, entries_of, is_option
from metadata.packs import Pack
from metadata.renames import renamed

MISSING = object()
TEXT_WORDS = frozenset({"label", "plural", "help", "description", "message"})
"""Properties that hold a text: a map of languages."""

_MAPS = NAMED | TEXT_WORDS | {"objects", "menus", "scenes", "abilities"}
"""Maps that merge key by key; any other value is one thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A place where the site and the packs changed the same thing. None: nothing stands there.

    ``stranded``: what the thing lay in is gone, so the local value holds nowhere.
    """

    document: str
    path: str
    base: Any = None
    mine: Any = None
    theirs: Any = None
    label: Text | None = None
    stranded: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that a pack left out and the site keeps. ``hidden``: it went into the bin."""

    document: str
    path: str
    pack: str
    label: Text | None
    hidden: bool


def upgrade(layers: Layers, packs: Sequence[Pack]) -> Layers:
    """Put other packs under the local changes.

    A pack that is there no more leaves the changes of its documents asleep: they are kept, and
    hold again when it comes back.

    Raises:
        MetadataInvalid: the packs do not fit together.
    """
    new = layers_of(packs)
    before, after = effective(Layers(layers.packs)), effective(Layers(new.packs))
    there = {pack.key for pack in new.packs}
    local = renamed(thawed(layers.local), layers.packs, new.packs, before)
    adopt_left_out(local, before, after, new.packs)
    adopt_containers(local, before, after, there)
    merged: dict[str, Entries] = {}
    for identity, entries in local.items():
        document = after.documents.get(identity)
        kept = _merged(entries, document) if document is not None else entries
        if kept:
            merged[identity] = kept
    return Layers(new.packs, merged)


def _merged(entries: Entries, document: Document) -> Entries:
    result: Entries = {}
    for path, entry in entries.items():
        theirs = look_up(document.body, path, MISSING) if path else document.body
        for place, one in _three_way(path, entry, theirs):
            now = look_up(document.body, place, MISSING)
            settled = _settled(one, now)
            if settled is not None and not (place in result and place != path):
                result[place] = settled
    return result


def _three_way(
    path: str, entry: dict[str, Any], theirs: Any
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give what an entry becomes; one entry of a whole map may become one for each property."""
    if theirs is MISSING or entry["op"] in {"remove", "place"}:
        yield path, entry
    elif "from" in entry:
        yield from _back(path, entry)
    elif "base" in entry and entry["base"] != theirs and _is_open(path, entry["value"], theirs):
        yield from _split(path, entry["base"], entry["value"])
        if "after" in entry:
            yield path, {"op": "place", "after": entry["after"]}
    else:
        yield path, entry


def _settled(entry: dict[str, Any], theirs: Any) -> dict[str, Any] | None:
    """Drop what the packs say themselves; an addition they also made is a change of theirs."""
    op = entry["op"]
    if op == "remove":
        both = "base" in entry and theirs is MISSING
        return None if both else entry
    if op == "place" or entry.get("removed") or theirs is MISSING:
        return entry
    if entry["value"] == theirs:
        return {"op": "place", "after": entry["after"]} if "after" in entry else None
    return {**entry, "op": "set"}


def _back(path: str, entry: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give back to its pack what the site had kept; what was changed meanwhile stays local."""
    if entry.get("hid"):
        yield path, {"op": "remove"}
    elif "after" in entry:
        yield path, {"op": "place", "after": entry["after"]}
    yield from _split(path, entry["base"], entry["value"])


def _split(path: str, base: Any, mine: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the changes from ``base`` to ``mine`` as entries of single properties."""
    if base == mine:
        return
    if not _is_open(path, base, mine):
        yield path, {"op": "set", "value": copied(mine), "base": copied(base)}
        return
    for key, value in mine.items():
        inner = f"{path}/{key}" if path else key
        if key in base:
            yield from _split(inner, base[key], value)
        else:
            yield inner, {"op": "add" if _is_entry(inner) else "set", "value": copied(value)}
    for key, value in base.items():
        if key not in mine:
            inner = f"{path}/{key}" if path else key
            yield inner, {"op": "remove", "base": copied(value)}


def _is_open(path: str, *values: Any) -> bool:
    """Tell whether a value merges property by property."""
    if not all(isinstance(value, Mapping) for value in values):
        return False
    return not path or path.rpartition("/")[2] in _MAPS or _is_entry(path)


def _is_entry(path: str) -> bool:
    return path.rpartition("/")[0].rpartition("/")[2] in _MAPS - TEXT_WORDS


def conflicts(layers: Layers) -> list[Conflict]:
    """List what the site and the packs both changed and nobody has settled yet."""
    if not layers.local:
        return []
    shipped = effective(Layers(layers.packs))
    found: list[Conflict] = []
    for identity, entries in layers.local.items():
        document = shipped.documents.get(identity)
        if document is None:
            continue
        for path, entry in entries.items():
            theirs = look_up(document.body, path, MISSING)
            if path and _differs(entry, theirs):
                found.append(_conflict(document, path, entry, theirs, entries))
    return found


def _differs(entry: Mapping[str, Any], theirs: Any) -> bool:
    if entry["op"] == "place" or "from" in entry or entry.get("removed"):
        return False
    has_base, base = "base" in entry, entry.get("base")
    if entry["op"] == "remove":
        return has_base and theirs is not MISSING and theirs != base
    if theirs is MISSING:
        return has_base
    return bool(entry["value"] != theirs) and (not has_base or theirs != base)


def _conflict(
    document: Document,
    path: str,
    entry: Mapping[str, Any],
    theirs: Any,
    entries: Mapping[str, Any],
) -> Conflict:
    around = [place for _, place in entries_of(path) if place != path]
    lost = any(
        place not in entries and look_up(document.body, place, MISSING) is MISSING
        for place in around
    )
    return Conflict(
        document=document.id,
        path=path,
        base=entry.get("base"),
        mine=entry.get("value"),
        theirs=None if theirs is MISSING else theirs,
        label=label_at(document, path),
        stranded=lost,
    )


def asleep(layers: Layers) -> list[str]:
    """Name the documents that local changes are about and no pack brings any more."""
    shipped = effective(Layers(layers.packs)).documents
    return [
        identity
        for identity, entries in layers.local.items()
        if identity not in shipped and entries.get("", {}).get("op") != "add"
    ]


def kept(layers: Layers, layered: Layered) -> list[Kept]:
    """List what the packs left out and the site keeps."""
    found: list[Kept] = []
    for identity, entries in layers.local.items():
        for path, entry in entries.items():
            if "from" not in entry or entry.get("purged"):
                continue
            document = layered.documents.get(identity)
            label = label_at(document, path) if document is not None else None
            own = _label_of(entry["value"])
            hidden = bool(entry.get("removed")) or is_option(path)
            found.append(Kept(identity, path, entry["from"], own or label, hidden))
    return found


def settle(conflict: Conflict, *, mine: bool) -> dict[str, Any]:
    """Give the change of a draft that settles a conflict for one side."""
    change: dict[str, Any] = {"document": conflict.document, "path": conflict.path}
    if conflict.theirs is None:
        return (
            {"op": "set", **change, "value": conflict.mine} if mine else {"op": "remove", **change}
        )
    if not mine:
        return {"op": "set", **change, "value": conflict.theirs}
    if conflict.mine is None:
        return {"op": "remove", **change, "base": conflict.theirs}
    return {"op": "set", **change, "value": conflict.mine}


def label_at(document: Document, path: str) -> Text | None:
    """Give the text of the nearest thing around a path that has one."""
    for place in [*reversed([place for _, place in entries_of(path)]), ""]:
        found = _label_of(look_up(document.body, place))
        if found:
            return found
    return None


def _label_of(value: Any) -> Text | None:
    label = value.get("label") if isinstance(value, Mapping) else None
    if isinstance(label, str):
        return {"": label}
    return dict(label) or None if isinstance(label, Mapping) else None
