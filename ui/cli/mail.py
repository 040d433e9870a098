"""Mail: a trial of the settings."""

import click

from ui.cli.words import refusal, say, tell
from ui.cli.world import World, pass_world
from ui.mails import send_test


@click.group(help=say("cli.mail"))
def mail() -> None:
    """Hold the commands about mail."""


@mail.command("test", help=say("cli.mail.test"))
@click.argument("address")
@pass_world
def test_mail(world: World, address: str) -> None:
    """Send a mail now and tell how it went."""
    if not world.settings.mails:
        raise refusal("cli.mail.off")
    send_test(world.settings, address, world.settings.locale)
    tell("cli.mail.sent", address=address)


COMMANDS = [mail]
