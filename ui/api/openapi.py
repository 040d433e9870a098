"""OpenAPI 3.1 of the moment: the objects, fields and actions that the caller may use now.

Made from the snapshot, so a field that was published a second ago is in it; composed once per
metadata version, set of roles and language.
"""

from litestar import Response, get

from engine.access.roles import rights_of
from engine.storage.snapshot import Unit
from ui.api.answers import answer
from ui.api.conditional import respond_unless_known
from ui.api.openapi_records import paths_of, schemas_of
from ui.api.openapi_shapes import COMMON, Part
from ui.api.openapi_site import paths_of_site
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN


@get("/openapi.json", right=SIGNED_IN, sync_to_thread=True)
def get_openapi(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[bytes]:
    """Give the document for the caller; 304 to who has it already."""
    actor, language = context.actor, context.locale.language
    with site.read(context) as unit:
        key = ("openapi", actor.superadmin, actor.roles, actor.limits, language)
        stored = unit.snapshot.once(key, lambda: answer(document(unit, language)))
        number = unit.snapshot.number
    return respond_unless_known(request, stored, number)


def document(unit: Unit, language: str) -> Part:
    """Compose the document for the actor of a unit."""
    rights = rights_of(unit)
    schemas: Part = dict(COMMON)
    paths: Part = paths_of_site(rights)
    for key in unit.snapshot.objects:
        if rights.allows(key, "read") or rights.allows(key, "create"):
            bound = unit.snapshot.object(key)
            schemas |= schemas_of(unit, rights, bound, language)
            paths |= paths_of(unit, rights, bound, language)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Heddle", "version": str(unit.snapshot.number)},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


ROUTES = [get_openapi]
