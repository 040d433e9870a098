"""What differs between two sets of effective documents, property by property."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from metadata.documents import Document
from metadata.layers import Layered
from metadata.merge import TEXT_WORDS, label_at
from metadata.model import Text

_MISSING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One property that was added, changed, moved or removed.

    ``label`` is the text of the nearest thing around it that has one: what a person calls it.
    """

    document: str
    path: str
    op: Literal["added", "changed", "removed", "moved"]
    before: Any = None
    after: Any = None
    label: Text | None = None


def differences(before: Layered, after: Layered) -> list[Difference]:
    """Compare two sets of effective documents."""
    found: list[Difference] = []
    for identity, old in before.documents.items():
        new = after.documents.get(identity)
        if new is None:
            label = label_at(old, "")
            found.append(Difference(document=identity, path="", op="removed", label=label))
        elif new is not old and new.hash != old.hash:
            found.extend(_compared(old, new))
    for identity, new in after.documents.items():
        if identity not in before.documents:
            label = label_at(new, "")
            found.append(
                Difference(document=identity, path="", op="added", after=new.body, label=label)
            )
    return found


def _compared(old: Document, new: Document) -> Iterator[Difference]:
    for path, before, after in _walk(old.body, new.body, ""):
        gone, fresh = after is _MISSING, before is _MISSING
        op: Literal["added", "changed", "removed", "moved"] = "changed"
        if gone or fresh:
            op = "removed" if gone else "added"
        elif before is after:
            op = "moved"
        yield Difference(
            document=new.id,
            path=path,
            op=op,
            before=None if fresh or op == "moved" else before,
            after=None if gone or op == "moved" else after,
            label=label_at(old if gone else new, path),
        )


def _walk(old: Mapping[str, Any], new: Mapping[str, Any], base: str) -> Iterator[Any]:
    """Walk what differs: triples of path, before, after; a moved entry has the same twice."""
    for key, before in old.items():
        path = f"{base}/{key}" if base else key
        if key not in new:
            yield path, before, _MISSING
            continue
        after = new[key]
        if isinstance(before, Mapping) and isinstance(after, Mapping) and not _is_text(key):
            yield from _walk(before, after, path)
        elif before != after:
            yield path, before, after
    for key, after in new.items():
        if key not in old:
            yield (f"{base}/{key}" if base else key), _MISSING, after
    for key in _moved(list(old), list(new)):
        path = f"{base}/{key}" if base else key
        yield path, key, key


def _is_text(key: str) -> bool:
    return key in TEXT_WORDS


def _moved(old: list[str], new: list[str]) -> list[str]:
    """Give the fewest keys whose moving turns the one order of the common keys into the other."""
    position = {key: place for place, key in enumerate(old)}
    common = [key for key in new if key in position]
    if common == [key for key in old if key in set(common)]:
        return []
    best: list[list[str]] = []
    for key in common:
        longest: list[str] = []
        for run in best:
            if position[run[-1]] < position[key] and len(run) > len(longest):
                longest = run
        best.append([*longest, key])
    kept: set[str] = set()
    for run in best:
        kept = set(run) if len(run) > len(kept) else kept
    return [key for key in common if key not in kept]
