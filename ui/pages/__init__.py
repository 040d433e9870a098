"""Pages: controllers that read a request, make one call and choose a template."""

from typing import Any

from ui.pages import auth, profile

ROUTES: list[Any] = [*auth.ROUTES, *profile.ROUTES]
"""Every handler of every page; add the ``ROUTES`` of a new module here."""
