"""Packs come in as drafts: install, upgrade and uninstall take the one publish road."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.context import SYSTEM, Context
from engine.fields.registry import TYPES
from engine.publish.apply import publish_draft
from engine.publish.draft import Draft, create_draft
from engine.publish.live import LiveSite
from engine.storage.kernel import create_kernel
from engine.storage.snapshot import Unit
from metadata.errors import MetadataInvalid, PlatformError
from metadata.load import (
    Layers,
    Pack,
    Reading,
    check_layers,
    dump_layers,
    layers_of,
    read_archive,
    read_pack,
    read_shipped,
    upgrade,
)


class UnknownPack(PlatformError):
    """There is no such pack here."""

    code = "unknown_pack"
    status = 404


class PackNeeded(PlatformError):
    """A pack that others stand on cannot go; ``dependents`` names them."""

    code = "pack_needed"
    status = 409


@dataclass(frozen=True, slots=True)
class PackEntry:
    """A pack that the served version holds."""

    key: str
    version: str
    label: dict[str, str]
    documents: int


def initialise(live: LiveSite, packs: Sequence[Pack] | None = None) -> bool:
    """Create the kernel tables and publish the first packs; safe to repeat.

    Args:
        live: the site over the database.
        packs: what to install first; the shipped ones when None.

    Returns:
        True when the packs were published now, False when a version was there already.
    """
    with live.database.write() as connection:
        create_kernel(connection)
        live.refresh(connection)
    if live.snapshot.number:
        return False
    acting = Context(actor=SYSTEM, now=live.clock())
    first = good_packs(read_shipped()) if packs is None else packs
    with live.write(acting) as unit:
        draft = draft_packs(unit, first)
    publish_draft(live, acting, draft)
    return True


def installed(live: LiveSite) -> list[PackEntry]:
    """List the packs of the served version."""
    compiled = live.compiled
    if compiled is None:
        return []
    return [
        PackEntry(
            key=pack.key,
            version=pack.version,
            label=dict(compiled.site.packs[pack.key].label),
            documents=len(pack.documents),
        )
        for pack in compiled.layers.packs
    ]


def installed_pack(live: LiveSite, key: str) -> Pack:
    """Give a pack of the served version.

    Raises:
        UnknownPack: it is not installed.
    """
    for pack in _current(live):
        if pack.key == key:
            return pack
    raise UnknownPack(pack=key)


def packs_with(live: LiveSite, packs: Sequence[Pack]) -> list[Pack]:
    """Give the installed packs with ``packs`` added, or in place of older ones."""
    coming = {pack.key for pack in packs}
    return [*(pack for pack in _current(live) if pack.key not in coming), *packs]


def packs_without(live: LiveSite, key: str) -> list[Pack]:
    """Give the installed packs but one.

    Raises:
        UnknownPack: it is not installed.
        PackNeeded: other packs or things made on site stand on it.
    """
    packs = _current(live)
    kept = [pack for pack in packs if pack.key != key]
    if len(kept) == len(packs):
        raise UnknownPack(pack=key)
    needing = dependents(live, key)
    if needing:
        raise PackNeeded(pack=key, dependents=", ".join(needing))
    return kept


def dependents(live: LiveSite, key: str) -> list[str]:
    """Name what stands on a pack: packs that require it, else local things that refer to it."""
    packs = _current(live)
    needing = [pack.key for pack in packs if key in pack.requires]
    if needing or live.compiled is None:
        return needing
    layers = upgrade(live.compiled.layers, [pack for pack in packs if pack.key != key])
    problems = check_layers(layers, live.types_of_metadata)
    return sorted({f"{one.document} {one.path}".strip() for one in problems})


def draft_packs(
    unit: Unit,
    packs: Sequence[Pack],
    changes: Sequence[dict[str, Any]] = (),
    *,
    note: str = "",
    merges: bool = False,
) -> Draft:
    """Draft that ``packs`` be the ones installed: the way in for installs and uninstalls.

    Args:
        unit: a unit of work that writes.
        packs: all that shall be there.
        changes: what settles conflicts, made on top of the new packs.
        note: why.
        merges: local changes go with new versions of pinned packs, too.

    Raises:
        MetadataInvalid: a pack that they need is missing.
    """
    return create_draft(unit, changes, note=note, packs=_text(packs), merges=merges)


def trial_draft(
    unit: Unit,
    packs: Sequence[Pack],
    changes: Sequence[dict[str, Any]] = (),
    *,
    merges: bool = False,
) -> Draft:
    """Make the same draft without writing it, for a plan alone.

    Raises:
        MetadataInvalid: a pack that they need is missing.
    """
    context = unit.context
    return Draft(
        id=0,
        base=unit.snapshot.number,
        changes=changes,
        packs=_text(packs),
        note="",
        by=context.actor.user_id,
        by_name=context.actor.name,
        created_at=context.now,
        updated_at=context.now,
        merges=merges,
    )


def pack_of_folder(folder: Path) -> Sequence[Pack]:
    """Read a pack from a folder.

    Raises:
        MetadataInvalid: with file, line and column of every problem.
    """
    return good_packs(read_pack(folder))


def pack_of_archive(data: bytes, name: str) -> Sequence[Pack]:
    """Read a pack from an archive in memory.

    Raises:
        MetadataInvalid: with file, line and column of every problem.
    """
    return good_packs(read_archive(data, name))


def shipped_pack(key: str) -> Sequence[Pack]:
    """Read a pack that comes with the platform.

    Raises:
        UnknownPack: none of that key is shipped.
    """
    packs = good_packs(read_shipped([key]))
    if not packs:
        raise UnknownPack(pack=key)
    return packs


def good_packs(reading: Reading) -> Sequence[Pack]:
    """Give the packs of a reading.

    Raises:
        MetadataInvalid: with the reading's problems, if there is any.
    """
    if reading.problems:
        raise MetadataInvalid(reading.problems)
    return reading.packs


def _current(live: LiveSite) -> Sequence[Pack]:
    return live.compiled.layers.packs if live.compiled is not None else ()


def _text(packs: Sequence[Pack]) -> str:
    """Write packs for a draft; those just read are checked while lines of files are known."""
    layers: Layers = layers_of(packs)
    if any(pack.manifest.source is not None for pack in packs):
        problems = check_layers(layers, TYPES)
        if problems:
            raise MetadataInvalid(problems)
    return dump_layers(layers)
