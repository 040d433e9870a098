"""The composition root: settings become a database, a site, a web application, a command line.

``heddle`` and ``python app.py`` run `main`; worker processes of the server call `asgi`.
"""

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from engine.access.keys import load_keys
from engine.bulk.run import bulk_handlers
from engine.bulk.undo import ForgetOldRows
from engine.exchange.jobs import job_handlers
from engine.exchange.store import FileStore
from engine.files import upkeep
from engine.files.content import ContentStore
from engine.publish.live import LiveSite
from engine.publish.watcher import Watcher
from engine.settings import Settings, load_settings
from engine.storage.database import Database
from engine.upkeep.expired_members import RemoveExpiredMembers
from engine.upkeep.handlers import upkeep_handlers
from engine.upkeep.seal_logs import SealLogs
from engine.upkeep.search_renewal import RenewSearch
from engine.upkeep.slow_lists import KeepSlowLists
from engine.webhooks.sender import Sender
from engine.worker import purge_bin
from engine.worker.purge_bin import PurgeBin
from engine.worker.recompute import recompute_handlers
from engine.worker.runner import Chore, JobRunner
from engine.worker.steps import in_steps
from engine.worker.sweep_files import sweep_handler
from ui.cli import command_line
from ui.cli.words import say
from ui.cli.world import World
from ui.i18n import STRICT
from ui.mails import mail_handlers
from ui.server import Application, create_app

YOUNG_OBJECTS = (10_000, 20, 20)
"""When the collector of cycles looks at young objects, and how often at older ones."""
ARENAS = (-8, 1)
TRIM_FROM = (-1, 1 << 20)
"""`mallopt` of the GNU C library: how many heaps there may be, and from how many free bytes at
the end of one it is given back. By default each thread fills a heap of its own, though only one
runs Python at a time."""


def main() -> None:
    """Run the command line."""
    spare_memory()
    spare_collector()
    try:
        command_line(make_world)(prog_name="heddle")
    except OperationalError as error:
        click.echo(say("cli.no_access", reason=error.orig), err=True)
        sys.exit(1)


def make_world() -> World:
    """Open what the commands work with."""
    return World(
        settings=read_settings(), make_app=make_app, application="app:asgi", work=running_work
    )


def asgi() -> Application:
    """Make the application of one worker process."""
    spare_memory()
    STRICT.on = False
    settings = read_settings()
    return make_app(LiveSite(Database(settings.database)), settings)


def read_settings() -> Settings:
    """Read the settings of this process."""
    return load_settings(os.environ, Path.cwd())


def make_app(site: LiveSite, settings: Settings) -> Application:
    """Assemble the web application with what runs beside it."""
    background = [partial(running_watcher, site)]
    if settings.run_jobs:
        background.append(partial(running_work, site, settings))
    app = create_app(site, settings, load_keys(settings.data_dir), background=background)
    spare_collector()
    return app


def spare_memory() -> None:
    """Keep one heap for all threads, where the C library can be told: a sixth of what is held."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if tune is not None:
        tune(*ARENAS)
        tune(*TRIM_FROM)


def spare_collector() -> None:
    """Take what is there by now out of the collector's rounds: it lives as long as the process.

    Modules, routes and documents are more than a hundred thousand objects; walking through them
    again and again costs a quarter of the time of an import.
    """
    gc.freeze()
    gc.set_threshold(*YOUNG_OBJECTS)


@contextmanager
def running_watcher(site: LiveSite) -> Iterator[None]:
    """Learn of publishes by other processes while serving."""
    watcher = Watcher(site)
    watcher.start()
    try:
        yield
    finally:
        watcher.stop()


@contextmanager
def running_work(site: LiveSite, settings: Settings) -> Iterator[None]:
    """Run jobs and send webhooks."""
    with running_jobs(site, settings), running_webhooks(site, settings):
        yield


@contextmanager
def running_webhooks(site: LiveSite, settings: Settings) -> Iterator[None]:
    """Send what webhooks wait for."""
    keys = load_keys(settings.data_dir)
    sender = Sender(site, keys, allowed=settings.outgoing_networks)
    sender.start()
    try:
        yield
    finally:
        sender.stop()


@contextmanager
def running_jobs(site: LiveSite, settings: Settings) -> Iterator[None]:
    """Run jobs while serving."""
    files = FileStore(settings.data_dir, largest=settings.max_upload)
    locale = settings.locale_of_company
    handlers = {
        **job_handlers(files, locale, settings.export_rows_a_day),
        **bulk_handlers(locale),
        **upkeep_handlers(),
        upkeep.KIND: sweep_handler(ContentStore(settings.data_dir)),
        purge_bin.KIND: in_steps(purge_bin.purge_bin),
        **recompute_handlers(locale),
        **mail_handlers(settings),
    }
    chores: list[Chore] = [
        ForgetOldRows(),
        RemoveExpiredMembers(),
        KeepSlowLists(),
        RenewSearch(),
        SealLogs(),
    ]
    runner = JobRunner(site, handlers, [*chores, PurgeBin(settings.bin_days)])
    runner.start()
    try:
        yield
    finally:
        runner.stop()


if __name__ == "__main__":
    main()
