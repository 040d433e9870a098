"""The command: fills databases where there are none, measures, prints and writes the table."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import click

from app import spare_collector
from bench.cases import (
    cells,
    compiling,
    crowd,
    filling,
    importing,
    large,
    lists,
    pages,
    publishing,
    scopes,
    searching,
    serving,
    signing,
    teams,
    writes,
)
from bench.report import USUAL, print_row, write_report
from bench.result import Result
from bench.world import World, postgresql_world, sqlite_world

Case = Callable[[World], Iterator[Result]]

CASES: dict[str, Case] = {
    "lists": lists.run,
    "scopes": scopes.run,
    "teams": teams.run,
    "cells": cells.run,
    "pages": pages.run,
    "searching": searching.run,
    "writes": writes.run,
    "crowd": crowd.run,
    "filling": filling.run,
    "importing": importing.run,
    "large": large.run,
    "publishing": publishing.run,
    "compiling": compiling.run,
    "serving": serving.run,
    "signing": signing.run,
}
ONCE = {"cells", "compiling"}
"""What no database has a part in."""
DATABASES = ("sqlite", "postgresql")


@click.command(help="Measure the product on a database of real size.")
@click.option("--records", default=USUAL, show_default=True, help="How many customers.")
@click.option("--only", multiple=True, type=click.Choice(list(CASES)), help="Only these cases.")
@click.option("--database", "databases", multiple=True, type=click.Choice(DATABASES))
@click.option("--postgres", default="", help="A PostgreSQL server to use; else an embedded one.")
@click.option("--write/--no-write", default=None, help="Write the page of the reference.")
def main(
    records: int,
    only: tuple[str, ...],
    databases: tuple[str, ...],
    postgres: str,
    write: bool | None,
) -> None:
    """Measure, print, write."""
    logging.disable(logging.ERROR)
    spare_collector()  # as the product does
    results: list[Result] = []
    worlds: dict[str, Callable[[], AbstractContextManager[World]]] = {
        "sqlite": lambda: sqlite_world(records),
        "postgresql": lambda: postgresql_world(records, postgres),
    }
    for name in databases or DATABASES:
        with worlds[name]() as world:
            for case, run in CASES.items():
                again = case in ONCE and name != (databases or DATABASES)[0]
                if again or (only and case not in only):
                    continue
                for result in _measured(case, run, world):
                    print_row(result)
                    results.append(result)
    if write or (write is None and not only and not databases):
        write_report(results, records)


def _measured(name: str, run: Case, world: World) -> Iterator[Result]:
    try:
        yield from run(world)
    except Exception as error:  # noqa: BLE001 - what cannot run must not hide the rest
        click.echo(f"{name} on {world.database}: {error!r}", err=True)


if __name__ == "__main__":
    main(prog_name="python -m bench")
