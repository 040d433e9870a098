"""The server: one process with SQLite, one or more with PostgreSQL."""

import asyncio
import logging
import os
import signal
import socket
from dataclasses import replace
from typing import Any

import click
from granian.constants import Interfaces
from granian.server import Server as Processes
from granian.server.embed import Server

from engine.people import make_set_up_link
from engine.seeds import install_first
from engine.settings import PREFIX
from ui.built import load_assets
from ui.cli.one_server import only_server
from ui.cli.words import refusal, say, tell
from ui.cli.world import World, pass_world
from ui.i18n import STRICT
from ui.server import Application

SECONDS_TO_STOP = 10


@click.command("serve", help=say("cli.serve"))
@click.option("--host", default=None, help=say("cli.serve.host"))
@click.option("--port", type=click.IntRange(1, 65535), default=None, help=say("cli.serve.port"))
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help=say("cli.serve.workers"),
)
@pass_world
def serve(world: World, host: str | None, port: int | None, workers: int) -> None:
    """Serve until stopped."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells its dialect at each step
    STRICT.on = False  # a text that is missing must not cost a person the page
    settings = world.settings
    world.settings = replace(settings, host=host or settings.host, port=port or settings.port)
    if workers > 1 and world.site.database.dialect == "sqlite":
        raise refusal("cli.workers_refused")
    with only_server(world.site.database):
        install_first(world.site)
        _require_free(world)
        if not load_assets().names:
            tell("cli.serve.not_built")
        if workers == 1:
            asyncio.run(_serve_here(world, world.make_app(world.site, world.settings)))
        else:
            _serve_processes(world, workers)


async def _serve_here(world: World, app: Application) -> None:
    """Serve in this process: there is no second one to hold the memory or the lock."""
    server: Any = Server(app, **_options(world))
    server.on_startup(lambda: _announce(world))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    await server.serve()
    if not server.interrupt_signal:
        raise RuntimeError("the server ended by itself")


def _serve_processes(world: World, workers: int) -> None:
    os.environ[PREFIX + "HOST"] = world.settings.host
    os.environ[PREFIX + "PORT"] = str(world.settings.port)
    server: Any = Processes(
        world.application,
        factory=True,
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_STOP,
        **_options(world),
    )
    _announce(world)
    world.close()  # connections must not be shared with the processes that come now
    server.serve()


def _options(world: World) -> dict[str, Any]:
    return {
        "address": world.settings.host,
        "port": world.settings.port,
        "interface": Interfaces.ASGI,
        "websockets": False,
        "log_enabled": False,
    }


def _announce(world: World) -> None:
    tell("cli.serve.address", url=world.url())
    secret = make_set_up_link(world.site)
    if secret is not None:
        tell("cli.serve.set_up", url=world.url(f"/set-up/{secret}"))


def _require_free(world: World) -> None:
    """Refuse early, with a sentence, an address that cannot be listened on."""
    host, port = world.settings.host, world.settings.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        raise refusal("cli.port_taken", host=host, port=port) from None


COMMANDS = [serve]
