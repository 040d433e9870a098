"""The doctor from the shell: what is not as it must be, and a status that scripts can read."""

import click

from engine.doctor import examine
from ui.cli.words import language, refusal, say, tell
from ui.cli.world import World, pass_world
from ui.i18n import translate


@click.command("doctor", help=say("cli.doctor"))
@pass_world
def doctor(world: World) -> None:
    """Compare database, ledger and served version; exit with 1 when they do not agree."""
    found = examine(world.ready_site, world.context)
    for one in (*found.findings, *found.notes):
        click.echo(f"{one.where}\t{translate(language(), f'doctor.{one.code}', **one.params)}")
    if found.findings:
        raise refusal("cli.doctor.bad", count=len(found.findings))
    tell("cli.doctor.good", version=found.version, objects=found.objects)


COMMANDS = [doctor]
