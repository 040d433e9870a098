"""A site of another trade, the library pack, for tests of the platform."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.context import SYSTEM, Context, system_clock
from engine.publish.apply import publish_draft
from engine.publish.draft import create_draft
from engine.publish.live import LiveSite
from engine.publish.packs import initialise, pack_of_folder, shipped_pack
from engine.storage.database import Database
from metadata.load import Pack
from tests.support.templates import fill

LIBRARY = Path(__file__).resolve().parent.parent / "packs" / "library"


def library_site(url: str) -> LiveSite:
    """Serve base and library, without the packs' seeds, from the empty database at ``url``."""
    fill(url, "library", _install)
    return opened(url)


def opened(url: str, clock: Callable[[], datetime] = system_clock) -> LiveSite:
    """Serve what stands in the database at ``url``."""
    live = LiveSite(Database(url), clock=clock)
    with live.database.read() as connection:
        live.refresh(connection)
    return live


def shipped_site(url: str, clock: Callable[[], datetime] = system_clock) -> LiveSite:
    """Serve the shipped packs, without their seeds, from the empty database at ``url``."""
    fill(url, "shipped", _install_shipped)
    return opened(url, clock)


def library_packs() -> list[Pack]:
    """Read base and library."""
    return [*shipped_pack("base"), *pack_of_folder(LIBRARY)]


def _install(url: str) -> None:
    live = LiveSite(Database(url))
    initialise(live, library_packs())
    live.database.close()


def _install_shipped(url: str) -> None:
    live = LiveSite(Database(url))
    initialise(live, [*shipped_pack("base"), *shipped_pack("crm")])
    live.database.close()


def system_context(live: LiveSite) -> Context:
    """Give a context in which the platform itself acts."""
    return Context(actor=SYSTEM, now=live.clock(), request_id="test")


def publish(live: LiveSite, *changes: dict[str, Any]) -> int:
    """Draft and publish ``changes``; gives the new version."""
    context = system_context(live)
    with live.write(context) as unit:
        draft = create_draft(unit, list(changes))
    return publish_draft(live, context, draft)


def added_field(key: str, **definition: Any) -> dict[str, Any]:
    """Give the change that adds a field to the book object."""
    definition.setdefault("type", "text")
    definition.setdefault("label", key)
    return {
        "op": "add",
        "document": "object/book",
        "path": f"fields/{key}",
        "value": definition,
    }
