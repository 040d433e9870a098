"""Asking an identity provider who somebody is: OpenID Connect, code with PKCE, state and nonce.

Everything goes through the one way out (`engine.outgoing`): addresses are checked, redirects are
not followed. What the provider says counts only as an id token that its own keys signed, for us,
for this very sign-in.
"""

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from engine.context import Clock
from engine.outgoing import Answer, fetch
from engine.settings import Settings
from metadata.errors import PlatformError

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid profile email phone"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures only: a shared secret or none at all proves nothing about the provider."""
KNOWN_FOR = timedelta(hours=1)
ASKED_AGAIN = timedelta(minutes=1)
"""At most so often the keys are fetched again because a token names an unknown one."""
LEEWAY = 60
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
JSON_FORM = {"accept": "application/json"}
AUTH_METHODS = ("client_secret_basic", "client_secret_post")

Fetch = Callable[[str, str, bytes, Mapping[str, str]], Answer]
"""Sends method, address, body and headers; gives the answer."""


class ProviderFailed(PlatformError):
    """The identity provider, or what it says, is of no use; ``reason`` says why."""

    code = "provider_failed"
    status = 502


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way: all but ``url`` stays with the browser, sealed."""

    url: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Known:
    at: datetime
    metadata: Mapping[str, Any]
    keys: KeySet


class Provider:
    """The identity provider of the settings. Thread-safe; remembers what it published."""

    def __init__(self, settings: Settings, clock: Clock, send: Fetch | None = None) -> None:
        """Ask nothing yet."""
        allowed = settings.outgoing_networks
        self._settings = settings
        self._clock = clock
        self._send: Fetch = send or (
            lambda method, url, body, headers: fetch(method, url, body, headers, allowed=allowed)
        )
        self._turn = threading.Lock()
        self._known: _Known | None = None

    def begin(self, redirect: str) -> Begun:
        """Give the address to send a browser to.

        Raises:
            ProviderFailed: the provider cannot be asked.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        url, _ = self._client(redirect).create_authorization_url(
            self._published().metadata["authorization_endpoint"],
            state=state,
            nonce=nonce,
            code_verifier=verifier,
        )
        return Begun(url, state, nonce, verifier)

    def finish(self, code: str, *, nonce: str, verifier: str, redirect: str) -> Mapping[str, Any]:
        """Give what the provider says of whoever came back with a code.

        Raises:
            ProviderFailed: it does not take the code, or its word cannot be trusted.
        """
        known = self._published()
        try:
            answer = self._client(redirect).fetch_token(
                known.metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
            )
        except AuthlibBaseError:
            raise ProviderFailed(reason="code_refused") from None
        except (ValueError, TypeError):
            raise ProviderFailed(reason="not_understood") from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderFailed(reason="no_identity")
        return self._verified(token, nonce)

    def _verified(self, token: str, nonce: str) -> Mapping[str, Any]:
        settings = self._settings
        claims_of = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            try:
                decoded = jwt.decode(token, self._published().keys, ALGORITHMS)
            except InvalidKeyIdError:  # the provider has new keys
                decoded = jwt.decode(token, self._published(afresh=True).keys, ALGORITHMS)
            claims_of.validate(decoded.claims)
        except (JoseError, ValueError):
            raise ProviderFailed(reason="not_trusted") from None
        if decoded.claims.get("azp", settings.oidc_client_id) != settings.oidc_client_id:
            raise ProviderFailed(reason="not_trusted")
        return decoded.claims

    def _client(self, redirect: str) -> OAuth2Client:
        settings = self._settings
        offered = self._published().metadata.get("token_endpoint_auth_methods_supported")
        method = "none"
        if settings.oidc_client_secret:
            known = offered if isinstance(offered, list) else AUTH_METHODS[:1]
            method = next((one for one in AUTH_METHODS if one in known), AUTH_METHODS[0])
        return OAuth2Client(
            _Session(self._send),
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret or None,
            token_endpoint_auth_method=method,
            scope=SCOPE,
            redirect_uri=redirect,
            code_challenge_method="S256",
        )

    def _published(self, *, afresh: bool = False) -> _Known:
        """Give what the provider publishes about itself, fetched now and then."""
        with self._turn:
            now, known = self._clock(), self._known
            lasts = ASKED_AGAIN if afresh else KNOWN_FOR
            if known is None or now - known.at >= lasts:
                known = self._known = self._read(now)
            return known

    def _read(self, now: datetime) -> _Known:
        issuer = self._settings.oidc_issuer
        metadata = self._json(issuer + WELL_KNOWN)
        scheme = urlsplit(issuer).scheme
        told = [str(metadata.get(name, "")) for name in ENDPOINTS]
        if metadata.get("issuer") != issuer or any(urlsplit(one).scheme != scheme for one in told):
            raise ProviderFailed(reason="not_understood")
        try:
            keys = KeySet.import_key_set(self._json(told[-1]))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            raise ProviderFailed(reason="not_understood") from None
        return _Known(now, metadata, keys)

    def _json(self, url: str) -> Mapping[str, Any]:
        answer = self._send("GET", url, b"", JSON_FORM)
        if answer.status != HTTPStatus.OK:
            raise ProviderFailed(reason="not_understood")
        return _object(answer.body)


class _Session:
    """What the protocol's client sends with: our way out in the shape that it knows."""

    def __init__(self, send: Fetch) -> None:
        self._send = send

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any
    ) -> "_Answer":
        url, told, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Answer(self._send("POST", url, body.encode(), told))


@dataclass(frozen=True, slots=True)
class _Answer:
    answer: Answer

    @property
    def status_code(self) -> int:
        return self.answer.status

    def json(self) -> Any:
        return dict(_object(self.answer.body))

    def raise_for_status(self) -> None:
        raise ProviderFailed(reason="not_understood")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ProviderFailed(reason="not_understood") from None
    if not isinstance(found, dict):
        raise ProviderFailed(reason="not_understood")
    return found
