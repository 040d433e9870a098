"""Set-up, sign-in, one-time links, sign-out: the ways to a session and out of it."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from engine.access.accounts import Origin, WrongCredentials
from engine.access.links import SET_UP, LinkUsed, is_good
from engine.access.passwords import check_password
from engine.access.throttle import TooManyAttempts
from engine.errors import InvalidInput
from engine.people import NewPerson, NotPlaced, company_name, make_first_admin
from engine.sign_in.opening import Entered, SecondStep, sign_in, sign_in_by_link, sign_out
from metadata.errors import PlatformError
from ui.errors import fault_of, field_message
from ui.given import GivenServices, GivenVisitor
from ui.i18n import LANGUAGES, translate
from ui.page import page, see_other
from ui.request import PageRequest
from ui.security.cookies import (
    LANGUAGE,
    SESSION,
    STEP,
    VISITOR,
    choice_cookie,
    cookie_name,
    may_sign_in,
    private_cookie,
)
from ui.security.rights import PUBLIC, SIGNED_IN
from ui.security.visitor import PageContext
from ui.services import Services

T = TypeVar("T")
SECONDS_OF_DAY = 86400
INVALID = 422
CODE = "/sign-in/code"

Form = URLEncodedBody[dict[str, Any]]


class InsecureConnection(PlatformError):
    """Signing in over plain http from another machine, which no setting allows."""

    code = "insecure_connection"
    status = 403


@get("/sign-in", name="auth.sign_in", sync_to_thread=True, right=PUBLIC, reason="leads in")
def show_sign_in(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    language: FromQuery[str] = "",
) -> Response[Any]:
    """Show the sign-in page; ``?language=`` changes its language and is remembered."""
    target = safe_target(request.query_params.get("next", "/"))
    if language in LANGUAGES:
        cookie = choice_cookie(LANGUAGE, language, visitor.reached)
        return see_other(request, sign_in_address(target), cookies=[cookie])
    if services.closed.on:
        return see_other(request, "/set-up")
    if visitor.signed_in:
        return see_other(request, target)
    return sign_in_page(request, services, visitor, target)


@post("/sign-in", name="auth.sign_in.submit", right=PUBLIC, reason="leads in")
async def submit_sign_in(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    data: Form,
) -> Response[Any]:
    """Sign in. Asynchronous, unlike other handlers, to queue for `Services.sign_ins`."""
    return await _queued(
        services, partial(_submit_sign_in, request, visitor, services, dict(data))
    )


def _submit_sign_in(
    request: PageRequest, visitor: PageContext, services: Services, data: Mapping[str, Any]
) -> Response[Any]:
    require_safe(visitor, services)
    target = safe_target(text_of(data, "next"))
    mobile = text_of(data, "mobile").strip()
    try:
        opened = sign_in(
            services.site,
            services.passwords,
            services.session_rules,
            mobile=mobile,
            password=text_of(data, "password"),
            origin=origin_of(request, visitor),
        )
    except (WrongCredentials, TooManyAttempts, NotPlaced) as error:
        return sign_in_page(request, services, visitor, target, mobile=mobile, error=error)
    return enter(request, visitor, services, opened, target)


@get(
    "/sign-in/link/{secret:str}",
    name="auth.link",
    sync_to_thread=True,
    right=PUBLIC,
    reason="the link is the proof",
)
def use_sign_in_link(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    secret: FromPath[str],
) -> Response[Any]:
    """Sign in by a one-time link; a browser that only looks ahead does not use it up."""
    ahead = request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
    if "prefetch" in ahead:
        return Response(None, status_code=204)
    require_safe(visitor, services)
    try:
        opened = sign_in_by_link(
            services.site,
            services.session_rules,
            secret=secret,
            origin=origin_of(request, visitor),
        )
    except LinkUsed:
        if visitor.signed_in:
            return see_other(request, "/")
        raise
    return enter(request, visitor, services, opened, "/")


@post(
    "/sign-out",
    name="auth.sign_out",
    sync_to_thread=True,
    right=SIGNED_IN,
    early=True,
    in_view=True,
)
def submit_sign_out(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
) -> Response[Any]:
    """End this session."""
    if visitor.session is not None:
        sign_out(services.site, visitor.session, origin_of(request, visitor))
    gone = private_cookie(SESSION, "", visitor.reached)
    return see_other(request, "/sign-in", cookies=[gone])


@get("/set-up", name="auth.closed", sync_to_thread=True, right=PUBLIC, reason="tells what to do")
def show_closed(request: PageRequest, services: GivenServices) -> Response[Any]:
    """Tell where the set-up link is found; everything else is closed until it was used."""
    if not services.closed.on:
        return see_other(request, "/")
    return page(request, "auth/closed.html")


@get(
    "/set-up/{secret:str}",
    name="auth.set_up",
    sync_to_thread=True,
    right=PUBLIC,
    reason="the link is the proof",
)
def show_set_up(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    secret: FromPath[str],
) -> Response[Any]:
    """Show the set-up page to the holder of the link."""
    if not services.closed.on:
        return see_other(request, "/")
    with services.site.database.read() as connection:
        if not is_good(connection, secret, SET_UP, now=visitor.context.now):
            raise LinkUsed
    return _set_up_page(request, services, secret, {})


@post(
    "/set-up/{secret:str}",
    name="auth.set_up.submit",
    right=PUBLIC,
    reason="the link is the proof",
)
async def submit_set_up(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    secret: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Make the first administrator; queues with the sign-ins, as it hashes a password too."""
    work = partial(_submit_set_up, request, visitor, services, secret, dict(data))
    return await _queued(services, work)


def _submit_set_up(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    secret: str,
    data: Mapping[str, Any],
) -> Response[Any]:
    name, mobile = text_of(data, "name").strip(), text_of(data, "mobile").strip()
    password = text_of(data, "password")
    try:
        with services.site.database.read() as connection:
            if not is_good(connection, secret, SET_UP, now=visitor.context.now):
                raise LinkUsed
        check_password(password, least=services.settings.password_length, about=(mobile, name))
        make_first_admin(
            services.site,
            new=NewPerson(name=name, mobile=mobile),
            hashed=services.passwords.hash(password),
            root_department=translate(visitor.language, "people.root_department"),
            company=text_of(data, "company").strip()[:100],
            link=secret,
        )
    except InvalidInput as error:
        shown = {one.field: field_message(one, visitor.language) for one in error.errors}
        return _set_up_page(request, services, secret, data, errors=shown)
    services.closed.on = False
    if not may_sign_in(visitor.reached, services.settings):
        return see_other(request, "/sign-in")
    return _submit_sign_in(request, visitor, services, {**data, "next": "/"})


def safe_target(given: str) -> str:
    """Give an address of ours to go on to; anything else leads to the first page."""
    inside = given.startswith("/") and not given.startswith(("//", "/\\"))
    return given if inside and given.isprintable() else "/"


def sign_in_address(target: str) -> str:
    """Give the address of the sign-in page that goes on to ``target``."""
    return "/sign-in" if target == "/" else f"/sign-in?next={quote(target)}"


def text_of(data: Mapping[str, Any], name: str) -> str:
    """Give a text of a form; "" for anything else."""
    found = data.get(name, "")
    return found if isinstance(found, str) else ""


def origin_of(request: PageRequest, visitor: PageContext) -> Origin:
    """Tell where a request came from, for the log."""
    return Origin(visitor.context.address, request.headers.get("user-agent", ""))


def enter(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    entered: Entered,
    target: str,
) -> Response[Any]:
    """Go on to ``target`` with the session that was opened, or to the second step."""
    if isinstance(entered, SecondStep):
        step = private_cookie(STEP, entered.secret, visitor.reached)
        onward = CODE if target == "/" else f"{CODE}?next={quote(target)}"
        return see_other(request, onward, cookies=[step])
    lasts = services.settings.session_days * SECONDS_OF_DAY
    cookies = [private_cookie(SESSION, entered.secret, visitor.reached, max_age=lasts)]
    for base in (VISITOR, STEP):
        if cookie_name(base, visitor.reached) in request.cookies:
            cookies.append(private_cookie(base, "", visitor.reached))
    return see_other(request, target, cookies=cookies)


def sign_in_page(
    request: PageRequest,
    services: Services,
    visitor: PageContext,
    target: str,
    *,
    mobile: str = "",
    error: PlatformError | None = None,
) -> Response[Any]:
    """Show the sign-in page, with what went wrong."""
    with services.site.database.read() as connection:
        company = company_name(connection)
    fault = fault_of(error, visitor.language) if error is not None else None
    return page(
        request,
        "auth/sign_in.html",
        status=fault.status if fault else 200,
        headers=fault.headers if fault else None,
        has_form=True,
        title=translate(visitor.language, "auth.sign_in"),
        company=company,
        target=target,
        mobile=mobile,
        fault=fault,
        possible=may_sign_in(visitor.reached, services.settings),
        mails=services.settings.mails,
        reset=request.query_params.get("reset") == "done",
        provider=services.settings.oidc_label if services.provider else None,
        provider_url="/sign-in/provider"
        if target == "/"
        else f"/sign-in/provider?next={quote(target)}",
    )


def _set_up_page(
    request: PageRequest,
    services: Services,
    secret: str,
    values: Mapping[str, Any],
    *,
    errors: Mapping[str, str] | None = None,
) -> Response[Any]:
    return page(
        request,
        "auth/set_up.html",
        status=INVALID if errors else 200,
        has_form=True,
        secret=secret,
        values={key: text_of(values, key) for key in ("company", "name", "mobile")},
        errors=errors or {},
        least=services.settings.password_length,
    )


def require_safe(visitor: PageContext, services: Services) -> None:
    """Refuse where no session may be opened.

    Raises:
        InsecureConnection: plain http from another machine, which no setting allows.
    """
    if not may_sign_in(visitor.reached, services.settings):
        raise InsecureConnection


async def _queued(services: Services, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


ROUTES = [
    show_sign_in,
    submit_sign_in,
    use_sign_in_link,
    submit_sign_out,
    show_closed,
    show_set_up,
    submit_set_up,
]
