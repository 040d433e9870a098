"""Actions on a record by API: ``POST …/{id}/actions/{action}``, as its metadata grants them."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response, post
from litestar.params import FromPath, RawBody

from engine.access.idempotency import Answer
from engine.access.roles import rights_of
from engine.personal.stars import add_star, remove_star
from engine.records.act import act
from engine.records.read import get
from engine.records.restore import restore
from engine.storage.snapshot import Unit
from ui.api.answers import body_of, only, write_once
from ui.api.conditional import version_asked
from ui.api.records import RECORD, record_answer
from ui.given import GivenContext, GivenSite
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

Verb = Callable[[Unit, str, int, Mapping[str, Any]], None]
"""Does an action of one record; the last argument is the action's form."""


def _restore(unit: Unit, object_key: str, record_id: int, form: Mapping[str, Any]) -> None:
    only(form)
    restore(unit, object_key, record_id)


def _star(unit: Unit, object_key: str, record_id: int, form: Mapping[str, Any]) -> None:
    only(form)
    get(unit, object_key, record_id, ("id",))
    add_star(unit, object_key, record_id)


def _unstar(unit: Unit, object_key: str, record_id: int, form: Mapping[str, Any]) -> None:
    only(form)
    get(unit, object_key, record_id, ("id",))
    remove_star(unit, object_key, record_id)


VERBS: dict[str, Verb] = {"restore": _restore, "star": _star, "unstar": _unstar}
"""Action of any object -> what does it. Those that an object declares are done by `act`."""


def do_action(
    unit: Unit,
    place: tuple[str, int, str],
    form: Mapping[str, Any],
    *,
    version: int | None = None,
) -> None:
    """Do an action of a record, whether every object has it or its document declares it.

    Args:
        unit: the transaction.
        place: the object, the record and the action.
        form: what the action asks for.
        version: the version that the caller saw, if he says so.
    """
    object_key, record_id, action_key = place
    rights_of(unit).require(object_key, action_key)
    if action_key in VERBS:
        VERBS[action_key](unit, object_key, record_id, form)
    else:
        act(unit, object_key, record_id, action_key, form, version=version)


@post(
    f"{RECORD}/actions/{{action_key:str}}", right=BY_OBJECT, sync_to_thread=True, status_code=200
)
def post_action(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    action_key: FromPath[str],
    body: RawBody,
) -> Response[bytes]:
    """Do an action of a record; the body is the action's form. Answers the record after it.

    ``If-Match`` or ``version`` in the body says from which version; neither is needed.
    """
    form = body_of(body)
    values = dict(form)
    version = version_asked(request, values.pop("version", None))

    def work(unit: Unit) -> Answer:
        place = (object_key, record_id, action_key)
        do_action(unit, place, form if action_key in VERBS else values, version=version)
        return record_answer(unit, object_key, record_id)

    return write_once(request, site, context, form, work)


ROUTES = [post_action]
