"""A pack renames a field: what the site says of the old key, it says of the new one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from metadata.documents import split_id
from metadata.layers import Layered
from metadata.packs import Pack

_KEYED = frozenset(
    {"fields", "columns", "items", "badges", "facts", "footer", "card", "map", "copies"}
)
"""Maps whose keys name fields."""
_SPEAKING = frozenset({"label", "plural", "help", "description", "message", "value", "default"})
"""Properties whose text never names a field."""

Local = dict[str, dict[str, dict[str, Any]]]


def field_renames(packs: Sequence[Pack]) -> Iterator[tuple[str, str, str]]:
    """Walk what packs rename: object, old key, new key."""
    for pack in packs:
        for old, new in ((pack.manifest.body.get("renames") or {}).get("fields") or {}).items():
            owner, _, key = old.partition(".")
            yield owner, key, new.rpartition(".")[2]


def renamed(
    local: Local, before_packs: Sequence[Pack], packs: Sequence[Pack], before: Layered
) -> Local:
    """Rewrite local changes for the fields that the new packs call otherwise.

    Args:
        local: the local changes.
        before_packs: the packs until now; what they renamed already is done.
        packs: the packs that come.
        before: the documents of the packs until now.
    """
    done = set(field_renames(before_packs))
    for owner, old, new in field_renames(packs):
        document = before.documents.get(f"object/{owner}")
        fields = (document.body.get("fields") or {}) if document is not None else {}
        kept = "from" in local.get(f"object/{owner}", {}).get(f"fields/{old}", {})
        known = old in fields or kept
        if (owner, old, new) in done or not known or new in fields:
            continue
        local = rename_field(local, before, (owner, old, new))
    return local


def rename_field(local: Local, before: Layered, names: tuple[str, str, str]) -> Local:
    """Rewrite local changes for one field.

    Args:
        local: the local changes.
        before: the documents they are about.
        names: object, old key, new key.
    """
    return {
        identity: _document(identity, entries, before, names)
        for identity, entries in local.items()
    }


def _document(
    identity: str, entries: dict[str, Any], before: Layered, names: tuple[str, str, str]
) -> dict[str, Any]:
    owner, old, new = names
    kind, key = split_id(identity)
    document = before.documents.get(identity)
    whole = entries.get("", {}).get("value") or (document.body if document is not None else {})
    mine = (kind == "object" and key == owner) or whole.get("object") == owner
    if not mine and kind != "role":
        return entries
    inside = f"objects/{owner}/fields/" if kind == "role" else ""
    result: dict[str, Any] = {}
    for path, entry in entries.items():
        if inside and not path.startswith(inside):
            result[path] = entry
            continue
        parts = path.split("/")
        moved = [
            _word(part, old, new) if place and parts[place - 1] in _KEYED else part
            for place, part in enumerate(parts)
        ]
        result["/".join(moved)] = {
            name: _word(value, old, new) if name == "after" else _value(value, old, new)
            if name in {"value", "base"} and not (inside or name == "base")
            else value
            for name, value in entry.items()
        }  # fmt: skip
    return result


def _value(value: Any, old: str, new: str) -> Any:
    if isinstance(value, Mapping):
        return {
            _word(key, old, new): inner if key in _SPEAKING else _value(inner, old, new)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_value(item, old, new) for item in value]
    return _word(value, old, new) if isinstance(value, str) else value


def _word(word: Any, old: str, new: str) -> Any:
    """Rename one path: ``old``, ``-old``, ``old.more``."""
    sign, rest = ("-", word[1:]) if str(word).startswith("-") else ("", str(word))
    first, dot, more = rest.partition(".")
    return f"{sign}{new}{dot}{more}" if first == old else word
