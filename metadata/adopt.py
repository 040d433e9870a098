"""Absence is not deletion: what a pack leaves out, the site keeps as its own.

A field stays in use, deprecated; an option is retired; what the manifest names in ``removed``
goes into the bin; with ``data: purge`` it never comes back. The entry remembers the pack
(``from``) and its last definition (``base``), so that the thing can go back to the pack one day.
Packs that are uninstalled are not adopted.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from metadata.catalog import kernel
from metadata.documents import Document, look_up
from metadata.layers import LOCAL, Layered
from metadata.overrides import NAMED, apply_changes_to, copied, entries_of, is_field, is_option
from metadata.packs import Pack

Entries = dict[str, dict[str, Any]]
Local = dict[str, Entries]

_HOLDING = frozenset({"object", "option_set", "role", "number_rule"})
"""Kinds that records rely on; a layout that nobody changed goes with its pack."""

PURGE = "purge"
"""What a manifest says of a removed field whose values shall go, too."""

_MISSING = object()


def thawed(local: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Local:
    """Copy local changes so that they can be written to."""
    return {key: {path: dict(e) for path, e in entries.items()} for key, entries in local.items()}


def adopt_left_out(local: Local, before: Layered, after: Layered, packs: Sequence[Pack]) -> None:
    """Take over what packs that are still there had before and have no more.

    Args:
        local: the local changes; written to.
        before: the documents of the packs until now, without local changes.
        after: those of the packs that come.
        packs: the packs that come.
    """
    there = {pack.key: pack for pack in packs}
    _give_up(local, before, packs)
    for identity, old in before.documents.items():
        new = after.documents.get(identity)
        if new is None:
            pack = there.get(old.layer)
            if pack is not None and old.kind != "pack":
                _adopt_document(local, old, pack)
            continue
        if new.hash == old.hash:
            continue
        if old.kind == "object":
            _adopt_fields(local, old, new, there)
            for key in _common(old, new, "fields"):
                _adopt_options(local, old, new, f"fields/{key}/options", there)
        elif old.kind == "option_set":
            _adopt_options(local, old, new, "options", there)


def _give_up(local: Local, before: Layered, packs: Sequence[Pack]) -> None:
    """Put away what the site kept when a pack left it out and the pack removes only now."""
    for pack in packs:
        known = before.documents.get(f"pack/{pack.key}")
        said = (known.body.get("removed") or {}).get("fields") or {} if known is not None else {}
        for name, rule in _removed_fields(pack).items():
            owner, _, key = name.partition(".")
            entry = local.get(f"object/{owner}", {}).get(f"fields/{key}", {})
            is_new = said.get(name, {}).get("data") != rule.get("data") or name not in said
            if entry.get("from") == pack.key and is_new:
                _put_away(entry, rule)


def _put_away(entry: dict[str, Any], rule: Mapping[str, Any]) -> None:
    entry["removed"] = True
    if rule.get("data") == PURGE:
        entry["purged"] = True


def _adopt_document(local: Local, old: Document, pack: Pack) -> None:
    entries = local.get(old.id, {})
    known = entries.get("", {})
    if old.kind not in _HOLDING and not entries:
        return
    hid = known.get("op") == "remove"
    kept: Entries = {}
    applied: Entries = {}
    for path, entry in entries.items():
        if not path:
            continue
        gone = entry["op"] == "remove" or bool(entry.get("removed"))
        if gone and is_field(old, path):
            kept[path] = {"op": "remove"}
            if "value" in entry:
                applied[path] = {name: e for name, e in entry.items() if name != "removed"}
        else:
            applied[path] = entry
    changed = apply_changes_to(old, [(LOCAL, applied)]).document
    made = _adopted(old.body, changed.body if changed is not None else old.body, old.layer)
    if hid or old.key in _removed(pack, "objects"):
        made["removed"] = True
    if hid:
        made["hid"] = True
    local[old.id] = {"": made, **kept}


def _adopt_fields(local: Local, old: Document, new: Document, there: Mapping[str, Pack]) -> None:
    brought = kernel().brought(old.body.get("abilities") or {})
    now = new.body.get("fields") or {}
    for key, definition in (old.body.get("fields") or {}).items():
        owner = there.get(old.origins.get(f"fields/{key}", old.layer))
        if key in now or key in brought or owner is None:
            continue
        name = f"{old.key}.{key}"
        other = _renamed(owner, "fields").get(name, "").rpartition(".")[2]
        if other in now:
            continue
        rule = _removed_fields(owner).get(name)
        made = _adopt(local, old, f"fields/{key}", definition, owner.key, removed=bool(rule))
        if rule:
            _put_away(made, rule)


def _adopt_options(
    local: Local, old: Document, new: Document, path: str, there: Mapping[str, Pack]
) -> None:
    now, before = look_up(new.body, path), look_up(old.body, path)
    owner = there.get(old.layer)
    if owner is None or not isinstance(now, Mapping) or not isinstance(before, Mapping):
        return
    for key, option in before.items():
        if key not in now:
            _adopt(local, old, f"{path}/{key}", option, owner.key, removed=True)


def _adopt(
    local: Local, old: Document, path: str, definition: Any, owner: str, *, removed: bool
) -> dict[str, Any]:
    """Make a field or an option local, with what was changed in it on site; gives its entry."""
    entries = local.setdefault(old.id, {})
    inner = {
        place: entries.pop(place)
        for place in list(entries)
        if place == path or place.startswith(f"{path}/")
    }
    known = inner.get(path, {})
    hid = known.get("op") == "remove"
    value = definition
    changes = {place: entry for place, entry in inner.items() if entry["op"] != "place"}
    changes.pop(path, None) if hid else None
    if changes:
        applied = apply_changes_to(_only(old, path, definition), [(LOCAL, changes)]).document
        value = look_up(applied.body, path) if applied is not None else definition
    made = _adopted(definition, value, owner)
    if removed or hid:
        made["removed"] = True
    if hid:
        made["hid"] = True
    if "after" in known:
        made["after"] = known["after"]
    entries[path] = made
    return made


def _adopted(base: Any, value: Any, owner: str) -> dict[str, Any]:
    return {"op": "add", "value": copied(value), "base": copied(base), "from": owner}


def _only(old: Document, path: str, value: Any) -> Document:
    """Make a document that holds one thing alone."""
    body: dict[str, Any] = {}
    here = body
    *parts, last = path.split("/")
    for part in parts:
        here[part] = {}
        here = here[part]
    here[last] = copied(value)
    return Document(old.kind, old.key, body, None, old.layer)


def adopt_containers(
    local: Local, before: Layered, after: Layered, there: Collection[str]
) -> None:
    """Keep the section, tab or entry that local additions lie in, empty but for them.

    So an addition never hangs in the air; that the pack dropped what is around it is a conflict.
    Moved things that the packs dropped are kept where they were moved to.
    """
    for identity, entries in local.items():
        old, new = before.documents.get(identity), after.documents.get(identity)
        if old is None or new is None:
            continue
        made: Entries = {}
        for path, entry in entries.items():
            if entry["op"] == "add":
                _keep_around(path, old, new, entries, made)
            owner = old.origins.get(path, old.layer)
            was = look_up(old.body, path, _MISSING)
            gone = look_up(new.body, path, _MISSING) is _MISSING and was is not _MISSING
            if entry["op"] == "place" and gone and owner in there:
                entry.update(op="add", value=copied(was), base=copied(was))
        if made:
            rest = dict(entries)
            entries.clear()
            entries.update({**made, **rest})


def _keep_around(path: str, old: Document, new: Document, entries: Entries, made: Entries) -> None:
    outermost = True
    for _, place in entries_of(path):
        if place == path or place in entries or place in made:
            outermost = outermost and place not in made
            continue
        was = look_up(old.body, place)
        lost = isinstance(was, Mapping) and look_up(new.body, place, _MISSING) is _MISSING
        if not lost or is_field(old, place) or is_option(place):
            continue
        shell = {key: copied(value) for key, value in was.items() if key not in NAMED}
        made[place] = {"op": "add", "value": shell}
        if outermost:
            made[place]["base"] = copied(was)
        outermost = False


def _common(old: Document, new: Document, part: str) -> Iterable[str]:
    now = new.body.get(part) or {}
    return [key for key in old.body.get(part) or {} if key in now]


def _removed(pack: Pack, part: str) -> set[str]:
    return set((pack.manifest.body.get("removed") or {}).get(part) or {})


def _removed_fields(pack: Pack) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Any] = (pack.manifest.body.get("removed") or {}).get("fields") or {}
    return found


def _renamed(pack: Pack, part: str) -> Mapping[str, str]:
    found: Mapping[str, str] = (pack.manifest.body.get("renames") or {}).get(part) or {}
    return found
