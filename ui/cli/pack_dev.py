"""Work on a pack: every saved file is checked, planned and published to a development database."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from engine.publish.development import is_development, mark_development
from engine.publish.packs import packs_with, trial_draft
from engine.publish.plan import plan_draft
from engine.seeds import install_first
from metadata.errors import MetadataInvalid, PlatformError
from metadata.load import read_pack
from ui.cli.pack_sources import line_of, problems_of
from ui.cli.plans import print_plan, publish_packs
from ui.cli.words import refusal, refusal_of, say, tell
from ui.cli.world import World, is_initialised

SECONDS = 0.5
"""Between two looks at the folder."""

Seen = Mapping[str, tuple[int, int]]


def develop(world: World, folder: Path, *, force: bool, wait: Callable[[], bool]) -> None:
    """Publish a pack at once, and again whenever a file of it changes.

    Args:
        world: the installation; its database is the one to develop on.
        folder: where the pack is written.
        force: take the database for one of development from now on.
        wait: waits for the next look; False ends.

    Raises:
        ClickException: nobody said that the database is for development.
    """
    if not is_initialised(world.site):
        install_first(world.site)
        mark_development(world.site)
    if force:
        mark_development(world.site)
    if not is_development(world.site):
        raise refusal("cli.pack.dev.real")
    seen: Seen | None = None
    while True:
        now = look(folder)
        if now != seen:
            seen = now
            publish_once(world, folder)
        if not wait():
            return


def pause() -> bool:
    """Wait until it is time to look again."""
    time.sleep(SECONDS)
    return True


def look(folder: Path) -> Seen:
    """Give what the files of a folder look like from outside."""
    found: dict[str, tuple[int, int]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            stat = path.stat()
            found[path.relative_to(folder).as_posix()] = (stat.st_mtime_ns, stat.st_size)
    return found


def publish_once(world: World, folder: Path) -> None:
    """Check, plan and publish; what is wrong is told, and the last good version stays."""
    problems = problems_of(folder)
    for problem in problems:
        click.echo(line_of(problem, folder))
    if problems:
        tell("cli.pack.bad", count=len(problems))
        return
    site = world.ready_site
    packs = read_pack(folder).packs
    try:
        with site.read(world.context) as unit:
            wanted = packs_with(site, packs)
            trial = trial_draft(unit, wanted)
            plan = plan_draft(site, unit, trial)
        if plan.valid and not plan.differences:
            tell("cli.plan.nothing")
            return
        print_plan(world, trial)
        tell("cli.published", number=publish_packs(world, wanted, say("cli.pack.dev.note")))
    except MetadataInvalid as invalid:
        for problem in invalid.problems:
            click.echo(line_of(problem, folder))
    except PlatformError as error:
        click.echo(refusal_of(error).format_message())
