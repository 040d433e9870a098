"""Pages: controllers that read a request, make one call and choose a template."""

from typing import Any

from ui.pages import (
    api_docs,
    auth,
    bulk,
    columns,
    exchange,
    listing,
    lookups,
    profile,
    scenes,
)

ROUTES: list[Any] = [
    *api_docs.ROUTES,
    *auth.ROUTES,
    *bulk.ROUTES,
    *columns.ROUTES,
    *exchange.ROUTES,
    *listing.ROUTES,
    *lookups.ROUTES,
    *profile.ROUTES,
    *scenes.ROUTES,
]
"""Every handler of every page; add the ``ROUTES`` of a new module here."""
