"""Looking at documents: those that hold, those of the packs, those changed on site."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from engine.publish.live import LiveSite

Layer = Literal["effective", "pack", "local"]


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document of a layer. ``layer``: "kernel", a pack's key, or "local"."""

    kind: str
    key: str
    layer: str
    body: Any


def list_documents(
    live: LiveSite, *, kind: str = "", key: str = "", layer: Layer = "effective"
) -> list[ShownDocument]:
    """List documents of the served version, of one kind or key where given.

    ``local`` gives, per document, the overrides: path -> ``{op, value, base, after}``.
    """
    return [
        one
        for one in _layer(live, layer)
        if (not kind or one.kind == kind) and (not key or one.key == key)
    ]


def _layer(live: LiveSite, layer: Layer) -> Iterator[ShownDocument]:
    compiled = live.compiled
    if compiled is None:
        return
    if layer == "effective":
        for document in compiled.layered.documents.values():
            yield ShownDocument(document.kind, document.key, document.layer, document.body)
    elif layer == "pack":
        for pack in compiled.layers.packs:
            for document in pack.documents:
                yield ShownDocument(document.kind, document.key, pack.key, document.body)
    else:
        for name, changes in compiled.layers.local.items():
            kind, _, key = name.partition("/")
            yield ShownDocument(kind, key, "local", changes)
