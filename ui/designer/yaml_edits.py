"""A document of the draft as text: what somebody made of it becomes the fewest changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.merge import TEXT_WORDS
from metadata.overrides import NAMED
from ui.designer import changes as draft
from ui.designer.changes import Change
from ui.designer.ordering import order_changes
from ui.designer.workspace import Workspace

ORDERED = NAMED | {"scenes"}
"""Maps whose order is meaning."""


def document_changes(workspace: Workspace, name: str, body: Mapping[str, Any]) -> list[Change]:
    """Give the draft's changes with a document as ``body`` says; other documents stay."""
    made = [dict(one) for one in workspace.changes]
    whole = draft.found(made, "add", name, "")
    if whole is not None:
        rest = [one for one in made if one["document"] != name or one["path"] == ""]
        return draft.added(rest, name, "", body)
    rest = [one for one in made if one["document"] != name]
    published = workspace.published(name)
    before = published.body if published is not None else {}
    local = workspace.local(name)
    hidden: Mapping[str, Any] = {}
    kind, _, key = name.partition("/")
    if kind == "object":
        hidden = workspace.base.layered.removed_fields.get(key, {})
    pen = _Pen(name, local, hidden)
    return [*rest, *pen.walk(before, body, "")]


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes the changes of one document."""

    document: str
    local: Mapping[str, Mapping[str, Any]]
    hidden: Mapping[str, Any]

    def change(self, op: str, path: str, **more: Any) -> Change:
        return {"op": op, "document": self.document, "path": path, **more}

    def walk(
        self, before: Mapping[str, Any], after: Mapping[str, Any], base: str
    ) -> Iterator[Change]:
        """Give what turns one map into another."""
        for key in before:
            if key not in after:
                yield self.change("remove", _join(base, key))
        for key, value in after.items():
            path = _join(base, key)
            if key in before:
                yield from self.value(before[key], value, key, path)
            else:
                yield from self.fresh(value, path, base)
        if base.rpartition("/")[2] in ORDERED:
            natural = [key for key in before if key in after]
            natural += [key for key in after if key not in before]
            yield from order_changes(self.document, base, natural, list(after))

    def value(self, before: Any, after: Any, key: str, path: str) -> Iterator[Change]:
        maps = isinstance(before, Mapping) and isinstance(after, Mapping)
        if maps and key not in TEXT_WORDS and not _is_condition(before, after):
            yield from self.walk(before, after, path)
        elif not draft.same(before, after):
            yield self.change("set", path, value=after)

    def fresh(self, value: Any, path: str, base: str) -> Iterator[Change]:
        """Add what is new; a field that was hidden comes back, and is changed where it differs."""
        entry = self.local.get(path, {})
        if entry.get("op") == "remove" or entry.get("removed"):
            yield self.change("remove", path)
            known = self.hidden.get(path.rpartition("/")[2], entry.get("base"))
            if isinstance(known, Mapping) and isinstance(value, Mapping):
                yield from self.walk(known, value, path)
            return
        named = base.rpartition("/")[2] in ORDERED
        yield self.change("add" if named else "set", path, value=value)


def _is_condition(*values: Mapping[str, Any]) -> bool:
    """Tell whether a map is a condition, which is replaced whole."""
    words = {"all", "any", "not", "exists", "not_exists"}
    return any(words & value.keys() or {"field", "op"} <= value.keys() for value in values)


def _join(base: str, key: str) -> str:
    return f"{base}/{key}" if base else key
