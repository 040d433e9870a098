"""Plans and publishing from the shell: said in sentences, done in one step."""

from collections.abc import Sequence
from dataclasses import replace

import click

from engine.publish.apply import publish_draft
from engine.publish.draft import Draft, create_draft, discard_draft
from engine.publish.live import LiveSite
from engine.publish.plan import Plan, plan_draft
from engine.seeds import install_packs
from metadata.errors import MetadataInvalid, PlatformError
from metadata.load import Pack
from metadata.model import Site
from ui.cli.words import language, say, tell
from ui.cli.world import World
from ui.designer.changes import Change
from ui.designer.sentences import tell_differences, tell_plan
from ui.designer.workspace import blank_draft, open_workspace


def print_plan(world: World, trial: Draft, *, ddl: bool = False) -> None:
    """Print what publishing a draft would do.

    Raises:
        MetadataInvalid: it cannot be published; with every problem.
    """
    site = world.ready_site
    with site.read(world.context) as unit:
        plan = plan_draft(site, unit.connection, trial)
        if plan.problems:
            raise MetadataInvalid(plan.problems)
        told = tell_plan(open_workspace(site, unit), plan, language())
    print_differences(plan)
    for line in (*told.steps, *told.impact, *(one.text for one in told.warnings)):
        click.echo(f"  {line}")
    click.echo(f"  {say('designer.no_records', records=told.records)}")
    if ddl:
        for statement in told.ddl:
            click.echo(statement)


def print_differences(plan: Plan) -> None:
    """Print what a plan changes in documents."""
    changed = [
        {"document": one.document, "path": one.path, "op": one.op, "label": one.label}
        for one in plan.differences
    ]
    site = plan.compiled.site if plan.compiled is not None else Site()
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
    world: World, packs: Sequence[Pack], note: str, changes: Sequence[Change] = ()
) -> int:
    """Publish that these packs are the ones installed; gives the version."""
    return install_packs(world.ready_site, world.context, packs, changes, note=note)


def _published(site: LiveSite, world: World, draft: Draft) -> int:
    """Publish a draft; one that cannot be published leaves nothing behind."""
    try:
        return publish_draft(site, world.context, draft)
    except PlatformError:
        with site.write(world.context) as unit:
            discard_draft(unit, draft.id)
        raise
