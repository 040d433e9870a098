"""The web application: every route, each with its right, behind one door."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any

from litestar import Litestar, Router
from litestar.di import Provide

from engine.access.keys import Keys
from engine.access.passwords import AT_ONCE, Passwords, calibrated
from engine.access.sessions import SessionRules
from engine.context import Context
from engine.publish.live import LiveSite
from engine.settings import Settings
from engine.sign_in.provider import Provider
from ui import api, health, pages, static_files
from ui.built import load_assets
from ui.designer import routes as designer
from ui.error_pages import HANDLERS
from ui.given import GivenServices, GivenSite, GivenVisitor
from ui.mcp import endpoint as mcp
from ui.metrics import Metrics
from ui.page import services_of
from ui.rates import Rates
from ui.request import PageRequest
from ui.roles import routes as roles
from ui.security.doorkeeper import Doorkeeper
from ui.security.rights import check_routes
from ui.security.shield import Shield
from ui.security.visitor import PageContext, visitor_of
from ui.services import Services
from ui.views import Views

Background = Callable[[], AbstractContextManager[Any]]
"""Something that runs beside the server (the worker of jobs), entered at start, left at stop."""


ROUTES: list[Any] = [
    *health.ROUTES,
    *static_files.ROUTES,
    *api.ROUTES,
    *mcp.ROUTES,
    *pages.ROUTES,
    *designer.ROUTES,
    *roles.ROUTES,
]
"""Every handler there is; a package of handlers adds its ``ROUTES`` here."""


class Application(Litestar):
    """Litestar behind our shield: its headers are on every answer, whoever made it.

    The routes know nothing of a site: what they answer from is in ``state``, put there by `serve`.
    """

    def serve(self, services: Services, background: Sequence[Background] = ()) -> None:
        """Answer from these services from now on.

        Args:
            services: what the handlers share.
            background: entered when the application starts, left when it stops.
        """
        self.state.services = services
        self.state.background = background
        self.state.shield = Shield(super().__call__, services.settings, services.metrics.answered)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        await self.state.shield(scope, receive, send)


def create_app(
    site: LiveSite,
    settings: Settings,
    keys: Keys,
    *,
    passwords: Passwords | None = None,
    background: Sequence[Background] = (),
) -> Application:
    """Assemble the application that serves a site.

    Args:
        site: what is served.
        settings: checked.
        keys: the installation's secret.
        passwords: None means: measured on this machine.
        background: runs as long as the application.

    Raises:
        UndeclaredRight: a route does not say who may use it.
    """
    app = routed()
    views = Views(load_assets())
    app.serve(make_services(site, settings, keys, passwords or calibrated(), views), background)
    return app


def make_services(
    site: LiveSite, settings: Settings, keys: Keys, passwords: Passwords, views: Views
) -> Services:
    """Put together what the handlers of an application share."""
    return Services(
        site=site,
        settings=settings,
        keys=keys,
        passwords=passwords,
        views=views,
        session_rules=SessionRules(
            idle=timedelta(hours=settings.session_idle_hours),
            absolute=timedelta(days=settings.session_days),
        ),
        sign_ins=ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sign-in"),
        outside=ThreadPoolExecutor(AT_ONCE, thread_name_prefix="outside"),
        provider=Provider(settings, site.clock) if settings.oidc_issuer else None,
        rates=Rates(settings.api_calls_a_minute),
        metrics=Metrics(site),
    )


def routed() -> Application:
    """Assemble the routes: an application that serves nothing yet.

    Raises:
        UndeclaredRight: a route does not say who may use it.
    """
    app = Application(
        # In one router: Litestar 2.25 wraps a handler twice when another one of the same path is
        # registered on the application after it.
        route_handlers=[Router("/", route_handlers=ROUTES)],
        # A chain, each asking for the one before: Litestar starts a group of tasks for
        # dependencies of one handler that do not know of each other.
        dependencies={
            "services": Provide(services_of, sync_to_thread=False),
            "site": Provide(_site, sync_to_thread=False),
            "visitor": Provide(_visitor, sync_to_thread=False),
            "context": Provide(_context, sync_to_thread=False),
        },
        middleware=[Doorkeeper()],
        exception_handlers=HANDLERS,
        request_class=PageRequest,
        request_max_body_size=None,  # ours counts, with a limit of the route and a clear answer
        openapi_config=None,
        logging_config=None,
        lifespan=[_running],
    )
    check_routes(app)
    return app


def _site(services: GivenServices) -> LiveSite:
    return services.site


def _visitor(request: PageRequest, site: GivenSite) -> PageContext:
    found = visitor_of(request)
    if found is None:
        raise RuntimeError("an open route asks who its visitor is")
    return found


def _context(visitor: GivenVisitor) -> Context:
    return visitor.context


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    threads = app.state.services.settings.threads
    handlers = ThreadPoolExecutor(threads, thread_name_prefix="web")
    asyncio.get_running_loop().set_default_executor(handlers)
    managers = [make() for make in app.state.background]
    for manager in managers:
        manager.__enter__()
    try:
        yield
    finally:
        for manager in reversed(managers):
            manager.__exit__(None, None, None)
