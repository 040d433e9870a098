"""Built files: each has a hash of its content in its name, so browsers may keep it for ever."""

from pathlib import Path

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from ui.security.headers import FOR_EVER
from ui.security.rights import OPEN
from ui.services import Services

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
COMPRESSED = frozenset({".js", ".css", ".svg", ".json"})


@get(
    "/static/{name:str}",
    name="static",
    sync_to_thread=True,
    right=OPEN,
    reason="style, scripts and icons hold no data and are needed before sign-in",
    include_in_schema=False,
)
def static_file(request: Request[None, None, State], name: FromPath[str]) -> Response[bytes]:
    """Give a built file."""
    services: Services = request.app.state.services
    assets = services.views.assets
    suffix = Path(name).suffix
    packed = suffix in COMPRESSED and "gzip" in request.headers.get("accept-encoding", "")
    body = assets.read(name, packed=packed)
    if body is None or suffix not in MEDIA_TYPES:
        raise NotFoundException
    headers = {"cache-control": FOR_EVER, "vary": "Accept-Encoding"}
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(body, media_type=MEDIA_TYPES[suffix], headers=headers)


ROUTES = [static_file]
