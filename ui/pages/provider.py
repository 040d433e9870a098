"""Signing in by an identity provider: there, and back."""

import asyncio
import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from litestar import Response, get

from engine.access.keys import SealBroken
from engine.outgoing import AddressRefused, NotReached
from engine.people import NotPlaced
from engine.sign_in.by_provider import NotKnownHere, sign_in_by_provider
from engine.sign_in.provider import Provider, ProviderFailed
from metadata.errors import PlatformError
from ui.given import GivenServices, GivenVisitor
from ui.page import see_other
from ui.pages.auth import enter, origin_of, require_safe, safe_target, sign_in_page
from ui.request import PageRequest
from ui.security.cookies import PROVIDER, cookie_name, private_cookie
from ui.security.rights import PUBLIC
from ui.security.visitor import PageContext
from ui.services import Services

GO = "/sign-in/provider"
BACK = f"{GO}/back"
MINUTES = 10
PURPOSE = "sign-in by provider"
ABOUT = "browser"


@get(GO, name="auth.provider", right=PUBLIC, reason="leads in")
async def show_provider(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices
) -> Response[Any]:
    """Send the browser to the provider. Asynchronous: asking another site takes its time."""
    return await _outside(services, partial(_go, request, visitor, services))


@get(BACK, name="auth.provider.back", right=PUBLIC, reason="leads in")
async def show_back(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices
) -> Response[Any]:
    """Take up whom the provider sent back."""
    return await _outside(services, partial(_come_back, request, visitor, services))


def _go(request: PageRequest, visitor: PageContext, services: Services) -> Response[Any]:
    provider = services.provider
    if provider is None:
        return see_other(request, "/sign-in")
    target = safe_target(request.query_params.get("next", "/"))
    try:
        require_safe(visitor, services)
        begun = provider.begin(_redirect(services))
    except (ProviderFailed, AddressRefused, NotReached) as error:
        return sign_in_page(request, services, visitor, target, error=_told(error))
    kept = {
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "target": target,
        "ends": visitor.context.now.timestamp() + MINUTES * 60,
    }
    sealed = services.keys.seal(PURPOSE, json.dumps(kept).encode(), ABOUT)
    held = base64.urlsafe_b64encode(sealed).decode()
    cookie = private_cookie(PROVIDER, held, visitor.reached, max_age=MINUTES * 60)
    return see_other(request, begun.url, cookies=[cookie])


def _come_back(request: PageRequest, visitor: PageContext, services: Services) -> Response[Any]:
    provider, kept = services.provider, _kept(request, visitor, services)
    if provider is None:
        return see_other(request, "/sign-in")
    target = safe_target(str(kept.get("target", "/")))
    try:
        claims = _claims(request, services, provider, kept)
        entered = sign_in_by_provider(
            services.site,
            services.settings,
            services.session_rules,
            claims,
            origin=origin_of(request, visitor),
        )
    except (ProviderFailed, AddressRefused, NotReached, NotKnownHere, NotPlaced) as error:
        answer = sign_in_page(request, services, visitor, target, error=_told(error))
    else:
        answer = enter(request, visitor, services, entered, target)
    gone = private_cookie(PROVIDER, "", visitor.reached)
    answer.set_cookie(gone)
    return answer


def _claims(
    request: PageRequest, services: Services, provider: Provider, kept: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Give the provider's word for this very browser's sign-in.

    Raises:
        ProviderFailed: this browser did not begin it, the person declined, or worse.
    """
    state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
    if not kept or not hmac.compare_digest(str(kept["state"]).encode(), state.encode()):
        raise ProviderFailed(reason="not_begun_here")
    if request.query_params.get("error") or not code:
        raise ProviderFailed(reason="declined")
    return provider.finish(
        code,
        nonce=str(kept["nonce"]),
        verifier=str(kept["verifier"]),
        redirect=_redirect(services),
    )


def _kept(request: PageRequest, visitor: PageContext, services: Services) -> Mapping[str, Any]:
    """Give what this browser was sent away with; nothing when that was too long ago."""
    held = request.cookies.get(cookie_name(PROVIDER, visitor.reached), "")
    try:
        sealed = base64.urlsafe_b64decode(held)
        kept = json.loads(services.keys.unseal(PURPOSE, sealed, ABOUT))
    except (binascii.Error, ValueError, SealBroken):
        return {}
    return dict(kept) if kept["ends"] > visitor.context.now.timestamp() else {}


def _told(error: PlatformError) -> PlatformError:
    """Tell of the provider: that an address was refused or silent is nothing people can mend."""
    if isinstance(error, AddressRefused | NotReached):
        return ProviderFailed(reason="not_reached")
    return error


def _redirect(services: Services) -> str:
    return services.settings.public_url + BACK


async def _outside(services: Services, work: Callable[[], Response[Any]]) -> Response[Any]:
    return await asyncio.get_running_loop().run_in_executor(services.outside, work)


ROUTES = [show_provider, show_back]
