"""For whoever watches the server: is it alive, can it work."""

import logging

from litestar import Request, Response, get
from litestar.datastructures import State

from engine.context import SYSTEM, Context
from ui.metrics import METRICS, TEXT
from ui.security.rights import ADMIN, OPEN
from ui.services import Services

READY, NOT_READY = 200, 503
log = logging.getLogger("heddle.web")


@get(
    "/health",
    name="health",
    sync_to_thread=False,
    right=OPEN,
    reason="tells only that the process answers",
    include_in_schema=False,
)
def health() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "ok"}


@get(
    "/ready",
    name="ready",
    sync_to_thread=True,
    right=OPEN,
    reason="load balancers ask it; tells the number of the metadata version and nothing else",
    include_in_schema=False,
)
def ready(request: Request[None, None, State]) -> Response[dict[str, str | int]]:
    """Tell whether the database answers and the published version is served."""
    services: Services = request.app.state.services
    site = services.site
    try:
        with site.read(Context(actor=SYSTEM, now=site.clock())) as unit:
            version = unit.snapshot.number
    except Exception:
        log.exception("not ready")
        return Response({"status": "no_database"}, status_code=NOT_READY)
    if site.problem or not version:
        return Response({"status": "no_metadata"}, status_code=NOT_READY)
    return Response({"status": "ok", "metadata_version": version}, status_code=READY)


@get(
    METRICS,
    name="metrics",
    sync_to_thread=True,
    right=f"{ADMIN}system_log",
    include_in_schema=False,
)
def metrics(request: Request[None, None, State]) -> Response[bytes]:
    """Tell Prometheus what this process counted, and how much waits."""
    services: Services = request.app.state.services
    return Response(services.metrics.text(), media_type=TEXT)


ROUTES = [health, ready, metrics]
