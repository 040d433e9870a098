"""Import and export of files."""

import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from engine.access.actors import find_person
from engine.exchange.exporter import ExportOrder, start_export
from engine.exchange.importer import Step, import_handler, start_import
from engine.exchange.jobs import counts_of, job_handlers
from engine.exchange.order import MODES, USUAL_MODE, parse_options
from engine.exchange.store import FileStore
from engine.exchange.table import glance
from engine.exchange.writers import WRITERS
from engine.people import UnknownPerson
from engine.queue.job import Job, read_errors, read_job
from engine.worker.runner import Handler, JobRunner
from ui.cli.words import refusal, say, tell
from ui.cli.world import World, pass_world
from ui.job_words import problem_message, row_message

SHOWN = 50
BLOCK = 1 << 16
WAIT = 0.2
"""Seconds between looks at a job that the server took on before this command could."""


@click.command("import", help=say("cli.import"))
@click.argument("object_key", metavar="OBJECT")
@click.argument("source", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
@click.option("--map", "pairs", multiple=True, help=say("cli.import.map"))
@click.option("--match", default="", help=say("cli.import.match"))
@click.option("--mode", type=click.Choice(MODES), default=USUAL_MODE, help=say("cli.import.mode"))
@click.option("--owner", default="", help=say("cli.import.owner"))
@click.option("--dry-run", is_flag=True, help=say("cli.import.dry_run"))
@pass_world
def import_file(world: World, /, object_key: str, source: str, **options: Any) -> None:
    """Take a file in; exit with 1 when rows failed."""
    site, files = world.ready_site, FileStore(world.settings.data_dir)
    path = Path(source)
    with path.open("rb") as file:
        kept = files.receive(iter(lambda: file.read(BLOCK), b""))
    seen = glance(kept)
    owner = None
    with site.write(world.context) as unit:
        stored = files.register(unit, kept, path.name, "import")
        if options["owner"]:
            person = find_person(unit.connection, unit.snapshot, options["owner"])
            if person is None:
                raise UnknownPerson(mobile=options["owner"])
            owner = person.id
    wanted = parse_options(
        {
            "map": _pairs(options["pairs"]),
            "match": options["match"],
            "mode": options["mode"],
            "owner": owner,
            "dry_run": options["dry_run"],
        }
    )
    number = start_import(
        site, world.context, files, object_key=object_key, file_id=stored.id, options=wanted
    )
    _tell_columns(world, number, seen.header)
    with click.progressbar(
        length=seen.rows, label=say("cli.import.running"), file=sys.stderr
    ) as bar:

        def step(done: int) -> None:
            bar.update(done - bar.pos)

        job = _run(world, number, files, step)
    _tell_outcome(world, job)


@click.command("export", help=say("cli.export"))
@click.argument("object_key", metavar="OBJECT")
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False))
@click.option("--scene", default="", help=say("cli.export.scene"))
@click.option("--column", "columns", multiple=True, help=say("cli.export.column"))
@pass_world
def export_file(
    world: World, object_key: str, target: str, scene: str, columns: tuple[str, ...]
) -> None:
    """Write records into a file; its name says the format."""
    kind = Path(target).suffix.removeprefix(".").lower()
    if kind not in WRITERS:
        raise refusal("cli.export.unknown_format", known=", ".join(WRITERS))
    site, files = world.ready_site, FileStore(world.settings.data_dir)
    order = ExportOrder(
        object=object_key,
        format="csv" if kind == "csv" else "xlsx",
        columns=columns,
        scene=scene,
        language=world.settings.locale,
    )
    job = _run(world, start_export(site, world.context, order), files)
    if job.state != "done" or not job.result:
        raise click.ClickException(problem_message(job, world.settings.locale))
    made = files.path(job.result["file"])
    shutil.copyfile(made, target)
    tell("cli.export.done", count=job.done, file=target)


def _pairs(texts: tuple[str, ...]) -> Mapping[str, str]:
    """Read ``header=field,…``; an empty field leaves the column out."""
    found = {}
    for text in texts:
        for pair in text.split(","):
            header, sign, key = pair.rpartition("=")
            if not sign:
                raise refusal("cli.import.not_a_pair", text=pair)
            found[header.strip()] = key.strip()
    return found


def _run(world: World, number: int, files: FileStore, step: Step | None = None) -> Job:
    """Run a job here, unless a server was quicker; then wait for it."""
    site, locale = world.site, world.settings.locale_of_company
    handlers: dict[str, Handler] = job_handlers(files, locale, world.settings.export_rows_a_day)
    if step is not None:
        handlers["import"] = import_handler(files, locale, step)
    JobRunner(site, handlers).run_waiting()
    while True:
        with site.database.read() as connection:
            job = read_job(connection, number)
        if job.ended:
            return job
        if step is not None:
            step(job.done)
        time.sleep(WAIT)


def _tell_columns(world: World, number: int, header: tuple[str, ...]) -> None:
    with world.site.database.read() as connection:
        columns = read_job(connection, number).payload["columns"]
    for text, key in zip(header, columns, strict=True):
        tell("cli.import.column" if key else "cli.import.column_out", header=text, field=key)


def _tell_outcome(world: World, job: Job) -> None:
    language = world.settings.locale
    if job.state != "done":
        raise click.ClickException(problem_message(job, language) or say(f"job.state.{job.state}"))
    counts = counts_of(job)
    tell("cli.import.tried" if job.payload["dry_run"] else "cli.import.done", **counts)
    with world.site.database.read() as connection:
        errors = read_errors(connection, job.id, limit=SHOWN + 1)
    for error in errors[:SHOWN]:
        text = row_message(error.code, error.params, language)
        column = error.column or say("job.whole_row")
        line = say("cli.import.row", row=error.row, column=column, message=text)
        click.echo(line, err=True)
    if len(errors) > SHOWN:
        click.echo(say("cli.import.more"), err=True)
    if counts["failed"]:
        sys.exit(1)


COMMANDS = [import_file, export_file]
