"""Plans and publishing from the shell: said in sentences, done in one step."""

from collections.abc import Sequence
from dataclasses import replace

import click

from engine.publish.apply import publish_draft
from engine.publish.draft import Draft, create_draft, discard_draft
from engine.publish.live import LiveSite
from engine.publish.plan import Choice, plan_draft
from engine.publish.settling import identity
from engine.seeds import install_packs
from metadata.errors import MetadataInvalid, PlatformError
from metadata.load import Difference, Pack
from metadata.model import Site
from ui.cli.words import language, say, tell
from ui.cli.world import World
from ui.designer.changes import Change
from ui.designer.effects import shown_differences, tell_plan
from ui.designer.merges import tell_conflicts, tell_kept
from ui.designer.sentences import tell_differences
from ui.designer.workspace import blank_draft, open_workspace


def print_plan(world: World, trial: Draft, *, ddl: bool = False) -> None:
    """Print what publishing a draft would do.

    Raises:
        MetadataInvalid: it cannot be published; with every problem.
    """
    site = world.ready_site
    with site.read(world.context) as unit:
        plan = plan_draft(site, unit, trial)
        if plan.problems:
            raise MetadataInvalid(plan.problems)
        told = tell_plan(open_workspace(site, unit), plan, language())
    print_differences(shown_differences(plan), plan.compiled.site if plan.compiled else Site())
    print_conflicts(plan.merge.choices)
    for line in tell_kept(plan.merge, language()):
        click.echo(f"  {line}")
    for line in (*told.steps, *told.impact, *(one.text for one in told.warnings), *told.lost):
        click.echo(f"  {line}")
    if not told.lost:
        click.echo(f"  {say('designer.no_records', records=told.records)}")
    if ddl:
        for statement in told.ddl:
            click.echo(statement)


def print_conflicts(choices: Sequence[Choice]) -> None:
    """Print conflicts: the place, the three values, what was chosen."""
    for one, told in zip(choices, tell_conflicts(choices, language()), strict=True):
        chosen = f"designer.conflict_{told.side or 'open'}"
        click.echo(f"! {identity(one)}\t{told.name}\t{say(chosen)}")
        click.echo(
            f"  {say('designer.conflict_base')} {told.base} · {say('designer.conflict_mine')}"
            f" {told.mine} · {say('designer.conflict_theirs')} {told.theirs}"
        )


def print_differences(found: Sequence[Difference], site: Site) -> None:
    """Print what differs in documents."""
    changed = [
        {"document": one.document, "path": one.path, "op": one.op, "label": one.label}
        for one in found
    ]
    if not changed:
        tell("cli.plan.nothing")
    for line in tell_differences(changed, site, language()):
        click.echo(line)


def trial_changes(world: World, changes: Sequence[Change]) -> Draft:
    """Make a draft of changes without writing it."""
    with world.ready_site.read(world.context) as unit:
        return replace(blank_draft(unit), changes=tuple(changes))


def publish_changes(world: World, changes: Sequence[Change], note: str) -> int:
    """Publish changes; gives the version."""
    site = world.ready_site
    with site.write(world.context) as unit:
        draft = create_draft(unit, list(changes), note=note)
    return _published(site, world, draft)


def publish_packs(
    world: World,
    packs: Sequence[Pack],
    note: str,
    changes: Sequence[Change] = (),
    *,
    merges: bool = False,
) -> int:
    """Publish that these packs are the ones installed; gives the version."""
    site = world.ready_site
    return install_packs(site, world.context, packs, changes, note=note, merges=merges)


def _published(site: LiveSite, world: World, draft: Draft) -> int:
    """Publish a draft; one that cannot be published leaves nothing behind."""
    try:
        return publish_draft(site, world.context, draft)
    except PlatformError:
        with site.write(world.context) as unit:
            discard_draft(unit, draft.id)
        raise
