"""The changes of a draft, as data: made, folded into one another, taken back.

A change is what the API calls one: ``{op, document, path, value?, after?, place?}``. A draft holds
at most one wish for a place, so that each can be told in a sentence and taken back alone. Nothing
here reads a document or a database.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

from metadata.documents import canonical

Change = dict[str, Any]
Changes = Sequence[Mapping[str, Any]]


SHOWN_IN = frozenset({"items", "columns", "facts", "badges"})
"""Maps of layouts whose keys are fields."""


class Missing:
    """The value of a property that is not there."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


def object_document(object_key: str) -> str:
    """Give the identity of an object's document."""
    return f"object/{object_key}"


def field_path(key: str) -> str:
    """Give the path of a field inside its object."""
    return f"fields/{key}"


def identity(change: Mapping[str, Any]) -> str:
    """Give a short name of a change that holds as long as it says something of the same place."""
    text = f"{change['op']} {change['document']} {change['path']}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def without(changes: Changes, names: Iterable[str]) -> list[Change]:
    """Take back the changes of these names."""
    gone = frozenset(names)
    return [dict(change) for change in changes if identity(change) not in gone]


def found(changes: Changes, op: str, document: str, path: str) -> Change | None:
    """Give the change of this kind at this place."""
    for change in changes:
        if (change["op"], change["document"], change["path"]) == (op, document, path):
            return dict(change)
    return None


def is_new(changes: Changes, document: str, path: str) -> bool:
    """Tell whether the draft itself adds what stands at ``path``."""
    return found(changes, "add", document, path) is not None


def added(
    changes: Changes, document: str, path: str, value: Mapping[str, Any], *, place: str = ""
) -> list[Change]:
    """Wish for something new; said again, it replaces what was said before.

    ``place`` "none" keeps a new field off the form.
    """
    old = found(changes, "add", document, path)
    change: Change = {**(old or {}), "op": "add", "document": document, "path": path}
    change["value"] = deepcopy(dict(value))
    change.pop("place", None)
    if place:
        change["place"] = place
    if old is None:
        return [*(dict(one) for one in changes), change]
    name = identity(old)
    return [change if identity(one) == name else dict(one) for one in changes]


def set_value(
    changes: Changes, document: str, path: str, value: Any, *, published: Any = MISSING
) -> list[Change]:
    """Wish for a value at ``path``, `MISSING` for none.

    Args:
        changes: the draft.
        document: whose value.
        path: where it stands.
        value: what is wished for.
        published: what stands there without the draft; wishing for that is no wish.
    """
    holder = _holder(changes, document, path)
    if holder is not None:
        return [
            _folded(change, path, value) if change is holder else dict(change)
            for change in changes
        ]
    rest = [
        dict(change)
        for change in changes
        if change["document"] != document
        or change["op"] not in {"set", "remove"}
        or not _within(change["path"], path)
    ]
    if same(value, published):
        return rest
    change: Change = {"op": "set", "document": document, "path": path}
    if value is MISSING:
        return [*rest, {**change, "op": "remove"}]
    return [*rest, {**change, "value": deepcopy(value)}]


def hidden(changes: Changes, object_key: str, key: str) -> list[Change]:
    """Hide a field; one that the draft itself adds is forgotten, one to restore stays hidden."""
    document, path = object_document(object_key), field_path(key)
    restoring = found(changes, "remove", document, path)
    rest = without_field(changes, object_key, key)
    if is_new(changes, document, path) or restoring is not None:
        return rest
    return [*rest, {"op": "remove", "document": document, "path": path}]


def restored(changes: Changes, object_key: str, key: str) -> list[Change]:
    """Bring a hidden field back: take the hiding back, or wish for its return."""
    document, path = object_document(object_key), field_path(key)
    rest = _not_at(changes, document, path, "remove")
    if len(rest) != len(changes):
        return rest
    return [*rest, {"op": "remove", "document": document, "path": path}]


def without_field(changes: Changes, object_key: str, key: str) -> list[Change]:
    """Take back all that a draft says of a field: its definition, its places."""
    names = [identity(change) for change in changes if concerns(change, object_key, key)]
    return without(changes, names)


def concerns(change: Mapping[str, Any], object_key: str, key: str) -> bool:
    """Tell whether a change speaks of a field or of a place where it is shown."""
    return bool(_named(change, object_key, key))


def field_named(change: Mapping[str, Any]) -> str:
    """Give the key of the field that a change speaks of; "" when it speaks of none."""
    kind, _, _ = str(change["document"]).partition("/")
    parts = str(change["path"]).split("/")
    if kind == "object":
        return parts[1] if parts[0] == "fields" and len(parts) > 1 else ""
    for at, part in enumerate(parts[:-1]):
        if part in SHOWN_IN:
            return parts[at + 1]
    return ""


def renamed(changes: Changes, object_key: str, old: str, new: str) -> list[Change]:
    """Give a field that is not published yet another key, wherever the draft names it."""
    made: list[Change] = []
    for change in changes:
        copy = dict(change)
        at = _named(change, object_key, old)
        if at:
            parts = str(change["path"]).split("/")
            parts[at] = new
            copy["path"] = "/".join(parts)
        if copy.get("after") == old:
            copy["after"] = new
        made.append(copy)
    return made


def _named(change: Mapping[str, Any], object_key: str, key: str) -> int:
    """Give where in the path a change names a field of the object; 0 when it does not."""
    kind, _, document_key = str(change["document"]).partition("/")
    if document_key.partition(".")[0] != object_key or field_named(change) != key:
        return 0
    parts = str(change["path"]).split("/")
    if kind == "object":
        return 1
    return next(at + 1 for at, part in enumerate(parts) if part in SHOWN_IN)


def same(one: Any, other: Any) -> bool:
    """Tell whether two values say the same; the order of keys is meaning."""
    if one is MISSING or other is MISSING:
        return one is other
    return canonical(one) == canonical(other)


def replaced(changes: Changes, gone: Iterable[Mapping[str, Any]], new: Changes) -> list[Change]:
    """Put ``new`` in the place of ``gone``."""
    names = [identity(change) for change in gone]
    return [*without(changes, names), *(dict(change) for change in new)]


def _not_at(changes: Changes, document: str, path: str, op: str) -> list[Change]:
    return [
        dict(change)
        for change in changes
        if (change["op"], change["document"], change["path"]) != (op, document, path)
    ]


def _within(path: str, around: str) -> bool:
    return path == around or path.startswith(f"{around}/")


def _holder(changes: Changes, document: str, path: str) -> Mapping[str, Any] | None:
    """Give the addition of the draft that ``path`` lies in."""
    for change in changes:
        inside = change["path"] == "" or _within(path, str(change["path"]))
        if change["op"] == "add" and change["document"] == document and inside:
            return change
    return None


def _folded(change: Mapping[str, Any], path: str, value: Any) -> Change:
    """Write a value into the addition it belongs to."""
    inner = path[len(change["path"]) :].lstrip("/")
    whole = deepcopy(dict(change))
    if not inner:
        whole["value"] = deepcopy(value)
        return whole
    place = whole["value"]
    *outer, last = inner.split("/")
    for part in outer:
        place = place.setdefault(part, {})
    if value is MISSING:
        place.pop(last, None)
    else:
        place[last] = deepcopy(value)
    return whole
