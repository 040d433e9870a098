"""Packs as the command line names them: a folder, an archive, or the name of a shipped one."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.fields.registry import TYPES
from engine.publish.live import LiveSite
from engine.publish.packs import pack_of_archive, pack_of_folder, packs_with, shipped_pack
from engine.publish.plan import Choice
from engine.publish.settling import identity, settlements
from engine.publish.store import read_layers
from engine.storage.snapshot import Unit
from metadata.errors import MetadataInvalid, Problem
from metadata.layers import Layered, effective
from metadata.load import Pack, check_layers, layers_of, parse_layers, read_pack, read_shipped
from metadata.packs import TESTS
from ui.cli.words import language, refusal
from ui.errors import problem_message
from ui.i18n import has_text, translate


def packs_of(source: str) -> Sequence[Pack]:
    """Read a pack from a folder or an archive, or take the shipped one of that name."""
    path = Path(source)
    if path.is_dir():
        return pack_of_folder(path)
    if path.is_file():
        return pack_of_archive(path.read_bytes(), path.name)
    return shipped_pack(source)


def side_of(live: LiveSite, unit: Unit, name: str) -> Layered:
    """Give the documents that a side of a comparison stands for.

    Args:
        live: the site.
        unit: a unit of work.
        name: ``local`` is the site as it is, ``@7`` its version 7; anything else is a pack, laid
            under no local changes.
    """
    if name == "local" and live.compiled is not None:
        return live.compiled.layered
    if name.startswith("@") and name[1:].isdecimal():
        return effective(parse_layers(read_layers(unit.connection, int(name[1:]))))
    return effective(layers_of(packs_with(live, packs_of(name))))


def settled_as(choices: Sequence[Choice], sides: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the changes that settle conflicts; the place ``all`` means each that is not named."""
    rest = sides.get("all", "")
    chosen = {identity(one): sides.get(identity(one), rest) for one in choices}
    unknown = sorted(set(sides) - set(chosen) - {"all"})
    if unknown:
        raise refusal("cli.pack.no_conflict", place=unknown[0])
    return settlements(choices, chosen)


def problems_of(folder: Path) -> Sequence[Problem]:
    """Find everything that is wrong with the pack of a folder, together with what it needs."""
    reading = read_pack(folder)
    if reading.problems:
        return reading.problems
    try:
        layers = layers_of(with_needed(reading.packs))
    except MetadataInvalid as invalid:
        return invalid.problems
    return check_layers(layers, TYPES)


def with_needed(packs: Sequence[Pack]) -> list[Pack]:
    """Give packs after the shipped ones that they need."""
    own = {one.key for one in packs}
    shipped = {one.key: one for one in read_shipped().packs if one.key not in own}
    return [*_needed(packs, shipped), *packs]


def _needed(packs: Sequence[Pack], shipped: dict[str, Pack]) -> list[Pack]:
    """Give the shipped packs that these need, and what those need in turn."""
    found: dict[str, Pack] = {}
    waiting = [key for one in packs for key in one.requires]
    while waiting:
        key = waiting.pop()
        if key in shipped and key not in found:
            found[key] = shipped[key]
            waiting.extend(shipped[key].requires)
    return list(found.values())


def line_of(problem: Problem, folder: Path) -> str:
    """Say a problem as compilers do: file, line, column, sentence, hint."""
    place = problem.document or str(folder)
    if problem.file:
        place = str(folder / problem.file) if (folder / problem.file).exists() else problem.file
    if problem.line:
        place = f"{place}:{problem.line}:{problem.column}"
    hint = f"problem.{problem.code}.hint"
    text = problem_message(problem, language())
    if has_text(language(), hint):
        text = f"{text} {translate(language(), hint, **problem.params)}"
    return f"{place}: {text}"


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Walk the files of a pack's folder that belong into its archive."""
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder)
        if name.parts[0] != TESTS:
            yield name.as_posix(), path.read_bytes()
