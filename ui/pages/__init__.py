"""Pages: controllers that read a request, make one call and choose a template."""

from typing import Any

from ui.pages import api_docs, auth, exchange, profile

ROUTES: list[Any] = [*api_docs.ROUTES, *auth.ROUTES, *exchange.ROUTES, *profile.ROUTES]
"""Every handler of every page; add the ``ROUTES`` of a new module here."""
