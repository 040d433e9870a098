"""The way in: packs are read, layers are checked and compiled, drafts become layers.

Everything that other packages need of documents can be imported from here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from metadata.catalog import FieldTypes
from metadata.check import check_documents
from metadata.compile import compile_site
from metadata.diff import Difference, differences
from metadata.documents import Document
from metadata.drafts import Change, apply_changes, expand_changes, parse_changes
from metadata.errors import MetadataInvalid, Problem
from metadata.layers import Layered, Layers, effective, layers_of, parse_layers
from metadata.merge import Conflict, Kept, asleep, conflicts, kept, settle, upgrade
from metadata.model import Site
from metadata.packs import Pack, Reading, read_archive, read_pack
from metadata.pinned import pinned

__all__ = [
    "SHIPPED",
    "Change",
    "Compiled",
    "Conflict",
    "Difference",
    "Document",
    "Kept",
    "Layered",
    "Layers",
    "Pack",
    "Reading",
    "apply_changes",
    "asleep",
    "check_layers",
    "conflicts",
    "differences",
    "dump_layers",
    "expand_changes",
    "kept",
    "layers_of",
    "load_site",
    "parse_changes",
    "parse_layers",
    "pinned",
    "read_archive",
    "read_pack",
    "read_shipped",
    "settle",
    "upgrade",
]

SHIPPED = Path(__file__).parent / "packs"


@dataclass(frozen=True, slots=True)
class Compiled:
    """One version of the metadata: what is stored, what holds, and what it means."""

    layers: Layers
    layered: Layered
    site: Site


def read_shipped(keys: Collection[str] | None = None, folder: Path = SHIPPED) -> Reading:
    """Read the packs that come with the platform; all of them, or those named."""
    packs: list[Pack] = []
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and (keys is None or path.name in keys):
            reading = read_pack(path)
            packs.extend(reading.packs)
            problems.extend(reading.problems)
    missing = sorted(set(keys or ()) - {path.name for path in folder.iterdir()})
    problems.extend(Problem("pack_missing", params={"pack": key}) for key in missing)
    return Reading(tuple(packs), tuple(problems))


def dump_layers(layers: Layers) -> str:
    """Write layers as canonical JSON, for storing."""
    return layers.dump()


def check_layers(
    layers: Layers, types: FieldTypes, previous: Compiled | None = None
) -> list[Problem]:
    """Check layers; give everything that is wrong, without raising.

    Args:
        layers: packs and local changes.
        types: the field types there are.
        previous: what held before; documents that it holds too are not checked in shape again.
    """
    return _checked(layers, types, previous)[1]


def load_site(
    layers: Layers, types: FieldTypes, previous: Compiled | None = None, *, check: bool = True
) -> Compiled:
    """Check and compile layers.

    Args:
        layers: packs and local changes.
        types: the field types there are.
        previous: an earlier version; what did not change is taken from it.
        check: False for layers that were checked when they were stored.

    Raises:
        MetadataInvalid: with every problem that was found.
    """
    if check:
        layered, problems = _checked(layers, types, previous)
        if problems:
            raise MetadataInvalid(problems)
    else:
        layered = effective(layers, previous.layered if previous is not None else None)
    site = compile_site(layered, previous.site if previous is not None else None)
    return Compiled(layers, layered, site)


def _checked(
    layers: Layers, types: FieldTypes, previous: Compiled | None
) -> tuple[Layered, list[Problem]]:
    before = (previous.layers, previous.layered) if previous is not None else None
    return check_documents(layers, types, before)
