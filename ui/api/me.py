"""The caller: who the token speaks for."""

from litestar import Response, get

from engine.access.roles import rights_of
from engine.personal.stars import starred_everywhere
from engine.records.find import look_up
from metadata.model import say
from ui.api.answers import answer, respond
from ui.given import GivenContext, GivenSite
from ui.security.rights import SIGNED_IN


@get("/me", right=SIGNED_IN, sync_to_thread=True)
def get_me(site: GivenSite, context: GivenContext) -> Response[bytes]:
    """Give the caller's name, roles and the actions granted to him."""
    language = context.locale.language
    with site.read(context) as unit:
        rights = rights_of(unit)
        roles = unit.snapshot.site.roles
        body = {
            "id": context.actor.user_id,
            "name": context.actor.name,
            "superadmin": context.actor.superadmin,
            "department": context.actor.department_id,
            "language": language,
            "roles": [
                {"key": key, "label": say(roles[key].label, language)}
                for key in sorted(context.actor.roles)
                if key in roles
            ],
            "objects": {key: list(rights.actions(key)) for key in rights.objects()},
            "metadata_version": unit.snapshot.number,
        }
    return respond(answer(body))


@get("/me/stars", right=SIGNED_IN, sync_to_thread=True)
def get_my_stars(site: GivenSite, context: GivenContext) -> Response[bytes]:
    """Give the records that the caller has starred, the newest star of each object first."""
    with site.read(context) as unit:
        places = [(key, number) for key, ids in starred_everywhere(unit).items() for number in ids]
        items = [
            {"object": hit.object, "id": hit.id, "label": hit.label}
            for hit in look_up(unit, places)
        ]
    return respond(answer({"items": items}))


ROUTES = [get_me, get_my_stars]
