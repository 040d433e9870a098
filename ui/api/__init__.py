"""The HTTP API: one set of routes for every object, generated from the published metadata."""

from litestar import Router

from ui.api import (
    access,
    actions,
    aggregate,
    bulk,
    exchange,
    files,
    logs,
    me,
    metadata,
    objects,
    openapi,
    packs,
    records,
    related,
    search,
    slots,
    team,
    webhooks,
)

ROUTES = [
    Router(
        "/api/v1",
        route_handlers=[
            *bulk.ROUTES,
            *access.ROUTES,
            *actions.ROUTES,
            *aggregate.ROUTES,
            *exchange.ROUTES,
            *files.ROUTES,
            *logs.ROUTES,
            *me.ROUTES,
            *metadata.ROUTES,
            *objects.ROUTES,
            *openapi.ROUTES,
            *packs.ROUTES,
            *records.ROUTES,
            *related.ROUTES,
            *search.ROUTES,
            *slots.ROUTES,
            *team.ROUTES,
            *webhooks.ROUTES,
        ],
    )
]
