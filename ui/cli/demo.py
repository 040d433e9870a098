"""Sample data."""

import sys

import click

from engine.exchange.demo import DemoOrder, has_demo, make_demo, remove_demo
from engine.files.content import ContentStore
from metadata.model import say as say_label
from ui.cli.words import refusal, say, tell
from ui.cli.world import World, pass_world
from ui.i18n import translate

DEPARTMENTS = 5


@click.command("demo", help=say("cli.demo"))
@click.option(
    "--records",
    type=click.IntRange(1, 200_000),
    default=2000,
    show_default=True,
    help=say("cli.demo.records"),
)
@click.option(
    "--users",
    type=click.IntRange(0, 200),
    default=12,
    show_default=True,
    help=say("cli.demo.users"),
)
@click.option("--seed", type=int, default=1, show_default=True, help=say("cli.demo.seed"))
@click.option("--force", is_flag=True, help=say("cli.demo.force"))
@click.option("--remove", "removing", is_flag=True, help=say("cli.demo.remove"))
@pass_world
def demo(
    world: World, /, records: int, users: int, seed: int, *, force: bool, removing: bool
) -> None:
    """Make or remove samples."""
    site, locale = world.ready_site, world.settings.locale_of_company
    if removing:
        if not has_demo(site):
            raise refusal("cli.demo.none")
        tell("cli.demo.removed", count=remove_demo(site, locale))
        return
    order = DemoOrder(
        records=records,
        users=users,
        seed=seed,
        force=force,
        departments=[
            translate(locale.language, f"demo.department.{at}") for at in range(1, DEPARTMENTS + 1)
        ],
    )
    with click.progressbar(length=0, label=say("cli.demo.running"), file=sys.stderr) as bar:

        def step(_key: str, count: int) -> None:
            bar.length = max(bar.length or 0, bar.pos + count)
            bar.update(count)

        store = ContentStore(world.settings.data_dir)
        made = make_demo(site, order, locale, step, store)
    objects = site.snapshot.objects
    for key, count in made.items():
        label = say_label(objects[key].definition.plural, locale.language)
        tell("cli.demo.made", label=label, count=count)
    tell("cli.demo.done")


COMMANDS = [demo]
