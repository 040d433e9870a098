"""Refusing requests that another site makes a browser send.

Three signs, each must agree: what the browser says of the page that sent it (``Sec-Fetch-Site``),
where that page is from (``Origin``), and a token that only our own pages know, bound to the
session, or before sign-in to a cookie of the visitor.
"""

import hmac
from typing import Any

from litestar.datastructures import UploadFile

from engine.settings import Settings
from metadata.errors import PlatformError
from ui.request import PageRequest
from ui.security.visitor import PageContext

HEADER = "x-csrf-token"
FIELD = "_csrf"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class CrossSite(PlatformError):
    """An unsafe request that does not come from a page of ours."""

    code = "cross_site"
    status = 403


def same_site(request: PageRequest, visitor: PageContext, settings: Settings) -> bool:
    """Tell whether the browser's own words allow that our page sent this."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin", "")
    return not origin or origin.lower() in {visitor.reached.origin, settings.public_url.lower()}


async def check_csrf(request: PageRequest, visitor: PageContext, settings: Settings) -> None:
    """Refuse a request with an unsafe method that our own page did not send.

    Raises:
        CrossSite: one of the three signs is wrong.
    """
    given = request.headers.get(HEADER, "")
    form: Any = {}
    if not given and request.content_type[0] in FORMS:
        form = await request.form()
        given = str(form.get(FIELD, ""))
    right = bool(visitor.csrf) and hmac.compare_digest(given.encode(), visitor.csrf.encode())
    if not right or not same_site(request, visitor, settings):
        for one in form.values():
            if isinstance(one, UploadFile):
                await one.close()
        raise CrossSite
