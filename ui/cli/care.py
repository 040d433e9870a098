"""Care of the data: backup, restore, move."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import click

from engine.audit.deeds import log_deed
from engine.carry.carrying import back_up, move, require_stopped, restore
from engine.carry.load import Told
from engine.settings import check_database
from engine.storage.database import Database
from ui.cli.one_server import only_server
from ui.cli.words import say, tell
from ui.cli.world import World, pass_world


@click.command("backup", help=say("cli.backup"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_world
def backup(world: World, file: Path) -> None:
    """Write a backup while the site goes on."""
    database = world.ready_site.database
    with _progress() as told:
        digests = back_up(database, world.settings.data_dir, file.absolute(), told)
    _log(world, database, "backup.made", file.name, _sums(digests))
    tell("cli.backup.done", file=file, **_sums(digests))
    tell("cli.backup.key", file=world.settings.data_dir / "heddle.key")


@click.command("restore", help=say("cli.restore"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_world
def bring_back(world: World, file: Path) -> None:
    """Bring a backup into the empty database of the settings."""
    settings = world.settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with _progress() as told:
        digests = restore(file, settings.database, settings.data_dir, told)
    with closing(Database(settings.database)) as database:
        _log(world, database, "backup.restored", file.name, _sums(digests))
    tell("cli.restore.done", **_sums(digests))


@click.command("move", help=say("cli.move"))
@click.option("--to", "target", required=True, help=say("cli.move.to"))
@pass_world
def carry(world: World, target: str) -> None:
    """Carry everything into another, empty database."""
    site = world.ready_site
    with only_server(site.database), _progress() as told:
        require_stopped(site.database, site.clock)
        digests = move(site.database, check_database(target), told)
        with closing(Database(check_database(target))) as database:
            kind = f"{site.database.dialect} → {database.dialect}"
            _log(world, database, "site.moved", kind, _sums(digests))
    tell("cli.move.done", **_sums(digests))


def _log(world: World, database: Database, deed: str, about: str, sums: Mapping[str, int]) -> None:
    """Log in the database that it happened to: the one that is used from now on."""
    with database.write() as connection:
        log_deed(connection, world.context, deed, about, sums)


def _sums(digests: Mapping[str, str]) -> dict[str, int]:
    rows = sum(int(digest.partition(":")[0]) for digest in digests.values())
    return {"tables": len(digests), "rows": rows}


@contextmanager
def _progress() -> Iterator[Told]:
    """Show on the terminal which table is under way; nothing where the output is a file."""
    shown = sys.stderr.isatty()

    def told(table: str, rows: int) -> None:
        if shown:
            click.echo(f"\r\x1b[K{table}: {rows}", nl=False, err=True)

    yield told
    if shown:
        click.echo("\r\x1b[K", nl=False, err=True)


COMMANDS = [backup, bring_back, carry]
