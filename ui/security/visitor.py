"""Who asks: a session's cookie or a token becomes a `Context`; read anew for every request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from litestar.connection import ASGIConnection

from engine.access.accounts import NotSignedIn
from engine.access.actors import admin_exists, read_actor
from engine.access.limits import limits_of_scopes
from engine.access.roles import rights_of
from engine.access.sessions import Session, touch_session
from engine.access.signed_in import read_signed_in, seen_by
from engine.access.tokens import Token, read_token, touch_token
from engine.context import NOBODY, Actor, Context, Locale
from engine.errors import Forbidden
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError
from ui.i18n import LANGUAGES, language_of
from ui.metrics import METRICS
from ui.security.cookies import LANGUAGE, SESSION, THEME, VISITOR, cookie_name
from ui.security.gates import check_gates
from ui.security.reached import Reached, headers_of
from ui.security.rights import ADMIN, PUBLIC
from ui.services import Services

API = "/api/"
MCP = "/mcp"
PAGES_OF_API = ("/api/docs",)
THEMES = ("light", "dark")
DENSITIES = ("compact", "relaxed")
CSRF = "csrf"


class NotSetUp(PlatformError):
    """Everything is closed until somebody administers the site."""

    code = "not_set_up"
    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """Who asks and how he sees things.

    Attributes:
        context: what use-cases take.
        csrf: the token that his unsafe requests must carry.
        theme: light, dark, or "" for whatever the machine prefers.
        session: None when nobody is signed in, and for calls with a token.
        token: the token of an API call.
        visitor_id: what stands for somebody before sign-in; "" when none was sent.
        viewer: who looks through the actor's eyes; None when the actor is who is signed in.
    """

    context: Context
    reached: Reached
    csrf: str = ""
    theme: str = ""
    session: Session | None = None
    token: Token | None = None
    visitor_id: str = ""
    viewer: Actor | None = None

    @property
    def density(self) -> str:
        """Give how high he likes the rows of lists; "" for whatever each list says."""
        chosen = (self.session.preferences or {}).get("density") if self.session else ""
        return chosen if chosen in DENSITIES else ""

    @property
    def language(self) -> str:
        """Give the language of texts."""
        return self.context.locale.language

    @property
    def actor(self) -> Actor:
        """Give the acting person."""
        return self.context.actor

    @property
    def signed_in(self) -> bool:
        """Tell whether somebody is signed in."""
        return self.context.actor.user_id is not None


def is_api(path: str) -> bool:
    """Tell whether an address is the API's: tokens only, answers in JSON."""
    return path in {MCP, METRICS} or (path.startswith(API) and not path.startswith(PAGES_OF_API))


def visitor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> PageContext | None:
    """Give the visitor that was found for a request; None where none was looked for."""
    found = connection.scope["state"].get("visitor")
    return found if isinstance(found, PageContext) else None


def anonymous(scope: Mapping[str, Any], services: Services) -> PageContext:
    """Make the visitor of whom nothing is known but the request; asks no database."""
    headers, state = headers_of(scope), scope["state"]
    cookies = _cookies(headers.get("cookie", ""))
    found: Reached = state["reached"]
    company = services.settings.locale_of_company
    chosen = cookies.get(LANGUAGE, "") if not is_api(scope["path"]) else ""
    if chosen not in LANGUAGES:
        chosen = language_of(headers.get("accept-language", ""), company.language)
    visitor_id = cookies.get(cookie_name(VISITOR, found), "")
    theme = cookies.get(THEME, "")
    return PageContext(
        context=Context(
            actor=NOBODY,
            now=services.site.clock(),
            locale=replace(company, language=chosen),
            request_id=state["request_id"],
            address=found.address,
        ),
        reached=found,
        csrf=services.keys.sign(CSRF, visitor_id) if visitor_id else "",
        theme=theme if theme in THEMES else "",
        visitor_id=visitor_id,
    )


def find_visitor(scope: Mapping[str, Any], right: str, services: Services) -> PageContext:
    """Find out who asks, and refuse whom the route does not admit. One read transaction.

    Raises:
        NotSetUp: nobody administers the site yet, and the route is not public.
        NotSignedIn: the route is for people who are.
        Forbidden: the route is for holders of an administration right.
        ReadOnlyView: the route is closed while one looks through another's eyes.
        SecondFactorNeeded: a second factor comes before anything else.
        PasswordMustChange: he has to choose a password first.
        TooManyRequests: his token has used up what it may call in a minute.
    """
    visitor = anonymous(scope, services)
    headers = headers_of(scope)
    now = visitor.context.now
    with services.site.read(visitor.context) as unit:
        if services.closed.on:
            services.closed.on = not admin_exists(unit.connection, unit.snapshot)
        if is_api(scope["path"]):
            visitor = _by_token(visitor, headers.get("authorization", ""), unit)
        else:
            cookies = _cookies(headers.get("cookie", ""))
            secret = cookies.get(cookie_name(SESSION, visitor.reached), "")
            visitor = _by_session(visitor, secret, unit, services)
        scope["state"]["visitor"] = visitor  # a refusal is told in his frame and language
        _admit(visitor, right, unit, closed=services.closed.on)
        if visitor.session is not None and right != PUBLIC:
            check_gates(scope, visitor.session, visitor.viewer or visitor.actor, unit.snapshot)
    session, token = visitor.session, visitor.token
    if token is not None:
        services.rates.take(token.id, now)
    if session is not None and session.stale(now):
        with services.site.database.write(brief=True) as connection:
            touch_session(connection, session.id_hash, now)
    if token is not None and token.stale(now):
        with services.site.database.write(brief=True) as connection:
            touch_token(connection, token.id, now)
    return visitor


def _admit(visitor: PageContext, right: str, unit: Unit, *, closed: bool) -> None:
    if right == PUBLIC:
        return
    if closed:
        raise NotSetUp
    if not visitor.signed_in:
        raise NotSignedIn
    if right.startswith(ADMIN):
        known = replace(unit, context=visitor.context)
        name = right.removeprefix(ADMIN)
        if not rights_of(known).admin(name):
            raise Forbidden(object="", action=name)


def _by_session(visitor: PageContext, secret: str, unit: Unit, services: Services) -> PageContext:
    if not secret:
        return visitor
    now, rules = visitor.context.now, services.session_rules
    found = read_signed_in(unit.connection, unit.snapshot, secret, now=now, rules=rules)
    if found is None:
        return visitor
    session, person = found
    viewed_id = session.viewed_id
    viewing = viewed_id is not None
    actor = person if viewed_id is None else seen_by(unit, person, viewed_id)
    chosen = session.preferences or {}
    context = replace(
        visitor.context,
        actor=actor,
        locale=_locale(visitor.context.locale, chosen),
        version=unit.snapshot.number,
        read_only=viewing,
    )
    return replace(
        visitor,
        context=context,
        csrf=session.csrf,
        theme=visitor.theme or _theme(chosen),
        session=session,
        viewer=person if viewing else None,
    )


def _by_token(visitor: PageContext, authorization: str, unit: Unit) -> PageContext:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return visitor
    token = read_token(unit.connection, secret.strip(), now=visitor.context.now)
    if token is None:
        return visitor
    actor = read_actor(unit.connection, unit.snapshot, token.user_id)
    if actor is None:
        return visitor
    actor = replace(actor, limits=limits_of_scopes(token.scopes or ()))
    context = replace(visitor.context, actor=actor, version=unit.snapshot.number)
    return replace(visitor, context=context, token=token)


def _theme(chosen: Mapping[str, Any]) -> str:
    theme = chosen.get("theme")
    return str(theme) if theme in THEMES else ""


def _locale(locale: Locale, chosen: Mapping[str, Any]) -> Locale:
    language = chosen.get("language")
    return replace(locale, language=language) if language in LANGUAGES else locale


def _cookies(header: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value.strip('"') for name, sign, value in pairs if sign}
