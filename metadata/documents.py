"""Documents: identity, content, where they came from, and their canonical form."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from metadata.model import EMPTY
from metadata.written import Written

Body = Mapping[str, Any]
"""What a document says, without ``kind`` and ``key``."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the parts of a document stand in a file; lines and columns count from 1.

    ``keys`` says where the name of a path stands, ``values`` where its value does; the path ``""``
    is the document itself.
    """

    file: str
    keys: Mapping[str, tuple[int, int]]
    values: Mapping[str, tuple[int, int]]
    texts: Mapping[str, Written] = EMPTY  # of formulas: how they are written in the file

    def locate_inside(self, path: str, offset: int) -> tuple[int, int]:
        """Give the place of a character of the text that stands at ``path``."""
        written = self.texts.get(path)
        if written is None:
            return self.locate(path, value=True)
        return written.locate(offset)

    def locate(self, path: str, *, value: bool = False) -> tuple[int, int]:
        """Give the place of ``path``, or of the nearest thing around it."""
        wanted = self.values if value else self.keys
        while path and path not in wanted:
            path = path.rpartition("/")[0]
        return wanted.get(path, (1, 1))


@dataclass(frozen=True)
class Document:
    """One document of one layer, or an effective one (then ``layer`` is where it was born).

    ``origins`` names the layer of what other layers added to it, by path; ``touched`` holds the
    paths that overrides decided, so that a problem there is not blamed on the file.
    """

    kind: str
    key: str
    body: Body
    source: Source | None = field(default=None, compare=False)
    layer: str = "local"
    origins: Mapping[str, str] = EMPTY
    touched: frozenset[str] = frozenset()
    memo: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What follows from the document alone, kept by whoever made it."""

    @property
    def id(self) -> str:
        """Give the identity, ``kind/key``."""
        return f"{self.kind}/{self.key}"

    @cached_property
    def hash(self) -> str:
        """Give the SHA-256 of the canonical JSON: equal content, equal hash."""
        return content_hash([self.kind, self.key, self.body])

    def full(self) -> dict[str, Any]:
        """Give the document as it is written: with its kind and key."""
        return {"kind": self.kind, "key": self.key, **self.body}


def canonical(data: Any) -> str:
    """Write ``data`` as JSON in one way only; the order of keys is meaning and is kept."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def content_hash(data: Any) -> str:
    """Give the SHA-256 of the canonical JSON of ``data`` in hexadecimal."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def same(one: Any, other: Any) -> bool:
    """Tell whether JSON data is the same to the order of its keys; 1 is not true."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def split_id(identity: str) -> tuple[str, str]:
    """Split ``kind/key``."""
    kind, _, key = identity.partition("/")
    return kind, key


def look_up(body: Any, path: str, default: Any = None) -> Any:
    """Give what stands at the slash path, or ``default``; the path ``""`` is all of it."""
    found = body
    for part in path.split("/") if path else ():
        if not isinstance(found, Mapping) or part not in found:
            return default
        found = found[part]
    return found


def above(path: str) -> Iterator[str]:
    """Walk ``path`` and the paths it lies in, nearest first, without ``""``."""
    while path:
        yield path
        path = path.rpartition("/")[0]
