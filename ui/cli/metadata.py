"""Metadata from the shell: plan, publish, roll back, look back."""

import json
from pathlib import Path
from typing import Any

import click

from engine.publish.apply import rollback_to
from engine.publish.store import list_versions
from metadata.errors import MetadataInvalid, Problem
from metadata.load import parse_changes
from metadata.strict_yaml import read_yaml
from ui.cli.plans import print_plan, publish_changes, trial_changes
from ui.cli.words import refusal, say, tell
from ui.cli.world import World, pass_world
from ui.designer.changes import Change
from ui.designer.sentences import describe_version

SOURCE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("plan", help=say("cli.plan"))
@click.argument("file", metavar="FILE", type=SOURCE)
@click.option("--ddl", is_flag=True, help=say("cli.plan.ddl"))
@pass_world
def plan(world: World, file: Path, *, ddl: bool) -> None:
    """Print what publishing the changes of a file would do."""
    changes, _ = read_changes(file)
    print_plan(world, trial_changes(world, changes), ddl=ddl)


@click.command("publish", help=say("cli.publish"))
@click.argument("file", metavar="FILE", type=SOURCE)
@click.option("--note", default="", help=say("cli.publish.note"))
@pass_world
def publish(world: World, file: Path, note: str) -> None:
    """Publish the changes of a file."""
    changes, own_note = read_changes(file)
    number = publish_changes(world, changes, note or own_note)
    tell("cli.published", number=number)


@click.command("rollback", help=say("cli.rollback"))
@click.argument("number", metavar="VERSION", type=click.IntRange(min=1))
@click.option("--note", default="", help=say("cli.publish.note"))
@pass_world
def rollback(world: World, number: int, note: str) -> None:
    """Publish an earlier version once more."""
    new = rollback_to(world.ready_site, world.context, number, note=note)
    tell("cli.rolled_back", number=new, to=number)


@click.command("versions", help=say("cli.versions"))
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@pass_world
def versions(world: World, limit: int) -> None:
    """Print versions, newest first: number, when, who, changes, note."""
    with world.ready_site.read(world.context) as unit:
        served, site = unit.snapshot.number, unit.snapshot.site
        found = list_versions(unit.connection, limit=limit)
    for entry in found:
        one = describe_version(entry, site, served, world.context.locale)
        mark = "*" if one.is_served else " "
        count = say("designer.change_count", count=len(one.changes))
        click.echo(f"{mark} {one.number}\t{one.at}\t{one.by}\t{count}\t{one.note}")


def read_changes(file: Path) -> tuple[list[Change], str]:
    """Read the changes of a file and its note: JSON, or YAML with ``changes:``.

    Raises:
        MetadataInvalid: it is neither, or holds something else.
    """
    data = _json(file) if file.suffix == ".json" else _yaml(file)
    note = ""
    if isinstance(data, dict):
        note = str(data.get("note", ""))
        data = data.get("changes")
    if not isinstance(data, list):
        raise refusal("cli.plan.no_changes", file=file)
    parse_changes(data)
    return [dict(one) for one in data], note


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        detail = str(getattr(error, "msg", error))
        problem = Problem(
            "yaml_invalid",
            file=str(file),
            line=line,
            column=column,
            params={"detail": detail},
        )
        raise MetadataInvalid([problem]) from error


def _yaml(file: Path) -> Any:
    documents, problems = read_yaml(file.read_bytes(), str(file))
    if problems:
        raise MetadataInvalid(problems)
    return documents[0].data if len(documents) == 1 else None


COMMANDS = [plan, publish, rollback, versions]
