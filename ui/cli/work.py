"""A process that only works: jobs and webhooks, beside servers that leave them alone."""

import logging
import signal
import threading

import click

from ui.cli.words import refusal, say, tell
from ui.cli.world import World, pass_world
from ui.i18n import STRICT


@click.command("work", help=say("cli.work"))
@pass_world
def work(world: World) -> None:
    """Work until stopped."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    STRICT.on = False  # a text that is missing must not cost a job
    site = world.ready_site
    if site.database.dialect == "sqlite":
        raise refusal("cli.work.refused")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with world.work(site, world.settings):
        tell("cli.work.ready")
        stopped.wait()


COMMANDS = [work]
