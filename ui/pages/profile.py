"""What a person changes about himself: language, theme, password, sessions, tokens."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody

from engine.access.accounts import password_hash, save_preferences, set_password
from engine.access.actors import read_person
from engine.access.passwords import check_password
from engine.access.second_factor import has_factor, recovery_codes_left
from engine.access.sessions import Session, close_session, close_sessions, sessions_of
from engine.access.tokens import Token, create_token, revoke_token, tokens_of
from engine.audit.deeds import log_deed
from engine.errors import FieldError, InvalidInput, RecordNotFound
from engine.sign_in.factors import check_present_password
from engine.storage.snapshot import Unit
from ui.errors import field_message
from ui.given import GivenServices, GivenVisitor
from ui.i18n import LANGUAGES, translate
from ui.page import see_other
from ui.pages.auth import safe_target, text_of
from ui.pages.devices import device_of
from ui.pages.frame import go, show
from ui.pages.token_scopes import OFFERED, chosen_scopes, objects_to_choose, scope_text
from ui.request import PageRequest
from ui.security.cookies import LANGUAGE, THEME, choice_cookie
from ui.security.rights import SIGNED_IN
from ui.security.visitor import DENSITIES, THEMES, PageContext
from ui.services import Services

PAGE = "/profile"
INVALID = 422

Form = URLEncodedBody[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """A session or a token with its instants as text in the person's language."""

    key: str
    name: str
    address: str = ""
    created: str = ""
    ends: str = ""
    used: str = ""
    scopes: str = ""
    current: bool = False
    ended: bool = False
    agent: str = ""


@get(PAGE, name="profile", sync_to_thread=True, right=SIGNED_IN, own=True)
def show_profile(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices
) -> Response[Any]:
    """Show the page."""
    return _profile(request, visitor, services)


@post("/language", name="profile.language", sync_to_thread=True, right=SIGNED_IN, early=True)
def choose_language(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Change the language and come back to the page where that was asked for."""
    language = text_of(data, "language")
    _require_option("language", language, LANGUAGES)
    _prefer(visitor, services, {"language": language})
    cookie = choice_cookie(LANGUAGE, language, visitor.reached)
    return see_other(request, _came_from(request), cookies=[cookie])


@post("/density", name="profile.density", sync_to_thread=True, right=SIGNED_IN)
def choose_density(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Change how high the rows of lists are, and come back to where that was asked for."""
    density = text_of(data, "density")
    _require_option("density", density, DENSITIES)
    _prefer(visitor, services, {"density": density})
    return see_other(request, _came_from(request))


@post(
    f"{PAGE}/preferences",
    name="profile.preferences",
    sync_to_thread=True,
    right=SIGNED_IN,
    own=True,
)
def submit_preferences(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Save language and theme; the cookie tells them to scripts and to the sign-in page."""
    language, theme = text_of(data, "language"), text_of(data, "theme")
    _require_option("language", language, LANGUAGES)
    _require_option("theme", theme, ("", *THEMES))
    _prefer(visitor, services, {"language": language, "theme": theme})
    cookies = [
        choice_cookie(LANGUAGE, language, visitor.reached),
        choice_cookie(THEME, theme, visitor.reached),
    ]
    return see_other(request, PAGE, cookies=cookies)


@post(f"{PAGE}/password", name="profile.password", right=SIGNED_IN, own=True)
async def submit_password(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Change the password; queues with the sign-ins, as it checks and hashes one."""
    work = partial(_submit_password, request, visitor, services, dict(data))
    return await asyncio.get_running_loop().run_in_executor(services.sign_ins, work)


def _submit_password(
    request: PageRequest, visitor: PageContext, services: Services, data: Mapping[str, Any]
) -> Response[Any]:
    user_id, session = signed_in(visitor)
    new = text_of(data, "password")
    try:
        check_present_password(
            services.site,
            services.passwords,
            session,
            text_of(data, "present"),
            address=visitor.context.address,
        )
        if new != text_of(data, "again"):
            raise InvalidInput([FieldError("again", "passwords_differ")])
        with services.site.read(visitor.context) as unit:
            person = read_person(unit.connection, unit.snapshot, user_id)
        about = (person.mobile, person.name) if person is not None else ()
        check_password(new, least=services.settings.password_length, about=about)
    except InvalidInput as error:
        return _profile(request, visitor, services, error=error)
    hashed = services.passwords.hash(new)
    with services.site.database.write() as connection:
        set_password(
            connection,
            user_id,
            hashed,
            now=visitor.context.now,
            keep_session=session.id_hash,
        )
        log_deed(connection, visitor.context, "password.changed", visitor.context.actor.name)
    return go(request, PAGE, "password_changed")


@post(
    f"{PAGE}/sessions/{{key:str}}/close",
    name="profile.session.close",
    sync_to_thread=True,
    right=SIGNED_IN,
    own=True,
)
def submit_close_session(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    key: FromPath[str],
) -> Response[Any]:
    """End one of the person's sessions; ``others`` ends all but this one."""
    user_id, session = signed_in(visitor)
    now, rules = visitor.context.now, services.session_rules
    with services.site.database.write() as connection:
        if key == "others":
            close_sessions(connection, user_id, keep=session.id_hash)
            return go(request, PAGE, "sessions_closed")
        for one in sessions_of(connection, user_id, now=now, rules=rules):
            if one.key == key:
                close_session(connection, one.id_hash, user_id=user_id)
    return go(request, PAGE, "session_closed")


@post(
    f"{PAGE}/tokens",
    name="profile.token.create",
    sync_to_thread=True,
    right=SIGNED_IN,
    own=True,
)
def submit_token(
    request: PageRequest, visitor: GivenVisitor, services: GivenServices, data: Form
) -> Response[Any]:
    """Make a token and show it on the answer, the only time it can be seen."""
    user_id, _ = signed_in(visitor)
    days = text_of(data, "days").strip()
    try:
        if days and not (days.isascii() and days.isdigit()):
            raise InvalidInput([FieldError("days", "not_a_number")])
        with services.site.write(visitor.context) as unit:
            connection = unit.connection
            scopes = chosen_scopes(unit, text_of(data, "scope"), text_of(data, "object"))
            number, secret = create_token(
                connection,
                user_id,
                name=text_of(data, "name"),
                days=int(days) if days else None,
                now=visitor.context.now,
                scopes=scopes,
            )
            told = {"id": number, "name": text_of(data, "name"), "scopes": list(scopes)}
            name = visitor.context.actor.name
            log_deed(connection, visitor.context, "token.created", name, told)
    except InvalidInput as error:
        return _profile(request, visitor, services, error=error)
    return _profile(request, visitor, services, new_token=secret)


@post(
    f"{PAGE}/tokens/{{token_id:int}}/revoke",
    name="profile.token.revoke",
    sync_to_thread=True,
    right=SIGNED_IN,
    own=True,
)
def submit_revoke_token(
    request: PageRequest,
    visitor: GivenVisitor,
    services: GivenServices,
    token_id: FromPath[int],
) -> Response[Any]:
    """End one of the person's tokens."""
    user_id, _ = signed_in(visitor)
    with services.site.database.write() as connection:
        if not revoke_token(connection, token_id, user_id=user_id):
            raise RecordNotFound(object="token", id=token_id)
        name = visitor.context.actor.name
        log_deed(connection, visitor.context, "token.revoked", name, {"id": token_id})
    return go(request, PAGE, "token_revoked")


def _profile(
    request: PageRequest,
    visitor: PageContext,
    services: Services,
    *,
    error: InvalidInput | None = None,
    new_token: str = "",
) -> Response[Any]:
    user_id, session = signed_in(visitor)
    now, rules = visitor.context.now, services.session_rules
    language = visitor.language
    wrong = {one.field: field_message(one, language) for one in (error.errors if error else ())}
    with services.site.read(visitor.context) as unit:
        sessions = sessions_of(unit.connection, user_id, now=now, rules=rules)
        tokens = tokens_of(unit.connection, user_id, now=now)
        return show(
            request,
            unit,
            "auth/profile.html",
            title=translate(language, "profile.title"),
            status=INVALID if wrong else 200,
            errors=wrong,
            new_token=new_token,
            sessions=[_session_line(one, session, visitor) for one in sessions],
            tokens=[_token_line(unit, one, visitor) for one in tokens],
            offered=OFFERED,
            objects=objects_to_choose(unit),
            second_factor=has_factor(unit.connection, user_id),
            codes_left=recovery_codes_left(unit.connection, user_id),
            has_password=password_hash(unit.connection, user_id) is not None,
            least=services.settings.password_length,
            warn_of_http=services.settings.allow_http and visitor.actor.superadmin,
        )


def _session_line(one: Session, current: Session, visitor: PageContext) -> Line:
    return Line(
        key=one.key,
        name=device_of(one.agent) or translate(visitor.language, "profile.device_unknown"),
        agent=one.agent,
        address=one.address,
        used=moment(one.seen_at, visitor),
        current=one.id_hash == current.id_hash,
    )


def _token_line(unit: Unit, one: Token, visitor: PageContext) -> Line:
    return Line(
        key=str(one.id),
        name=one.name,
        created=moment(one.created_at, visitor),
        ends=moment(one.ends_at, visitor),
        used=moment(one.used_at, visitor),
        scopes=scope_text(unit, one.scopes or ()),
        ended=one.ends_at is not None and one.ends_at <= visitor.context.now,
    )


def moment(instant: Any, visitor: PageContext) -> str:
    """Show an instant to the minute in the company's zone; "" for none."""
    if instant is None:
        return ""
    return f"{instant.astimezone(visitor.context.locale.zone):%Y-%m-%d %H:%M}"


def signed_in(visitor: PageContext) -> tuple[int, Session]:
    """Give the person of a session and the session itself."""
    user_id, session = visitor.actor.user_id, visitor.session
    if user_id is None or session is None:
        raise RuntimeError("a profile without a session")
    return user_id, session


def _came_from(request: PageRequest) -> str:
    """Give the page on which a form of the frame was sent: only ever one of ours."""
    back = urlsplit(request.headers.get("referer", ""))
    return safe_target(f"{back.path}?{back.query}" if back.query else back.path)


def _require_option(name: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        raise InvalidInput([FieldError(name, "unknown_option", {"value": given})])


def _prefer(visitor: PageContext, services: Services, chosen: Mapping[str, str]) -> None:
    user_id, session = signed_in(visitor)
    body = {**(session.preferences or {}), **chosen}
    with services.site.database.write() as connection:
        save_preferences(connection, user_id, body, now=visitor.context.now)


ROUTES = [
    show_profile,
    choose_language,
    choose_density,
    submit_preferences,
    submit_password,
    submit_close_session,
    submit_token,
    submit_revoke_token,
]
