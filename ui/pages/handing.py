"""Handing over: who gets what somebody has, or who gets the account itself."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote_plus

from litestar import Response, get, post
from litestar.params import FromPath

from engine.access.passwords import check_password
from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.accounts import HAND_OVER, PassedOn, account_for, made_password, pass_on
from engine.bulk.hand_over import LINKS, holdings
from engine.errors import FieldError, InvalidInput
from engine.fields.base import Label
from engine.handing import order_hand_over
from engine.records.labels import labels_of
from engine.records.ownership import OWNER
from engine.storage.snapshot import Unit
from metadata.conditions import Test
from metadata.model import say
from ui.errors import field_message
from ui.given import GivenContext, GivenServices, GivenSite, GivenVisitor
from ui.i18n import translate
from ui.page import see_other
from ui.pages.auth import text_of
from ui.pages.forms_read import Form, InputRefused, form_of
from ui.pages.frame import show
from ui.pages.list_state import write_condition
from ui.pages.opened import check_id
from ui.pages.pickers import one_person
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.security.visitor import PageContext
from ui.services import Services
from ui.widgets.base import Control
from ui.widgets.base import Form as Filled

PLACE = "/people/{record_id:int}/" + HAND_OVER
PASSING = "/people/{record_id:int}/pass_on"
EVERYTHING = "everything"
INVALID = 422


@dataclass(frozen=True, slots=True)
class HoldingView:
    """What somebody has of one object; ``url`` leads to the list of it, "" out of reach."""

    label: str
    count: str
    url: str
    control: Control


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What was sent, and what is wrong with it: control or field -> fault."""

    sent: Filled | None = None
    errors: Mapping[str, FieldError] | None = None
    passing: Mapping[str, str] | None = None
    made: str = ""

    def error(self, name: str) -> FieldError | None:
        """Give what is wrong with one."""
        return (self.errors or {}).get(name)


NOTHING = Entered()


@get(PLACE, name="people.hand_over", sync_to_thread=True, right=BY_OBJECT)
def ask_hand_over(
    request: PageRequest, site: GivenSite, context: GivenContext, record_id: FromPath[int]
) -> Response[Any]:
    """Show what somebody has, object by object, and ask who gets it."""
    with site.read(context) as unit:
        return _show(request, unit, record_id, NOTHING)


@post(PLACE, name="people.hand_over_do", sync_to_thread=True, right=BY_OBJECT, status_code=303)
def submit_hand_over(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    record_id: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Order the hand-over; goes to its job."""
    check_id(USER, record_id)
    sent = form_of(data)
    try:
        with site.write(context) as unit:
            number = order_hand_over(unit, record_id, _receivers(unit, record_id, sent))
    except (InvalidInput, InputRefused) as refused:
        found = refused.errors if isinstance(refused, InvalidInput) else (refused.error,)
        errors = {one.field or EVERYTHING: one for one in found}
        with site.write(context) as unit:
            return _show(request, unit, record_id, Entered(sent=sent, errors=errors))
    site.job_bell.set()
    return see_other(request, f"/jobs/{number}")


@post(PASSING, name="people.pass_on", right=BY_OBJECT, status_code=200)
async def submit_pass_on(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    record_id: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Pass the account itself on; queues with the sign-ins, as it hashes a password."""
    work = partial(_pass_on, request, visitor, services, record_id, dict(data))
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


def _pass_on(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    record_id: int,
    data: Mapping[str, Any],
) -> Response[Any]:
    check_id(USER, record_id)
    name, mobile = text_of(data, "name").strip(), text_of(data, "mobile").strip()
    typed = {"name": name, "mobile": mobile}
    site, password = services.site, made_password()
    try:
        with site.write(visitor.context) as unit:
            account_for(unit, record_id, HAND_OVER)
        least = services.settings.password_length
        check_password(password, least=min(least, len(password)))
        hashed = services.passwords.hash(password)
        with site.write(visitor.context) as unit:
            pass_on(unit, record_id, PassedOn(name=name, mobile=mobile, hashed=hashed))
            return _show(request, unit, record_id, Entered(made=password))
    except InvalidInput as refused:
        errors = {one.field: one for one in refused.errors}
        with site.write(visitor.context) as unit:
            return _show(request, unit, record_id, Entered(passing=typed, errors=errors))


def _receivers(unit: Unit, record_id: int, sent: Filled) -> dict[str, int | None]:
    """Give who gets what: what has nobody of its own goes to whoever gets everything."""
    everything = one_person(unit, EVERYTHING, "").read(unit, sent)
    found: dict[str, int | None] = {}
    for one in holdings(unit, record_id):
        chosen = one_person(unit, one.object, "").read(unit, sent) or everything
        if chosen:
            found[one.object] = chosen[0]
    if not found:
        raise InvalidInput([FieldError(EVERYTHING, "required")])
    return found


def _show(request: PageRequest, unit: Unit, record_id: int, entered: Entered) -> Response[Any]:
    check_id(USER, record_id)
    account = account_for(unit, record_id, HAND_OVER)
    language = unit.context.locale.language
    name = str(account.values.get("name") or "")
    views = tuple(
        _holding(unit, record_id, one.object, one.count, entered)
        for one in holdings(unit, record_id)
    )
    everybody = one_person(unit, EVERYTHING, translate(language, "handing.everything"))
    wrong = {field: field_message(one, language) for field, one in (entered.errors or {}).items()}
    label = say(unit.snapshot.object(USER).definition.actions[HAND_OVER].label, language)
    return show(
        request,
        unit,
        "people/hand_over.html",
        title=f"{label} · {name}",
        active=f"/o/{USER}",
        status=INVALID if wrong else 200,
        headers={"cache-control": "no-store"},
        person=name,
        person_id=record_id,
        holdings=views,
        everything=everybody.draw(unit, sent=entered.sent, error=entered.error(EVERYTHING)),
        passing=entered.passing or {},
        errors=wrong,
        made=entered.made,
    )


def _holding(unit: Unit, record_id: int, key: str, count: int, entered: Entered) -> HoldingView:
    """Show what somebody has of one object; his reports go to his manager unless one says."""
    language = unit.context.locale.language
    definition = unit.snapshot.object(key).definition
    label = say(definition.plural, language)
    if key in LINKS:
        label = translate(language, f"handing.{key}")
    stored = None
    if key == USER and entered.sent is None:
        account = account_for(unit, record_id, HAND_OVER)
        upper = account.values.get(LINKS[USER])
        if upper is not None:
            name = labels_of(unit, [(USER, upper)]).get((USER, upper), "")
            stored = Label(upper, name)
    picker = one_person(unit, key, translate(language, "handing.receiver", name=label))
    control = picker.draw(unit, sent=entered.sent, stored=stored, error=entered.error(key))
    return HoldingView(label, f"{count:,}", _list_of(unit, key, record_id), control)


def _list_of(unit: Unit, key: str, record_id: int) -> str:
    rights = rights_of(unit)
    field = LINKS.get(key, OWNER)
    if not rights.allows(key, "read_list") or rights.field_level(key, field) == "hidden":
        return ""
    return f"/o/{key}?where={quote_plus(write_condition(Test(field, 'eq', record_id)))}"


ROUTES = [ask_hand_over, submit_hand_over, submit_pass_on]
