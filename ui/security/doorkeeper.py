"""The middleware before each handler: body limit, visitor, right of the route, CSRF."""

from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.enums import ScopeType
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from ui.request import PageRequest
from ui.security.body import limited
from ui.security.csrf import check_csrf
from ui.security.rights import OPEN, SAFE, declared
from ui.security.visitor import find_visitor, is_api
from ui.services import Services

UPLOAD = "upload"
"""``body="upload"`` in a handler's options: the larger limit holds."""


LARGEST = 2**63 - 1


class Doorkeeper(ASGIMiddleware):
    """Lets in whom the route's declared right admits; without one, nobody."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Check one request, then hand it on."""
        opt: dict[str, Any] = dict(scope["route_handler"].opt)
        right = declared(opt)
        if not right:
            raise MethodNotAllowedException
        if any(
            isinstance(one, int) and abs(one) > LARGEST for one in scope["path_params"].values()
        ):
            raise NotFoundException  # no database could hold a record of that number
        services: Services = scope["litestar_app"].state.services
        settings = services.settings
        most = settings.max_upload if opt.get("body") == UPLOAD else settings.max_json
        counted = limited(scope, receive, most)
        if right != OPEN:
            visitor = await sync_to_thread(find_visitor, scope, right, services)
            scope["state"]["visitor"] = visitor
            if scope.get("method") not in SAFE and not is_api(scope["path"]):
                await check_csrf(PageRequest(scope, counted, send), visitor, settings)
        await next_app(scope, counted, send)
