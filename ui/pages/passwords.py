"""Choosing a password of one's own: by an invitation, or because somebody else chose the last."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from engine.access.accounts import set_password
from engine.access.actors import read_person
from engine.access.passwords import check_password
from engine.accounts import accept_invitation, invited_person
from engine.audit.deeds import log_deed
from engine.errors import FieldError, InvalidInput
from ui.errors import field_message
from ui.given import GivenServices, GivenVisitor
from ui.i18n import translate
from ui.page import page, see_other
from ui.pages.auth import Form, enter, origin_of, require_safe, text_of
from ui.request import PageRequest
from ui.security.gates import RENEWAL
from ui.security.rights import PUBLIC, SIGNED_IN
from ui.security.visitor import PageContext
from ui.services import Services

WELCOME = "/welcome/{secret:str}"
INVALID = 422


@get(
    WELCOME, name="auth.welcome", sync_to_thread=True, right=PUBLIC, reason="the link is the proof"
)
def show_welcome(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    secret: FromPath[str],
) -> Response[Any]:
    """Welcome somebody who was invited; looking at it does not use the link up."""
    person = invited_person(services.site, secret)
    return _welcome(request, visitor, services, secret, person.name)


@post(WELCOME, name="auth.welcome_do", right=PUBLIC, reason="the link is the proof")
async def submit_welcome(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    secret: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Take the account up; queues with the sign-ins, as it hashes a password too."""
    work = partial(_submit_welcome, request, visitor, services, secret, dict(data))
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


def _submit_welcome(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    secret: str,
    data: Mapping[str, Any],
) -> Response[Any]:
    require_safe(visitor, services)
    person, name = invited_person(services.site, secret), text_of(data, "name").strip()
    try:
        password = _chosen(services, data, (person.mobile, name))
        opened = accept_invitation(
            services.site,
            secret,
            name,
            services.passwords.hash(password),
            services.session_rules,
            origin_of(request, visitor),
        )
    except InvalidInput as error:
        return _welcome(request, visitor, services, secret, name, error=error)
    return enter(request, visitor, services, opened, "/")


@get(
    RENEWAL,
    name="profile.new_password",
    sync_to_thread=True,
    right=SIGNED_IN,
    own=True,
    early=True,
)
def show_new_password(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices
) -> Response[Any]:
    """Ask for a new password before anything else."""
    if visitor.session is None or not visitor.session.must_change:
        return see_other(request, "/")
    return _new_password(request, visitor, services)


@post(RENEWAL, name="profile.new_password_do", right=SIGNED_IN, own=True, early=True)
async def submit_new_password(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Store it; queues with the sign-ins."""
    work = partial(_submit_new_password, request, visitor, services, dict(data))
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


def _submit_new_password(
    request: PageRequest, visitor: PageContext, services: Services, data: Mapping[str, Any]
) -> Response[Any]:
    session, actor = visitor.session, visitor.actor
    if session is None or actor.user_id is None or not session.must_change:
        return see_other(request, "/")
    with services.site.read(visitor.context) as unit:
        person = read_person(unit.connection, unit.snapshot, actor.user_id)
    try:
        password = _chosen(services, data, (person.mobile if person else "", actor.name))
    except InvalidInput as error:
        return _new_password(request, visitor, services, error=error)
    hashed = services.passwords.hash(password)
    with services.site.database.write() as connection:
        now = visitor.context.now
        set_password(connection, actor.user_id, hashed, now=now, keep_session=session.id_hash)
        log_deed(connection, visitor.context, "password.changed", actor.name)
    return see_other(request, "/")


def _chosen(services: Services, data: Mapping[str, Any], about: tuple[str, ...]) -> str:
    """Give the password that was typed twice.

    Raises:
        InvalidInput: it will not do, or the two differ.
    """
    password = text_of(data, "password")
    if password != text_of(data, "again"):
        raise InvalidInput([FieldError("again", "passwords_differ")])
    check_password(password, least=services.settings.password_length, about=about)
    return password


def _welcome(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    secret: str,
    name: str,
    *,
    error: InvalidInput | None = None,
) -> Response[Any]:
    language = visitor.language
    return _page(
        request,
        services,
        language,
        error,
        address=f"/welcome/{secret}",
        heading=translate(language, "people.welcome"),
        help=translate(language, "people.welcome_help"),
        name=name,
    )


def _new_password(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    *,
    error: InvalidInput | None = None,
) -> Response[Any]:
    language = visitor.language
    return _page(
        request,
        services,
        language,
        error,
        address=RENEWAL,
        heading=translate(language, "people.new_password"),
        help=translate(language, "people.new_password_help"),
        name=None,
    )


def _page(
    request: PageRequest,
    services: Services,
    language: str,
    error: InvalidInput | None,
    **context: Any,
) -> Response[Any]:
    wrong = {one.field: field_message(one, language) for one in (error.errors if error else ())}
    return page(
        request,
        "people/password.html",
        status=INVALID if wrong else 200,
        headers={"cache-control": "no-store"},
        has_form=True,
        errors=wrong,
        least=services.settings.password_length,
        **context,
    )


ROUTES = [show_welcome, submit_welcome, show_new_password, submit_new_password]
