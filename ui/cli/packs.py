"""Packs from the shell: check, build, list, compare, install, upgrade, uninstall."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from engine.fields.registry import TYPES
from engine.publish.packs import (
    installed,
    pack_of_archive,
    pack_of_folder,
    packs_with,
    packs_without,
    shipped_pack,
    trial_draft,
)
from engine.publish.plan import plan_draft
from metadata.archive import write_archive
from metadata.errors import MetadataInvalid, Problem
from metadata.load import Pack, check_layers, layers_of, read_archive, read_pack, read_shipped
from ui.cli.plans import print_differences, print_plan, publish_packs
from ui.cli.words import language, refusal, say, tell
from ui.cli.world import World, pass_world
from ui.errors import problem_message
from ui.i18n import has_text, translate

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
TESTS = "tests"


@click.group(help=say("cli.pack"))
def pack() -> None:
    """Hold the commands about packs."""


@pack.command("check", help=say("cli.pack.check"))
@click.argument("folder", metavar="DIR", type=FOLDER)
def check(folder: Path) -> None:
    """Say everything that is wrong with a pack; exit with 1 when something is."""
    problems = problems_of(folder)
    for problem in problems:
        click.echo(line_of(problem, folder))
    if problems:
        raise refusal("cli.pack.bad", count=len(problems))
    tell("cli.pack.good", folder=folder)


@pack.command("build", help=say("cli.pack.build"))
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None)
def build(folder: Path, output: Path | None) -> None:
    """Write a pack as one archive that carries the hash of each file."""
    problems = problems_of(folder)
    if problems:
        raise refusal("cli.pack.bad", count=len(problems))
    (found,) = read_pack(folder).packs
    target = output or Path(f"{found.key}-{found.version}.zip")
    data = write_archive(dict(_files(folder)))
    reading = read_archive(data, target.name)
    if reading.problems:
        raise MetadataInvalid(reading.problems)
    target.write_bytes(data)
    tell("cli.pack.built", file=target)


@pack.command("list", help=say("cli.pack.list"))
@pass_world
def list_packs(world: World) -> None:
    """Print the installed packs: key, version, name, documents."""
    site = world.ready_site
    with site.read(world.context):
        for one in installed(site):
            label = one.label.get(language()) or next(iter(one.label.values()))
            click.echo(f"{one.key}\t{one.version}\t{label}\t{one.documents}")


@pack.command("install", help=say("cli.pack.install"))
@click.argument("source", metavar="NAME|DIR|ZIP")
@click.option("--dry-run", is_flag=True, help=say("cli.pack.dry_run"))
@pass_world
def install(world: World, source: str, *, dry_run: bool) -> None:
    """Install a pack that is not there yet."""
    packs = packs_of(source)
    there = _versions(world)
    for one in packs:
        if one.key in there:
            raise refusal("cli.pack.there", pack=one.key, version=there[one.key])
    _serve(world, packs, "cli.pack.installed", dry_run=dry_run)


@pack.command("upgrade", help=say("cli.pack.upgrade"))
@click.argument("source", metavar="NAME|DIR|ZIP")
@click.option("--dry-run", is_flag=True, help=say("cli.pack.dry_run"))
@pass_world
def upgrade(world: World, source: str, *, dry_run: bool) -> None:
    """Put another version in the place of an installed pack."""
    packs = packs_of(source)
    there = _versions(world)
    for one in packs:
        if one.key not in there:
            raise refusal("cli.pack.not_there", pack=one.key)
    _serve(world, packs, "cli.pack.upgraded", dry_run=dry_run)


@pack.command("uninstall", help=say("cli.pack.uninstall"))
@click.argument("key", metavar="NAME")
@click.option("--dry-run", is_flag=True, help=say("cli.pack.dry_run"))
@pass_world
def uninstall(world: World, key: str, *, dry_run: bool) -> None:
    """Take a pack out; its tables and data stay."""
    site = world.ready_site
    with site.read(world.context) as unit:
        packs = packs_without(site, key)
        trial = trial_draft(unit, packs)
    print_plan(world, trial)
    if not dry_run:
        number = publish_packs(world, packs, say("cli.pack.uninstalled", pack=key))
        tell("cli.published", number=number)


@pack.command("diff", help=say("cli.pack.diff"))
@click.argument("source", metavar="NAME|DIR|ZIP")
@pass_world
def diff(world: World, source: str) -> None:
    """Print what a pack would change in the documents of this site."""
    site = world.ready_site
    packs = packs_of(source)
    with site.read(world.context) as unit:
        trial = trial_draft(unit, packs_with(site, packs))
        plan = plan_draft(site, unit.connection, trial)
    if plan.problems:
        raise MetadataInvalid(plan.problems)
    print_differences(plan)


def packs_of(source: str) -> Sequence[Pack]:
    """Read a pack from a folder or an archive, or take the shipped one of that name."""
    path = Path(source)
    if path.is_dir():
        return pack_of_folder(path)
    if path.is_file():
        return pack_of_archive(path.read_bytes(), path.name)
    return shipped_pack(source)


def problems_of(folder: Path) -> Sequence[Problem]:
    """Find everything that is wrong with the pack of a folder, together with what it needs."""
    reading = read_pack(folder)
    if reading.problems:
        return reading.problems
    own = {one.key for one in reading.packs}
    shipped = {one.key: one for one in read_shipped().packs if one.key not in own}
    try:
        layers = layers_of([*_needed(reading.packs, shipped), *reading.packs])
    except MetadataInvalid as invalid:
        return invalid.problems
    return check_layers(layers, TYPES)


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


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder)
        if name.parts[0] != TESTS:
            yield name.as_posix(), path.read_bytes()


def _versions(world: World) -> dict[str, str]:
    site = world.ready_site
    with site.read(world.context):
        return {one.key: one.version for one in installed(site)}


def _serve(world: World, packs: Sequence[Pack], word: str, *, dry_run: bool) -> None:
    site = world.ready_site
    with site.read(world.context) as unit:
        wanted = packs_with(site, packs)
        trial = trial_draft(unit, wanted)
    print_plan(world, trial)
    if dry_run:
        return
    names = ", ".join(f"{one.key} {one.version}" for one in packs)
    number = publish_packs(world, wanted, say(word, packs=names))
    tell(word, packs=names)
    tell("cli.published", number=number)


COMMANDS = [pack]
