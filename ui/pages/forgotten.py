"""A forgotten password: asked for here, mailed, set here."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody

from engine.access.links import RESET, LinkUsed, is_good
from engine.access.throttle import TooManyAttempts
from engine.errors import FieldError, InvalidInput
from engine.sign_in.resets import ask_reset, reset_password
from metadata.errors import PlatformError
from ui.errors import fault_of, field_message
from ui.given import GivenServices, GivenVisitor
from ui.i18n import translate
from ui.page import page, see_other
from ui.pages.auth import INVALID, text_of
from ui.request import PageRequest
from ui.security.rights import PUBLIC
from ui.security.visitor import PageContext
from ui.services import Services

ASK = "/forgotten"
LINK = "/forgotten/{secret:str}"
SAME = "leads in; says the same whoever asks"
PROOF = "the link is the proof"

Form = URLEncodedBody[dict[str, Any]]


@get(ASK, name="auth.forgotten", sync_to_thread=True, right=PUBLIC, reason=SAME)
def show_forgotten(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices
) -> Response[Any]:
    """Ask for the mobile number; without mail there is nothing to ask for."""
    if visitor.signed_in or not services.settings.mails:
        return see_other(request, "/sign-in")
    return _ask_page(request, visitor)


@post(ASK, name="auth.forgotten.submit", sync_to_thread=True, right=PUBLIC, reason=SAME)
def submit_forgotten(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Order the mail; the answer is the same whether there is anybody to write to."""
    if not services.settings.mails:
        return see_other(request, "/sign-in")
    try:
        ask_reset(services.site, text_of(data, "mobile"), address=visitor.context.address)
    except TooManyAttempts as error:
        return _ask_page(request, visitor, error=error)
    return _ask_page(request, visitor, asked=True)


@get(LINK, name="auth.reset", sync_to_thread=True, right=PUBLIC, reason=PROOF)
def show_reset(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, secret: FromPath[str]
) -> Response[Any]:
    """Ask the holder of the link for a new password; looking does not use it up."""
    with services.site.database.read() as connection:
        if not is_good(connection, secret, RESET, now=visitor.context.now):
            raise LinkUsed
    return _reset_page(request, visitor, services, secret)


@post(LINK, name="auth.reset.submit", right=PUBLIC, reason=PROOF)
async def submit_reset(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    secret: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Set it; queues with the sign-ins, as it hashes a password."""
    work = partial(_reset, request, visitor, services, secret, dict(data))
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


def _reset(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    secret: str,
    data: Mapping[str, Any],
) -> Response[Any]:
    new = text_of(data, "password")
    try:
        if new != text_of(data, "again"):
            raise InvalidInput([FieldError("again", "passwords_differ")])
        reset_password(
            services.site,
            services.passwords,
            secret=secret,
            new=new,
            least=services.settings.password_length,
            address=visitor.context.address,
        )
    except InvalidInput as error:
        wrong = {one.field: field_message(one, visitor.language) for one in error.errors}
        return _reset_page(request, visitor, services, secret, errors=wrong)
    return see_other(request, "/sign-in?reset=done")


def _ask_page(
    request: PageRequest,
    visitor: PageContext,
    *,
    asked: bool = False,
    error: PlatformError | None = None,
) -> Response[Any]:
    fault = fault_of(error, visitor.language) if error is not None else None
    return page(
        request,
        "auth/forgotten.html",
        status=fault.status if fault else 200,
        headers=fault.headers if fault else None,
        has_form=True,
        title=translate(visitor.language, "auth.forgotten_title"),
        asked=asked,
        fault=fault,
    )


def _reset_page(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    secret: str,
    *,
    errors: Mapping[str, str] | None = None,
) -> Response[Any]:
    return page(
        request,
        "auth/reset.html",
        status=INVALID if errors else 200,
        has_form=True,
        title=translate(visitor.language, "profile.password_set"),
        secret=secret,
        errors=errors or {},
        least=services.settings.password_length,
    )


ROUTES = [show_forgotten, submit_forgotten, show_reset, submit_reset]
