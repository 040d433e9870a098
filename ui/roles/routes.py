"""Every handler of the screen of roles."""

from typing import Any

from ui.roles import making, members, pages

ROUTES: list[Any] = [*pages.ROUTES, *members.ROUTES, *making.ROUTES]
