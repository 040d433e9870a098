"""Packs from the shell: check, build, list, compare, install, upgrade, uninstall, export."""

from collections.abc import Sequence
from pathlib import Path

import click

from engine.publish.packs import (
    installed,
    installed_pack,
    packs_with,
    packs_without,
    trial_draft,
)
from engine.publish.plan import Choice, plan_draft
from engine.publish.settling import MINE, THEIRS
from metadata.archive import export_pack, write_archive
from metadata.errors import MetadataInvalid
from metadata.load import Pack, conflicts, differences, read_archive, read_pack
from metadata.local_pack import local_pack
from ui.cli.pack_dev import develop, pause
from ui.cli.pack_sources import files_of, line_of, packs_of, problems_of, settled_as, side_of
from ui.cli.pack_test import prove
from ui.cli.plans import print_conflicts, print_differences, print_plan, publish_packs
from ui.cli.words import language, refusal, say, tell
from ui.cli.world import World, pass_world
from ui.i18n import LANGUAGES, translate

SOURCE = "NAME|DIR|ZIP"
SIDE = "NAME|DIR|ZIP|@VERSION|local"
LOCAL = "local"
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


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
    data = write_archive(dict(files_of(folder)))
    reading = read_archive(data, target.name)
    if reading.problems:
        raise MetadataInvalid(reading.problems)
    target.write_bytes(data)
    tell("cli.pack.built", file=target)


@pack.command("test", help=say("cli.pack.test"))
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--only", multiple=True, metavar="KEY", help=say("cli.pack.test.only"))
def test(folder: Path, only: Sequence[str]) -> None:
    """Let a pack prove itself in a database that is thrown away."""
    prove(folder, only)


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
@click.argument("source", metavar=SOURCE)
@click.option("--dry-run", is_flag=True, help=say("cli.pack.dry_run"))
@pass_world
def install(world: World, source: str, *, dry_run: bool) -> None:
    """Install a pack that is not there yet."""
    packs = packs_of(source)
    there = _versions(world)
    for one in packs:
        if one.key in there:
            raise refusal("cli.pack.there", pack=one.key, version=there[one.key])
    _serve(world, packs, "cli.pack.installed", {}, dry_run=dry_run)


@pack.command("upgrade", help=say("cli.pack.upgrade"))
@click.argument("source", metavar=SOURCE)
@click.option("--mine", multiple=True, metavar="PLACE", help=say("cli.pack.mine"))
@click.option("--theirs", multiple=True, metavar="PLACE", help=say("cli.pack.theirs"))
@click.option("--merge", is_flag=True, help=say("cli.pack.merge"))
@click.option("--dry-run", is_flag=True, help=say("cli.pack.dry_run"))
@pass_world
def upgrade(
    world: World,
    source: str,
    *,
    mine: Sequence[str],
    theirs: Sequence[str],
    merge: bool,
    dry_run: bool,
) -> None:
    """Put another version in the place of an installed pack."""
    sides = {**dict.fromkeys(mine, MINE), **dict.fromkeys(theirs, THEIRS)}
    packs = packs_of(source)
    there = _versions(world)
    for one in packs:
        if one.key not in there:
            raise refusal("cli.pack.not_there", pack=one.key)
    _serve(world, packs, "cli.pack.upgraded", sides, dry_run=dry_run, merges=merge)


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
@click.argument("source", metavar=SIDE)
@click.argument("other", metavar=SIDE, required=False)
@pass_world
def diff(world: World, source: str, other: str | None) -> None:
    """Print what a pack would change on this site, or in what two sides differ."""
    site = world.ready_site
    with site.read(world.context) as unit:
        if other is not None:
            before, after = side_of(site, unit, source), side_of(site, unit, other)
            found = differences(before, after)
        else:
            trial = trial_draft(unit, packs_with(site, packs_of(source)))
            plan = plan_draft(site, unit, trial)
            if plan.problems:
                raise MetadataInvalid(plan.problems)
            found = list(plan.differences)
        print_differences(found, unit.snapshot.site)


@pack.command("conflicts", help=say("cli.pack.conflicts"))
@pass_world
def list_conflicts(world: World) -> None:
    """Print what the site and its packs both changed and nobody has settled."""
    site = world.ready_site
    with site.read(world.context):
        found = conflicts(site.compiled.layers) if site.compiled is not None else []
    print_conflicts([Choice(one, "") for one in found])


@pack.command("export", help=say("cli.pack.export"))
@click.argument("key", metavar="NAME|local")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None)
@click.option("--as", "name", default="site", show_default=True, help=say("cli.pack.as"))
@pass_world
def export(world: World, key: str, output: Path | None, name: str) -> None:
    """Write an installed pack, or what was changed on site, as an archive."""
    site = world.ready_site
    with site.read(world.context):
        if key == LOCAL and site.compiled is not None:
            label = {one: translate(one, "designer.local_pack") for one in LANGUAGES}
            found = local_pack(site.compiled.layers, key=name, label=label)
        else:
            found = installed_pack(site, key)
    target = output or Path(f"{found.key}-{found.version}.zip")
    target.write_bytes(export_pack(found))
    tell("cli.pack.built", file=target)


@pack.command("dev", help=say("cli.pack.dev"))
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--here", is_flag=True, help=say("cli.pack.dev.here"))
@pass_world
def dev(world: World, folder: Path, *, here: bool) -> None:
    """Watch a folder; check, plan and publish it at each save, until interrupted."""
    tell("cli.pack.dev.watching", folder=folder)
    develop(world, folder, force=here, wait=pause)


def _versions(world: World) -> dict[str, str]:
    site = world.ready_site
    with site.read(world.context):
        return {one.key: one.version for one in installed(site)}


def _serve(
    world: World,
    packs: Sequence[Pack],
    word: str,
    sides: dict[str, str],
    *,
    dry_run: bool,
    merges: bool = False,
) -> None:
    site = world.ready_site
    with site.read(world.context) as unit:
        wanted = packs_with(site, packs)
        trial = trial_draft(unit, wanted, merges=merges)
        plan = plan_draft(site, unit, trial)
        if plan.problems:
            raise MetadataInvalid(plan.problems)
        changes = settled_as(plan.merge.choices, sides)
        trial = trial_draft(unit, wanted, changes, merges=merges)
    print_plan(world, trial)
    if dry_run:
        return
    names = ", ".join(f"{one.key} {one.version}" for one in packs)
    number = publish_packs(world, wanted, say(word, packs=names), changes, merges=merges)
    tell(word, packs=names)
    tell("cli.published", number=number)


COMMANDS = [pack]
