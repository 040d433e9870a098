"""Packs whose new versions wait: ``upgrade: pinned`` merges local changes only when told."""

from collections.abc import Iterator, Sequence

from metadata.errors import Problem
from metadata.layers import Layers
from metadata.packs import Pack

PINNED = "pinned"


def pinned(layers: Layers, packs: Sequence[Pack]) -> Iterator[Problem]:
    """Name the pinned packs that would get another version under changes made on site.

    Args:
        layers: what is served.
        packs: the packs that come; the word of either version counts.
    """
    coming = {pack.key: pack for pack in packs}
    for pack in layers.packs:
        new = coming.get(pack.key)
        if new is None or not (_is_pinned(pack) or _is_pinned(new)):
            continue
        own = {document.id for document in pack.documents}
        count = sum(len(entries) for name, entries in layers.local.items() if name in own)
        if count and new.dump() != pack.dump():
            yield Problem(
                "pack_pinned",
                document=pack.manifest.id,
                path="policy/upgrade",
                params={"pack": pack.key, "version": new.version, "count": count},
            )


def _is_pinned(pack: Pack) -> bool:
    policy = pack.manifest.body.get("policy")
    return isinstance(policy, dict) and policy.get("upgrade") == PINNED
