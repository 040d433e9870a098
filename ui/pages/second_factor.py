"""The second factor of a person: setting it up with an app, recovery codes, switching it off."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import segno
from litestar import Response, get, post
from litestar.params import URLEncodedBody
from markupsafe import Markup

from engine.access.accounts import password_hash
from engine.access.actors import read_person
from engine.access.keys import SealBroken
from engine.access.second_factor import (
    SecondFactorExists,
    WrongCode,
    address_of,
    is_required,
    read_factor,
    recovery_codes_left,
    secret_of,
)
from engine.access.sessions import Session
from engine.access.throttle import TooManyAttempts
from engine.errors import InvalidInput
from engine.people import company_name
from engine.sign_in import factors
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError
from ui.errors import Fault, fault_of, field_message
from ui.given import GivenServices, GivenVisitor
from ui.i18n import translate
from ui.page import page
from ui.pages.auth import text_of
from ui.pages.frame import go, show
from ui.pages.profile import PAGE as PROFILE
from ui.pages.profile import moment, signed_in
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN
from ui.security.visitor import PageContext
from ui.services import Services

PAGE = f"{PROFILE}/second-factor"
FRESH = timedelta(minutes=10)
"""So long after signing in nobody is asked for his password again to set it up."""
GROUP = 4
INVALID = 422
NO_PICTURE = Markup()

Form = URLEncodedBody[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorView:
    """What the page shows. ``codes`` are recovery codes just made, shown this once."""

    on: bool
    begun: bool
    since: str
    codes_left: int
    required: bool
    ask_password: bool
    secret: str = ""
    picture: Markup = NO_PICTURE
    codes: Sequence[str] = ()


@get(PAGE, name="second_factor", sync_to_thread=True, right=SIGNED_IN, own=True, early=True)
def show_second_factor(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices
) -> Response[Any]:
    """Show how it stands, and the next step."""
    return _page(request, visitor, services)


@post(f"{PAGE}/begin", name="second_factor.begin", right=SIGNED_IN, own=True, early=True)
async def submit_begin(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Make a secret; queues with the sign-ins, as it may check a password."""
    work = partial(_begin, request, visitor, services, dict(data))
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


@post(
    f"{PAGE}/confirm",
    name="second_factor.confirm",
    sync_to_thread=True,
    right=SIGNED_IN,
    own=True,
    early=True,
)
def submit_confirm(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Put it into force by a first code, and show the recovery codes."""
    _, session = signed_in(visitor)
    try:
        codes = factors.confirm(
            services.site,
            services.keys,
            visitor.context,
            session,
            text_of(data, "code"),
            drift=services.settings.totp_drift,
        )
    except (WrongCode, TooManyAttempts) as error:
        return _page(request, visitor, services, error=error)
    except SecondFactorExists:
        return go(request, PAGE)
    return _page(request, visitor, services, codes=codes)


@post(f"{PAGE}/codes", name="second_factor.codes", right=SIGNED_IN, own=True)
async def submit_codes(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Make new recovery codes; queues with the sign-ins, as it checks a password."""
    work = partial(_renew, request, visitor, services, dict(data))
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


@post(f"{PAGE}/off", name="second_factor.off", right=SIGNED_IN, own=True)
async def submit_off(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Switch it off; queues with the sign-ins, as it checks a password."""
    work = partial(_switch_off, request, visitor, services, dict(data))
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


def _begin(
    request: PageRequest, visitor: PageContext, services: Services, data: Mapping[str, Any]
) -> Response[Any]:
    _, session = signed_in(visitor)

    def work() -> Response[Any]:
        if not _fresh(session, visitor):
            _check_password(visitor, services, data)
        factors.begin(services.site, services.keys, session)
        return go(request, PAGE)

    return _answered(request, visitor, services, work)


def _renew(
    request: PageRequest, visitor: PageContext, services: Services, data: Mapping[str, Any]
) -> Response[Any]:
    _, session = signed_in(visitor)

    def work() -> Response[Any]:
        _check_password(visitor, services, data)
        codes = factors.renew_codes(services.site, services.keys, session)
        return _page(request, visitor, services, codes=codes)

    return _answered(request, visitor, services, work)


def _switch_off(
    request: PageRequest, visitor: PageContext, services: Services, data: Mapping[str, Any]
) -> Response[Any]:
    _, session = signed_in(visitor)

    def work() -> Response[Any]:
        _check_password(visitor, services, data)
        factors.switch_off(services.site, visitor.context, session)
        return go(request, PROFILE, "second_factor_off")

    return _answered(request, visitor, services, work)


def _answered(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    work: Callable[[], Response[Any]],
) -> Response[Any]:
    try:
        return work()
    except (
        InvalidInput,
        TooManyAttempts,
        SecondFactorExists,
        factors.SecondFactorRequired,
    ) as error:
        return _page(request, visitor, services, error=error)


def _check_password(visitor: PageContext, services: Services, data: Mapping[str, Any]) -> None:
    _, session = signed_in(visitor)
    factors.check_present_password(
        services.site,
        services.passwords,
        session,
        text_of(data, "present"),
        address=visitor.context.address,
    )


def _fresh(session: Session, visitor: PageContext) -> bool:
    return visitor.context.now - session.created_at <= FRESH


def _page(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    *,
    error: PlatformError | None = None,
    codes: Sequence[str] = (),
) -> Response[Any]:
    _, session = signed_in(visitor)
    fault = _fault(error, visitor.language) if error is not None else None
    status, headers = (fault.status, fault.headers) if fault else (200, {})
    title = translate(visitor.language, "second_factor.title")
    with services.site.read(visitor.context) as unit:
        view = _view(unit, session, visitor, services, codes)
        if view.required and not (session.strong or view.on):
            # Everything else is closed to this person: no menu, nothing that asks in between.
            return page(
                request,
                "auth/second_factor_first.html",
                status=status,
                headers=headers,
                title=title,
                factor=view,
                fault=fault,
            )
        return show(
            request,
            unit,
            "auth/second_factor.html",
            title=title,
            status=status,
            headers=headers,
            factor=view,
            fault=fault,
        )


def _fault(error: PlatformError, language: str) -> Fault:
    if isinstance(error, InvalidInput):
        return Fault(INVALID, error.code, field_message(error.errors[0], language))
    return fault_of(error, language)


def _view(
    unit: Unit,
    session: Session,
    visitor: PageContext,
    services: Services,
    codes: Sequence[str],
) -> FactorView:
    connection, user_id = unit.connection, session.user_id
    factor = read_factor(connection, user_id)
    on = factor is not None and factor.confirmed_at is not None
    secret, picture = "", NO_PICTURE
    if factor is not None and not on:
        secret, picture = _to_scan(unit, services, session)
    has_password = password_hash(connection, user_id) is not None
    return FactorView(
        on=on,
        begun=bool(secret),
        since=moment(factor.confirmed_at, visitor) if factor is not None else "",
        codes_left=recovery_codes_left(connection, user_id),
        required=is_required(unit.snapshot, visitor.actor.roles),
        ask_password=has_password and (on or not _fresh(session, visitor)),
        secret=" ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP)),
        picture=picture,
        codes=codes,
    )


def _to_scan(unit: Unit, services: Services, session: Session) -> tuple[str, Markup]:
    """Give the secret and its QR code; nothing when the key file has changed: begin again."""
    factor = read_factor(unit.connection, session.user_id)
    person = read_person(unit.connection, unit.snapshot, session.user_id)
    if factor is None or person is None:
        return "", NO_PICTURE
    try:
        secret = secret_of(services.keys, factor)
    except SealBroken:
        return "", NO_PICTURE
    issuer = company_name(unit.connection) or translate(services.settings.locale, "auth.product")
    address = address_of(secret, account=person.mobile, issuer=issuer)
    code = segno.make_qr(address)
    # Made of our own text as numbers of a path: nothing in it is markup of somebody's.
    return secret, Markup(code.svg_inline(scale=4, border=3, light="#fff"))  # noqa: S704


ROUTES = [show_second_factor, submit_begin, submit_confirm, submit_codes, submit_off]
