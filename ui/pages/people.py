"""What is done with an account: inviting, a new password, copying roles to others."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from engine.access.passwords import check_password
from engine.access.scope import USER
from engine.accounts import (
    COPY_ROLES,
    INVITING,
    RESET,
    account_for,
    invite,
    made_password,
    reset_password,
)
from engine.bulk.order import BulkOrder, order_bulk
from engine.errors import FieldError, InvalidInput
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.errors import field_message
from ui.given import GivenContext, GivenServices, GivenSite, GivenVisitor
from ui.i18n import translate
from ui.page import see_other
from ui.pages.auth import text_of
from ui.pages.forms_read import Form, InputRefused, form_of
from ui.pages.frame import show_dialog
from ui.pages.opened import check_id
from ui.pages.pickers import some_people
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.security.visitor import PageContext
from ui.services import Services

PLACE = "/people/{record_id:int}"
INVALID = 422
SET_ROLES, ROLES, TO = "set_roles", "roles", "to"


@get(f"{PLACE}/{INVITING}", name="people.invite", sync_to_thread=True, right=BY_OBJECT)
def ask_invite(
    request: PageRequest, site: GivenSite, context: GivenContext, record_id: FromPath[int]
) -> Response[Any]:
    """Ask how somebody new is to get in: by a link, or by a first password."""
    with site.read(context) as unit:
        return _ask(request, unit, record_id, INVITING)


@post(
    f"{PLACE}/{INVITING}",
    name="people.invite_do",
    sync_to_thread=True,
    right=BY_OBJECT,
    status_code=200,
)
def submit_invite(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    visitor: GivenVisitor,
    services: GivenServices,
    record_id: FromPath[int],
) -> Response[Any]:
    """Make the link and show it, the only time it can be seen."""
    with site.write(context) as unit:
        secret = invite(unit, record_id)
        at = services.settings.public_url or visitor.reached.origin
        return _ask(request, unit, record_id, INVITING, made=f"{at}/welcome/{secret}")


@get(f"{PLACE}/{RESET}", name="people.reset", sync_to_thread=True, right=BY_OBJECT)
def ask_reset(
    request: PageRequest, site: GivenSite, context: GivenContext, record_id: FromPath[int]
) -> Response[Any]:
    """Ask for a new password; without one, one is made."""
    with site.read(context) as unit:
        return _ask(request, unit, record_id, RESET)


@post(f"{PLACE}/{RESET}", name="people.reset_do", right=BY_OBJECT, status_code=200)
async def submit_reset(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    record_id: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Give the password and show it once; queues with the sign-ins, as it hashes it."""
    work = partial(_submit_reset, request, visitor, services, record_id, dict(data))
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


def _submit_reset(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    record_id: int,
    data: Mapping[str, Any],
) -> Response[Any]:
    typed = text_of(data, "password")
    password = typed or made_password()
    with services.site.write(visitor.context) as unit:
        account = account_for(unit, record_id, RESET)
        about = tuple(str(account.values.get(key) or "") for key in ("mobile", "name"))
    try:
        check_password(password, least=services.settings.password_length, about=about)
    except InvalidInput as error:
        with services.site.write(visitor.context) as unit:
            wrong = field_message(error.errors[0], visitor.language)
            return _ask(request, unit, record_id, RESET, error=wrong)
    hashed = services.passwords.hash(password)
    with services.site.write(visitor.context) as unit:
        reset_password(unit, record_id, hashed)
        return _ask(request, unit, record_id, RESET, made=password)


@get(f"{PLACE}/{COPY_ROLES}", name="people.copy_roles", sync_to_thread=True, right=BY_OBJECT)
def ask_copy(
    request: PageRequest, site: GivenSite, context: GivenContext, record_id: FromPath[int]
) -> Response[Any]:
    """Ask who is to get the same roles."""
    with site.read(context) as unit:
        return _ask_copy(request, unit, record_id)


@post(
    f"{PLACE}/{COPY_ROLES}",
    name="people.copy_roles_do",
    sync_to_thread=True,
    right=BY_OBJECT,
    status_code=303,
)
def submit_copy(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    record_id: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Give the roles to others, in a job: each row passes the rules of setting roles."""
    check_id(USER, record_id)
    sent = form_of(data)
    try:
        with site.write(context) as unit:
            roles = list(account_for(unit, record_id, COPY_ROLES).values.get(ROLES) or ())
            ids = some_people(unit, TO, "").read(unit, sent)
    except InputRefused as refused:
        with site.write(context) as unit:
            return _ask_copy(request, unit, record_id, sent=sent, error=refused.error)
    if not ids:
        with site.write(context) as unit:
            return _ask_copy(request, unit, record_id, sent=sent, error=FieldError(TO, "required"))
    order = BulkOrder(
        object=USER,
        verb=SET_ROLES,
        values={ROLES: roles},
        ids=ids,
        language=context.locale.language,
    )
    return see_other(request, f"/jobs/{order_bulk(site, context, order)}")


def _ask(
    request: PageRequest,
    unit: Unit,
    record_id: int,
    action: str,
    *,
    made: str = "",
    error: str = "",
) -> Response[Any]:
    """Show the dialog; ``made`` is what was made just now and is never seen again."""
    check_id(USER, record_id)
    account = account_for(unit, record_id, action)
    definition = unit.snapshot.object(USER).definition.actions[action]
    label = say(definition.label, unit.context.locale.language)
    name = str(account.values.get("name") or "")
    return show_dialog(
        request,
        unit,
        f"people/_{action}.html",
        title=f"{label} · {name}",
        active=f"/o/{USER}",
        status=INVALID if error else 200,
        headers={"cache-control": "no-store"},
        person=name,
        person_id=record_id,
        button=label,
        made=made,
        error=error,
    )


def _ask_copy(
    request: PageRequest,
    unit: Unit,
    record_id: int,
    *,
    sent: Any = None,
    error: FieldError | None = None,
) -> Response[Any]:
    check_id(USER, record_id)
    account = account_for(unit, record_id, COPY_ROLES)
    language = unit.context.locale.language
    name = str(account.values.get("name") or "")
    options = unit.snapshot.object(USER).field(ROLES).definition.options
    roles = [
        say(options[key].label, language) if key in options else key
        for key in account.values.get(ROLES) or ()
    ]
    label = say(unit.snapshot.object(USER).definition.actions[COPY_ROLES].label, language)
    picker = some_people(unit, TO, translate(language, "people.copy_to"))
    return show_dialog(
        request,
        unit,
        "people/_copy_roles.html",
        title=f"{label} · {name}",
        active=f"/o/{USER}",
        status=INVALID if error else 200,
        person=name,
        person_id=record_id,
        button=label,
        roles=roles,
        control=picker.draw(unit, sent=sent, error=error),
    )


ROUTES = [ask_invite, submit_invite, ask_reset, submit_reset, ask_copy, submit_copy]
