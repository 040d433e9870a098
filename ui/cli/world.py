"""What commands work with; opened only when one asks for it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import click

from engine.access.keys import Keys, load_keys
from engine.context import SYSTEM, Context
from engine.publish.live import LiveSite
from engine.settings import Settings
from engine.storage.database import Database
from ui.cli.words import refusal
from ui.server import Application


@dataclass(slots=True)
class World:
    """One installation, as a command sees it.

    Attributes:
        settings: checked.
        make_app: assembles the web application of a site.
        application: where a worker process finds the application, as ``module:factory``.
        work: runs jobs and sends webhooks as long as it is entered.
    """

    settings: Settings
    make_app: Callable[[LiveSite, Settings], Application]
    application: str
    work: Callable[[LiveSite, Settings], AbstractContextManager[None]]
    _opened: LiveSite | None = field(default=None, repr=False)

    @property
    def keys(self) -> Keys:
        """Give the key file's content, making the file when there is none."""
        return load_keys(self.settings.data_dir)

    def make_keys(self) -> None:
        """Make the key file where there is none."""
        load_keys(self.settings.data_dir)

    @property
    def site(self) -> LiveSite:
        """Give the site, over a database that may still be empty."""
        if self._opened is None:
            self._opened = LiveSite(Database(self.settings.database))
        return self._opened

    @property
    def ready_site(self) -> LiveSite:
        """Give the site with its published version.

        Raises:
            ClickException: nothing is published yet.
        """
        site = self.site
        if not is_initialised(site):
            raise refusal("cli.not_initialised")
        return site

    @property
    def context(self) -> Context:
        """Give the context in which the command line acts."""
        locale = self.settings.locale_of_company
        return Context(actor=SYSTEM, now=self.site.clock(), locale=locale)

    def url(self, path: str = "") -> str:
        """Give an address of the site as a browser reaches it."""
        settings = self.settings
        if settings.public_url:
            return settings.public_url + path
        everywhere = settings.host in {"0.0.0.0", "::", ""}  # noqa: S104 - compared, not bound
        host = "localhost" if everywhere else settings.host
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{settings.port}{path}"

    def close(self) -> None:
        """Close the database."""
        if self._opened is not None:
            self._opened.database.close()


def is_initialised(site: LiveSite) -> bool:
    """Tell whether the database holds a published version."""
    database = site.database
    with database.read() as connection:
        if not connection.dialect.has_table(connection, "heddle_pointer"):
            return False
    with site.read(Context(actor=SYSTEM, now=site.clock())) as unit:
        return unit.snapshot.number > 0


@contextmanager
def opened(world: World) -> Iterator[World]:
    """Close the world's database after a command."""
    try:
        yield world
    finally:
        world.close()


pass_world = click.make_pass_decorator(World)
