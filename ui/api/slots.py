"""The departments that a role was given: chosen here, since documents name none."""

from typing import Any

from litestar import Response, get, put
from litestar.params import FromPath, JSONBody

from engine.access.idempotency import Answer
from engine.errors import FieldError, InvalidInput
from engine.query.names import names_of
from engine.query.organisation import DEPARTMENT
from engine.records.slots import RIGHT, choose_departments, chosen_departments
from engine.storage.snapshot import Unit
from ui.api.answers import answer, mapping_of, respond, write_once
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import ADMIN

PATH = "/roles/{role_key:str}/departments"


@get(PATH, right=ADMIN + RIGHT, sync_to_thread=True)
def get_departments(
    site: GivenSite, context: GivenContext, role_key: FromPath[str]
) -> Response[bytes]:
    """List the departments that the scope ``chosen_departments`` of a role reaches."""
    with site.read(context) as unit:
        body = _body(unit, chosen_departments(unit, role_key))
    return respond(answer(body))


@put(PATH, right=ADMIN + RIGHT, sync_to_thread=True)
def put_departments(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    role_key: FromPath[str],
    data: JSONBody[Any],
) -> Response[bytes]:
    """Choose them anew; it holds at once."""
    ids = mapping_of(data).get("departments")
    if not isinstance(ids, list) or not all(type(one) is int for one in ids):
        raise InvalidInput([FieldError("departments", "not_whole_numbers")])

    def work(unit: Unit) -> Answer:
        return answer(_body(unit, choose_departments(unit, role_key, ids)))

    return write_once(request, site, context, data, work)


def _body(unit: Unit, ids: list[int]) -> dict[str, Any]:
    names = names_of(unit, {(DEPARTMENT, one) for one in ids})
    items = [{"id": one, "label": names.get((DEPARTMENT, one), f"#{one}")} for one in ids]
    return {"items": items}


ROUTES = [get_departments, put_departments]
