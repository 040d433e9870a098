"""The command line: one file per area, each with a list ``COMMANDS``."""

from collections.abc import Callable
from typing import Any

import click

from metadata.errors import PlatformError
from ui.cli import (
    audit,
    care,
    demo,
    doctor,
    exchange,
    init,
    mail,
    metadata,
    packs,
    people,
    schema,
    serve,
    work,
)
from ui.cli.words import refusal_of, say
from ui.cli.world import World

COMMANDS: list[click.Command] = [
    *init.COMMANDS,
    *serve.COMMANDS,
    *people.COMMANDS,
    *exchange.COMMANDS,
    *demo.COMMANDS,
    *metadata.COMMANDS,
    *packs.COMMANDS,
    *doctor.COMMANDS,
    *schema.COMMANDS,
    *work.COMMANDS,
    *care.COMMANDS,
    *mail.COMMANDS,
    *audit.COMMANDS,
]
"""Every command; a new area adds its own here."""


class Heddle(click.Group):
    """The group of all commands: an expected error ends it with a sentence, not a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except PlatformError as error:
            raise refusal_of(error) from error


def command_line(make_world: Callable[[], World]) -> click.Group:
    """Give the command line over whatever ``make_world`` opens, once a command needs it."""

    @click.group(
        "heddle",
        cls=Heddle,
        help=say("cli.heddle"),
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    @click.pass_context
    def heddle(context: click.Context) -> None:
        context.obj = make_world()
        context.call_on_close(context.obj.close)

    for command in COMMANDS:
        heddle.add_command(command)
    return heddle
