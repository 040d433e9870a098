"""Pages: controllers that read a request, make one call and choose a template."""

from typing import Any

from ui.pages import (
    api_docs,
    auth,
    bin,
    bulk,
    columns,
    confirm,
    exchange,
    forms,
    home,
    listing,
    lookups,
    profile,
    record,
    scenes,
    search,
    values,
)

ROUTES: list[Any] = [
    *api_docs.ROUTES,
    *auth.ROUTES,
    *bin.ROUTES,
    *bulk.ROUTES,
    *columns.ROUTES,
    *confirm.ROUTES,
    *exchange.ROUTES,
    *forms.ROUTES,
    *home.ROUTES,
    *listing.ROUTES,
    *lookups.ROUTES,
    *profile.ROUTES,
    *record.ROUTES,
    *scenes.ROUTES,
    *search.ROUTES,
    *values.ROUTES,
]
"""Every handler of every page; add the ``ROUTES`` of a new module here."""
