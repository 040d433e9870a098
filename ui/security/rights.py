"""What each route demands. A route that declares nothing stops the start."""

from collections.abc import Iterator
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

OPEN = "open"
"""Nobody is asked who he is, no session is read: files, health."""
PUBLIC = "public"
"""Anybody, signed in or not: the pages that lead to a session."""
SIGNED_IN = "signed_in"
"""Anybody who is signed in; concerns his own things."""
BY_OBJECT = "by_object"
"""Signed in; the gateways ask the right for the object, the action and the record."""
ADMIN = "admin:"
"""`ADMIN` + a right of roles' ``admin``, such as ``admin:metadata``."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

# More that the options of a handler may say.
OWN = "own"
"""A person's own account: closed to whoever looks through his eyes."""
EARLY = "early"
"""Open to somebody who must set up a second factor before anything else."""
IN_VIEW = "in_view"
"""Changes something, but not for the person through whose eyes one looks."""


class UndeclaredRight(RuntimeError):
    """Routes without a declared right, or without the reason that a public one needs."""


def route_handlers(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Give every handler with its path, but those that the framework adds for OPTIONS."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            raise UndeclaredRight(f"{route.path}: only HTTP routes can be guarded")
        for handler in route.route_handlers:
            if handler.http_methods != {"OPTIONS"}:
                yield route.path, handler


def declared(opt: dict[str, Any]) -> str:
    """Give the right that the options of a handler declare; "" when they do not say it well."""
    right = opt.get("right", "")
    if right in {OPEN, PUBLIC}:
        return right if opt.get("reason") else ""
    if right in {SIGNED_IN, BY_OBJECT} or (right.startswith(ADMIN) and right != ADMIN):
        return str(right)
    return ""


def check_routes(app: Litestar) -> None:
    """Refuse to start with a route that declares no right.

    Raises:
        UndeclaredRight: lists all of them.
    """
    missing = [
        f"{'/'.join(sorted(handler.http_methods))} {path}"
        for path, handler in route_handlers(app)
        if not declared(dict(handler.opt))
    ]
    if missing:
        raise UndeclaredRight("no right declared for: " + ", ".join(missing))
