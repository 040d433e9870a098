"""The chain of seals over the logs: sealing now, and checking it."""

import click

from engine.audit.sealing import Head, Unsealed, read_head, seal_logs
from engine.audit.verify import Report, verify
from ui.cli.words import refusal, say, tell
from ui.cli.world import World, pass_world


class NotedHead(click.ParamType[Head]):
    """A head as it was printed: its number, a colon, its hash."""

    name = "NUMBER:HASH"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Head:
        """Read it."""
        number, _, told = str(value).partition(":")
        if not (number.isascii() and number.isdigit() and len(told) == HASH_LENGTH):
            self.fail(say("cli.audit.not_a_head", text=value), param, ctx)
        return Head(int(number), told)


HASH_LENGTH = 64


@click.group(help=say("cli.audit"))
def audit() -> None:
    """Hold the commands about the chain."""


@audit.command("verify", help=say("cli.audit.verify"))
@click.option("--noted", multiple=True, type=NotedHead(), help=say("cli.audit.noted"))
@pass_world
def check(world: World, noted: tuple[Head, ...]) -> None:
    """Check the whole chain; exit with 1 when anything under a seal is not as it was."""
    report = verify(world.ready_site.database, noted)
    for one in report.breaks:
        click.echo(say(f"cli.audit.{one.code}", seal=one.seal, table=one.log, id=one.id))
    _tell_unsealed(report.unsealed)
    if report.breaks:
        more = "" if report.complete else "+"
        raise refusal("cli.audit.bad", count=f"{len(report.breaks)}{more}")
    _tell_good(report)


@audit.command("seal", help=say("cli.audit.seal"))
@pass_world
def close(world: World) -> None:
    """Seal what is settled now and print the head."""
    site = world.ready_site
    made = seal_logs(site.database, site.clock)
    with site.database.read() as connection:
        head = read_head(connection)
    tell("cli.audit.sealed", count=made)
    click.echo(str(head))


def _tell_unsealed(found: list[Unsealed]) -> None:
    for one in found:
        if one.rows and one.since is not None:
            since = one.since.isoformat(timespec="seconds")
            tell("cli.audit.unsealed", table=one.log, count=one.rows, since=since)


def _tell_good(report: Report) -> None:
    tell("cli.audit.good", seals=report.seals, rows=report.rows)
    click.echo(str(report.head))


COMMANDS = [audit]
