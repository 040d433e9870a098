"""Pages: controllers that read a request, make one call and choose a template."""

from typing import Any

from ui.pages import (
    acting,
    api_docs,
    auth,
    bin,
    bulk,
    columns,
    deletion,
    exchange,
    field_edit,
    files,
    filter_groups,
    forms,
    home,
    line_live,
    listing,
    live,
    lookups,
    peek,
    profile,
    record,
    scenes,
    search,
)

ROUTES: list[Any] = [
    *acting.ROUTES,
    *api_docs.ROUTES,
    *auth.ROUTES,
    *bin.ROUTES,
    *bulk.ROUTES,
    *columns.ROUTES,
    *deletion.ROUTES,
    *exchange.ROUTES,
    *field_edit.ROUTES,
    *files.ROUTES,
    *filter_groups.ROUTES,
    *forms.ROUTES,
    *home.ROUTES,
    *listing.ROUTES,
    *line_live.ROUTES,
    *live.ROUTES,
    *lookups.ROUTES,
    *peek.ROUTES,
    *profile.ROUTES,
    *record.ROUTES,
    *scenes.ROUTES,
    *search.ROUTES,
]
"""Every handler of every page; add the ``ROUTES`` of a new module here."""
