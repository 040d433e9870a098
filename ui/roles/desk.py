"""A role as it is published and as somebody would have it: bodies, differences, changes."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from engine.errors import RecordNotFound
from engine.publish.live import LiveSite
from engine.storage.snapshot import Unit
from metadata.documents import Document, look_up
from metadata.load import Compiled
from metadata.model import RoleDef, Site

Body = dict[str, Any]
Change = dict[str, Any]
TEXTS = frozenset({"label", "group", "description"})
"""Properties whose maps are texts in languages: changed as a whole."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A role under the hand of somebody who administers roles.

    ``body`` is what its document says, what is hidden included; ``seen`` names that state.
    """

    live: LiveSite
    unit: Unit
    compiled: Compiled
    role: RoleDef
    document: Document

    @property
    def key(self) -> str:
        """Give the key of the role."""
        return self.role.key

    @property
    def body(self) -> Body:
        """Give a copy of what the document says."""
        return deepcopy(dict(self.document.body))

    @property
    def seen(self) -> str:
        """Give the content's hash: what a form was made from."""
        return self.document.hash

    @property
    def site(self) -> Site:
        """Give the site that is served."""
        return self.unit.snapshot.site

    @property
    def language(self) -> str:
        """Give the language of who works."""
        return self.unit.context.locale.language

    @property
    def local(self) -> Mapping[str, Mapping[str, Any]]:
        """Give what was changed on site in the role's document."""
        return self.compiled.layers.local.get(self.document.id, {})

    def changes_to(self, body: Mapping[str, Any]) -> list[Change]:
        """Give the changes of a draft that make the document say ``body``."""
        found: dict[str, Change] = {}
        for inner, said in _differing(self.document.body, body, ""):
            whole = _said_around(self.local, inner)
            path = inner if whole is None else whole
            value = said if whole is None else look_up(body, whole, None)
            change: Change = {"op": "set", "document": self.document.id, "path": path}
            if value is None:
                found[path] = {**change, "op": "remove"}
            else:
                found[path] = {**change, "value": value}
        return list(found.values())


def open_desk(live: LiveSite, unit: Unit, key: str) -> Desk:
    """Open a role.

    Raises:
        RecordNotFound: there is none of that key.
    """
    compiled = live.compiled
    role = unit.snapshot.site.roles.get(key)
    document = compiled.layered.roles.get(f"role/{key}") if compiled is not None else None
    if role is None or document is None or compiled is None:
        raise RecordNotFound(object="role", id=key)
    return Desk(live, unit, compiled, role, document)


def _differing(
    old: Mapping[str, Any], new: Mapping[str, Any], base: str
) -> Iterator[tuple[str, Any]]:
    """Walk what differs: pairs of path and new value, None for what is taken away."""
    for key in dict.fromkeys((*old, *new)):
        path = f"{base}/{key}" if base else key
        before, after = old.get(key), new.get(key)
        maps = isinstance(before, Mapping) and isinstance(after, Mapping) and path not in TEXTS
        if maps:
            yield from _differing(before, after, path)  # type: ignore[arg-type]  # both are maps
        elif before != after:
            yield path, after


def _said_around(local: Mapping[str, Mapping[str, Any]], path: str) -> str | None:
    """Give the path of a local value that ``path`` lies in: such a value is said as a whole."""
    parts: Sequence[str] = path.split("/")
    for length in range(1, len(parts)):
        around = "/".join(parts[:length])
        if local.get(around, {}).get("op") == "set":
            return around
    return None
