"""Drafts: a list of changes becomes a new local layer that remembers what it replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from metadata.catalog import KINDS, LOCAL_PREFIX, TEST
from metadata.documents import Document, above, look_up, split_id
from metadata.errors import MetadataInvalid, Problem
from metadata.layers import Layered, Layers, effective
from metadata.model import FormDef, Site
from metadata.overrides import copied, is_field, is_option, lacks_prefix
from metadata.sealing import refused

OPS = frozenset({"set", "add", "remove", "place"})
MOST_CHANGES = 1_000
_MISSING = object()
_WORDS = frozenset({"op", "document", "path", "value", "after", "base", "place"})
_CHANGEABLE = frozenset(KINDS) - {"pack", "overrides", TEST}


@dataclass(frozen=True, slots=True)
class Change:
    """One wish of a draft. ``after`` is None where the place does not matter."""

    op: str
    document: str
    path: str
    value: Any = None
    after: str | None = None
    base: Any = None
    place: str = ""

    def dump(self) -> dict[str, Any]:
        """Give the change as the API writes it."""
        data: dict[str, Any] = {"op": self.op, "document": self.document, "path": self.path}
        if self.op in {"set", "add"}:
            data["value"] = self.value
        for name in ("after", "base"):
            if getattr(self, name) is not None:
                data[name] = getattr(self, name)
        if self.place:
            data["place"] = self.place
        return data


def parse_changes(raw: Any) -> tuple[Change, ...]:
    """Read changes as the API or a file has them; only their shape is checked.

    Raises:
        MetadataInvalid: not a list of changes.
    """
    if not isinstance(raw, list | tuple) or len(raw) > MOST_CHANGES:
        raise MetadataInvalid([Problem("bad_change", params={"property": "changes"})])
    problems: list[Problem] = []
    changes: list[Change] = []
    for position, item in enumerate(raw):
        reason = _wrong(item)
        if reason:
            params = {"property": reason}
            problems.append(Problem("bad_change", path=str(position), params=params))
            continue
        place = item.get("place", "")
        value = item.get("value")
        if isinstance(value, Mapping) and is_field(item["document"], item["path"]):
            place = place or value.get("place", "")
            value = {key: part for key, part in value.items() if key != "place"}
        changes.append(
            Change(
                item["op"],
                item["document"],
                item["path"],
                value,
                item.get("after"),
                item.get("base"),
                place,
            )
        )
    if problems:
        raise MetadataInvalid(problems)
    return tuple(changes)


def _wrong(item: Any) -> str:
    """Give the name of what is wrong with the shape of a change, else ``""``."""
    if not isinstance(item, Mapping):
        return "op"
    op, document, path = item.get("op"), item.get("document"), item.get("path")
    after = item.get("after")
    kind, key = split_id(document) if isinstance(document, str) else ("", "")
    extra = sorted(str(name) for name in set(item) - _WORDS)
    wrong = {
        extra[0] if extra else "": bool(extra),
        "op": not isinstance(op, str) or op not in OPS,
        "document": kind not in _CHANGEABLE or not key,
        "path": not isinstance(path, str) or (path != "" and "" in path.split("/")),
        "value": op in ("set", "add") and not _fits(path, item.get("value")),
        "after": not isinstance(after, str) and (after is not None or op == "place"),
        "place": item.get("place", "") not in ("", "none"),
    }
    return next((name for name, is_wrong in wrong.items() if is_wrong), "")


def _fits(path: Any, value: Any) -> bool:
    """Tell whether a value can be written; a whole document is a map."""
    return isinstance(value, Mapping) if path == "" else value is not None


def apply_changes(layers: Layers, changes: Sequence[Change]) -> Layers:
    """Put changes into the local layer, one after the other.

    Raises:
        MetadataInvalid: a change cannot be made; every reason is listed.
    """
    work = _Work(effective(Layers(layers.packs)), _thawed(layers.local))
    for change in changes:
        code, params = work.take(change)
        if code:
            work.problems.append(Problem(code, change.document, change.path, params=params))
    if work.problems:
        raise MetadataInvalid(work.problems)
    local = {key: entries for key, entries in work.local.items() if entries}
    return Layers(layers.packs, local)


def _thawed(local: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    return {key: {path: dict(e) for path, e in entries.items()} for key, entries in local.items()}


@dataclass(slots=True)
class _Work:
    shipped: Layered
    local: dict[str, dict[str, dict[str, Any]]]
    problems: list[Problem] = field(default_factory=list)

    def take(self, change: Change) -> tuple[str, dict[str, Any]]:
        """Make one change; give the code of the reason why not, else ``""``."""
        entries = self.local.setdefault(change.document, {})
        entry = entries.get(change.path)
        if change.op == "remove" and entry is not None and self.restore(change, entries, entry):
            return "", {}
        document = self.shipped.documents.get(change.document)
        if document is not None:
            code = refused(document, change.op, change.path, self.shipped)
            if code:
                return code, {"path": change.path}
        match change.op:
            case "set":
                return self.set(change, entries, document)
            case "add":
                return self.add(change, entries, document)
            case "remove":
                return self.remove(change, entries, document)
            case _:
                return self.place(change, entries, document)

    def restore(
        self, change: Change, entries: dict[str, dict[str, Any]], entry: dict[str, Any]
    ) -> bool:
        """Bring back what was hidden; False when it is not hidden.

        A wish that names the value it takes away means just that: it settles a conflict.
        """
        if entry.get("purged"):  # its data is gone
            return False
        if entry["op"] == "remove":
            if change.base is not None:
                entry["base"] = copied(change.base)
            else:
                del entries[change.path]
            return True
        return entry.pop("removed", None) is not None

    def exists(self, change: Change, document: Document | None) -> Any:
        """Give what stands at the path now, local changes included, or `_MISSING`."""
        value = look_up(document.body, change.path, _MISSING) if document else _MISSING
        for path, entry in self.local.get(change.document, {}).items():
            inside = change.path == path or change.path.startswith(f"{path}/") or path == ""
            if not inside or "value" not in entry:
                continue
            rest = change.path[len(path) :].lstrip("/")
            found = look_up(entry["value"], rest, _MISSING)
            value = found if found is not _MISSING else value
        return value

    def set(
        self, change: Change, entries: dict[str, dict[str, Any]], document: Document | None
    ) -> tuple[str, dict[str, Any]]:
        holder = _added_around(entries, change.path)
        if holder is not None:
            _put(entries[holder], holder, change.path, change.value)
            if change.path == holder and change.after is not None:
                entries[holder]["after"] = change.after
            if change.path == holder and "from" not in entries[holder]:
                entries[holder].pop("base", None)  # what it stood in is gone, and that is known
            return "", {}
        if document is None:
            return "unknown_document", {"id": change.document}
        if not change.path:
            return "bad_change", {"property": "path"}
        base = look_up(document.body, change.path, _MISSING)
        _forget_inside(entries, change.path)
        if base is not _MISSING and base == change.value and change.after is None:
            known = entries.pop(change.path, {})
            if "after" in known:
                entries[change.path] = {"op": "place", "after": known["after"]}
            return "", {}
        entry = {"op": "set", "value": copied(change.value)}
        if base is not _MISSING:
            entry["base"] = copied(base)
        if change.after is not None:
            entry["after"] = change.after
        entries[change.path] = entry
        return "", {}

    def add(
        self, change: Change, entries: dict[str, dict[str, Any]], document: Document | None
    ) -> tuple[str, dict[str, Any]]:
        if lacks_prefix(change.document, change.path, LOCAL_PREFIX):
            key = (change.path or change.document).rpartition("/")[2]
            return "bad_prefix", {"name": key, "prefix": LOCAL_PREFIX}
        local = entries.get(change.path)
        if local is not None and local.get("removed"):
            return "key_hidden", {"name": change.path.rpartition("/")[2]}
        if self.exists(change, document) is not _MISSING or (not change.path and document):
            return "already_exists", {"name": change.path.rpartition("/")[2] or change.document}
        holder = _added_around(entries, change.path)
        if holder is not None:
            _put(entries[holder], holder, change.path, change.value)
            return "", {}
        if document is None and change.path:
            return "unknown_document", {"id": change.document}
        entry = {"op": "add", "value": copied(change.value)}
        if change.after is not None:
            entry["after"] = change.after
        entries[change.path] = entry
        return "", {}

    def remove(
        self, change: Change, entries: dict[str, dict[str, Any]], document: Document | None
    ) -> tuple[str, dict[str, Any]]:
        entry = entries.get(change.path)
        if entry is not None and entry["op"] == "add":
            return self.remove_added(change, entries, entry)
        holder = _added_around(entries, change.path)
        if holder is not None and is_field(change.document, change.path):
            return self.hide_inside(change, entries, holder)
        if holder is not None:
            if not _take(entries[holder], holder, change.path):
                return "unknown_path", {}
            return "", {}
        base = look_up(document.body, change.path, _MISSING) if document else _MISSING
        hides = is_field(change.document, change.path) or not change.path
        if not hides:
            _forget_inside(entries, change.path)
        if base is _MISSING:
            return ("", {}) if entries.pop(change.path, None) else ("unknown_path", {})
        entries[change.path] = {"op": "remove"}
        if not hides:
            entries[change.path]["base"] = copied(base)
        return "", {}

    def hide_inside(
        self, change: Change, entries: dict[str, dict[str, Any]], holder: str
    ) -> tuple[str, dict[str, Any]]:
        """Hide a field of an object that was added as a whole: its data stays, so does it."""
        inner = change.path[len(holder) :].lstrip("/")
        if look_up(entries[holder]["value"], inner, _MISSING) is _MISSING:
            return "unknown_path", {}
        entries[change.path] = {"op": "remove"}
        return "", {}

    def remove_added(
        self, change: Change, entries: dict[str, dict[str, Any]], entry: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """Hide what holds data; forget what is only layout."""
        if entry.get("purged"):
            return "unknown_path", {}
        whole = not change.path and split_id(change.document)[0] == "object"
        if whole or is_field(change.document, change.path) or is_option(change.path):
            entry["removed"] = True
        elif not change.path:
            entries.clear()
        else:
            _forget_inside(entries, change.path)
            entries.pop(change.path, None)
        return "", {}

    def place(
        self, change: Change, entries: dict[str, dict[str, Any]], document: Document | None
    ) -> tuple[str, dict[str, Any]]:
        if self.exists(change, document) is _MISSING:
            return "unknown_path", {}
        entry = entries.get(change.path)
        if entry is not None and entry["op"] != "remove":
            entry["after"] = change.after
            return "", {}
        entries[change.path] = {"op": "place", "after": change.after}
        return "", {}


def _added_around(entries: Mapping[str, Mapping[str, Any]], path: str) -> str | None:
    """Give the path of the local addition that ``path`` is or lies in."""
    for part in (*above(path), ""):
        entry = entries.get(part)
        if entry is not None and entry["op"] == "add":
            return part
    return None


def _put(entry: dict[str, Any], holder: str, path: str, value: Any) -> None:
    """Write into the value of a local addition."""
    inner = path[len(holder) :].lstrip("/")
    if not inner:
        entry["value"] = copied(value)
        return
    found = copied(entry["value"]) if isinstance(entry["value"], Mapping) else {}
    entry["value"] = found
    parts = inner.split("/")
    for part in parts[:-1]:
        if not isinstance(found.get(part), dict):
            found[part] = {}
        found = found[part]
    found[parts[-1]] = copied(value)


def _take(entry: dict[str, Any], holder: str, path: str) -> bool:
    """Take something out of the value of a local addition; False when it is not there."""
    inner = path[len(holder) :].lstrip("/")
    value = copied(entry["value"])
    parent = look_up(value, inner.rpartition("/")[0])
    key = inner.rpartition("/")[2]
    if not isinstance(parent, dict) or key not in parent:
        return False
    if is_option(path):
        parent[key]["retired"] = not parent[key].get("retired", False)
    else:
        del parent[key]
    entry["value"] = value
    return True


def _forget_inside(entries: dict[str, dict[str, Any]], path: str) -> None:
    for inner in [key for key in entries if key.startswith(f"{path}/")]:
        del entries[inner]


def expand_changes(changes: Sequence[Change], site: Site) -> tuple[Change, ...]:
    """Let each field that is added join the default form, and the page when it shows no form."""
    given = {(change.document, change.path) for change in changes}
    expanded: list[Change] = []
    for change in changes:
        expanded.append(change)
        if change.op != "add" or not is_field(change.document, change.path):
            continue
        if change.place != "none":
            key = change.path.partition("/")[2]
            more = _joins(split_id(change.document)[1], key, site)
            expanded.extend(item for item in more if not _placed(item, key, given))
    return tuple(replace(change, place="") for change in expanded)


def _placed(wish: Change, key: str, given: set[tuple[str, str]]) -> bool:
    end = f"/{key}"
    return any(doc == wish.document and path.endswith(end) for doc, path in given)


def _last_section(form: FormDef, site: Site) -> str:
    """Give the path of the last section in which something can be filled in."""
    fields = site.objects[form.object].fields
    last = ""
    for tab in form.tabs.values():
        for section in tab.sections.values():
            shown = [fields[key] for key in section.items if key in fields]
            if not last or any(not (field.readonly or field.system) for field in shown):
                last = f"tabs/{tab.key}/sections/{section.key}"
    return last


def _joins(object_key: str, key: str, site: Site) -> list[Change]:
    found: list[Change] = []
    form_key = site.default_forms.get(object_key, "")
    form = site.forms.get(form_key)
    if form is not None and f"form/{form_key}" in site.hashes:
        path = f"{_last_section(form, site)}/items/{key}"
        found.append(Change("add", f"form/{form_key}", path, {}))
    detail_key = site.default_details.get(object_key, "")
    detail = site.details.get(detail_key)
    if detail is not None and f"detail/{detail_key}" in site.hashes:
        forms = {tab.form for tab in detail.tabs.values() if tab.type == "form"}
        if not forms:
            found.append(Change("add", f"detail/{detail_key}", f"header/facts/{key}", {}))
    return found
