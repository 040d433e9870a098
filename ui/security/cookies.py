"""Our cookies. Secure ones carry the prefix that no other host or plain page can set."""

from litestar.datastructures import Cookie

from engine.settings import Settings
from ui.security.reached import Reached

SESSION = "heddle_session"
VISITOR = "heddle_visitor"
STEP = "heddle_step"
"""Between the first and the second step of signing in."""
PROVIDER = "heddle_provider"
"""Between going to an identity provider and coming back."""
LANGUAGE = "heddle_language"
THEME = "heddle_theme"
YEAR = 365 * 24 * 3600


def cookie_name(base: str, found: Reached) -> str:
    """Give the name that a private cookie has on this connection."""
    return f"__Host-{base}" if found.secure else base


def may_sign_in(found: Reached, settings: Settings) -> bool:
    """Tell whether a session may be opened: encrypted, on this machine, or plain http allowed."""
    return found.secure or found.loopback or settings.allow_http


def private_cookie(base: str, value: str, found: Reached, *, max_age: int | None = None) -> Cookie:
    """Make a cookie that scripts and other sites never see; an empty value removes it."""
    return Cookie(
        key=cookie_name(base, found),
        value=value,
        path="/",
        max_age=max_age if value else 0,
        secure=found.secure,
        httponly=True,
        samesite="lax",
    )


def choice_cookie(base: str, value: str, found: Reached) -> Cookie:
    """Make a cookie for a choice that is no secret, such as the language before sign-in."""
    return Cookie(
        key=base, value=value, path="/", max_age=YEAR, secure=found.secure, samesite="lax"
    )
