"""What was changed on site, as a pack that another site can install.

Keys that the site added begin with ``x_``; in the pack they begin with the pack's own key. What
lies in the bin stays at home.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from metadata.adopt import Local, thawed
from metadata.catalog import LOCAL_PREFIX
from metadata.documents import Document, split_id
from metadata.layers import Layers, effective
from metadata.merge import TEXT_WORDS
from metadata.model import Text
from metadata.packs import Pack
from metadata.renames import rename_field
from metadata.versions import ENGINE, numbers

_OURS = re.compile(rf"(?<![a-z0-9_]){LOCAL_PREFIX}[a-z0-9_]+")
_WORDS = frozenset({"op", "value", "base", "after"})


def local_pack(layers: Layers, *, key: str, label: Text, version: str = "1.0.0") -> Pack:
    """Make a pack of the local changes.

    Args:
        layers: the site.
        key: the pack's key; it takes the place of ``x`` before what was added.
        label: what the pack is called.
        version: its version.
    """
    languages = list(dict.fromkeys(lang for pack in layers.packs for lang in pack.languages))
    local = _without_bin(_adopted_renamed(layers, key))
    swap = {name: f"{key}_{name.removeprefix(LOCAL_PREFIX)}" for name in _names(local)}
    documents: list[Document] = []
    changes: dict[str, Any] = {}
    for identity, entries in local.items():
        kind, own = split_id(_swapped(identity, swap))
        whole = entries.pop("", None)
        if whole is not None and whole["op"] == "add":
            body = _said(_deep(whole["value"], swap), languages, "")
            documents.append(Document(kind, own, body, None, key))
        elif whole is not None:
            changes.setdefault(f"{kind}/{own}", {})[""] = {"op": whole["op"]}
        for path, entry in entries.items():
            place = _swapped(path, swap)
            changes.setdefault(f"{kind}/{own}", {})[place] = {
                word: _said(_deep(value, swap), languages, place) if word == "value" else
                _deep(value, swap)
                for word, value in entry.items()
                if word in _WORDS
            }  # fmt: skip
    if changes:
        documents.append(Document("overrides", f"{key}", {"changes": changes}, None, key))
    manifest = {
        "label": {one: label.get(one) or next(iter(label.values())) for one in languages},
        "version": version,
        "engine": f">={ENGINE.rpartition('.')[0]},<2",
        "languages": languages,
        "requires": {
            pack.key: f">={pack.version},<{numbers(pack.version)[0] + 1}"
            for pack in _touched(layers, local)
        },
    }
    documents.sort(key=lambda document: document.id)
    return Pack(key, Document("pack", key, manifest, None, key), tuple(documents))


def _adopted_renamed(layers: Layers, key: str) -> Local:
    """Give what packs left out a name of ours: it is the site's own by now."""
    local = thawed(layers.local)
    before = effective(layers)
    for identity, entries in layers.local.items():
        kind, owner = split_id(identity)
        for path, entry in entries.items():
            if kind == "object" and "from" in entry and path.startswith("fields/"):
                old = path.partition("/")[2]
                local = rename_field(local, before, (owner, old, f"{key}_{old}"))
    return local


def _without_bin(local: Local) -> Local:
    kept = {
        identity: {path: entry for path, entry in entries.items() if not entry.get("removed")}
        for identity, entries in local.items()
        if not entries.get("", {}).get("removed")
    }
    return {identity: entries for identity, entries in kept.items() if entries}


def _names(data: Any) -> Iterable[str]:
    """Find the keys that the site gave: in identities, paths and maps."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _OURS.findall(key)
            yield from _names(value)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _names(item)


def _swapped(text: str, swap: Mapping[str, str]) -> str:
    return _OURS.sub(lambda found: swap.get(found[0], found[0]), text)


def _deep(value: Any, swap: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {
            _swapped(key, swap): inner if key in TEXT_WORDS else _deep(inner, swap)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_deep(item, swap) for item in value]
    return _swapped(value, swap) if isinstance(value, str) else value


def _said(value: Any, languages: list[str], path: str) -> Any:
    """Say every text in every language of the pack; where one is missing, another stands in."""
    word = path.rpartition("/")[2]
    if word in TEXT_WORDS and isinstance(value, str):
        return dict.fromkeys(languages, value)
    if word in TEXT_WORDS and isinstance(value, Mapping) and value:
        return {one: value.get(one) or next(iter(value.values())) for one in languages}
    if isinstance(value, Mapping):
        return {key: _said(inner, languages, key) for key, inner in value.items()}
    return value


def _touched(layers: Layers, local: Local) -> list[Pack]:
    """Give the packs whose documents the changes are about, or refer to."""
    shipped = effective(Layers(layers.packs)).documents
    owners = {shipped[identity].layer for identity in local if identity in shipped}
    text = str(local)
    for identity, document in shipped.items():
        kind, key = split_id(identity)
        if kind in {"object", "option_set"} and re.search(rf"['\"]{re.escape(key)}['\"]", text):
            owners.add(document.layer)
    return [pack for pack in layers.packs if pack.key in owners]
