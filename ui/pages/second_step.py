"""The second step of signing in: a code of the app, or a recovery code."""

from typing import Any

from litestar import Response, get, post
from litestar.params import URLEncodedBody

from engine.access.links import SECOND_STEP, LinkUsed, is_good
from engine.access.second_factor import WrongCode
from engine.access.throttle import TooManyAttempts
from engine.sign_in.opening import sign_in_with_code
from metadata.errors import PlatformError
from ui.errors import fault_of
from ui.given import GivenServices, GivenVisitor
from ui.i18n import translate
from ui.page import page, see_other
from ui.pages.auth import CODE, enter, origin_of, require_safe, safe_target, text_of
from ui.request import PageRequest
from ui.security.cookies import STEP, cookie_name, private_cookie
from ui.security.rights import PUBLIC
from ui.security.visitor import PageContext

Form = URLEncodedBody[dict[str, Any]]
PROOF = "the cookie of the first step is the proof"


@get(CODE, name="auth.code", sync_to_thread=True, right=PUBLIC, reason=PROOF)
def show_code(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices
) -> Response[Any]:
    """Ask for a code; whoever did not do the first step is led to it."""
    target = safe_target(request.query_params.get("next", "/"))
    with services.site.database.read() as connection:
        now = visitor.context.now
        if not is_good(connection, _secret(request, visitor), SECOND_STEP, now=now):
            return see_other(request, "/sign-in")
    return _code_page(request, visitor, target)


@post(CODE, name="auth.code.submit", sync_to_thread=True, right=PUBLIC, reason=PROOF)
def submit_code(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Open the session when the code is right."""
    require_safe(visitor, services)
    target = safe_target(text_of(data, "next"))
    try:
        opened = sign_in_with_code(
            services.site,
            services.keys,
            services.session_rules,
            secret=_secret(request, visitor),
            code=text_of(data, "code"),
            origin=origin_of(request, visitor),
            drift=services.settings.totp_drift,
        )
    except LinkUsed:
        gone = private_cookie(STEP, "", visitor.reached)
        return see_other(request, "/sign-in", cookies=[gone])
    except (WrongCode, TooManyAttempts) as error:
        return _code_page(request, visitor, target, error)
    return enter(request, visitor, services, opened, target)


def _secret(request: PageRequest, visitor: PageContext) -> str:
    return request.cookies.get(cookie_name(STEP, visitor.reached), "")


def _code_page(
    request: PageRequest, visitor: PageContext, target: str, error: PlatformError | None = None
) -> Response[Any]:
    fault = fault_of(error, visitor.language) if error is not None else None
    return page(
        request,
        "auth/code.html",
        status=fault.status if fault else 200,
        headers=fault.headers if fault else None,
        has_form=True,
        title=translate(visitor.language, "auth.code_title"),
        target=target,
        fault=fault,
    )


ROUTES = [show_code, submit_code]
