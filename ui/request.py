"""Our request: what htmx 4 says of itself in headers."""

from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import ClientException, SerializationException

VARY = "HX-Request, HX-Request-Type, HX-History-Restore-Request, Cookie, Accept-Language"
"""What an answer of a page depends on beside its address."""


class PageRequest(Request[Any, Any, State]):
    """A request of a page. The same handler gives a full page or the fragment asked for."""

    async def json(self) -> Any:
        """Read the body as JSON.

        Raises:
            ClientException: it is broken or nested too deep, also where the decoder itself fails.
        """
        try:
            return await super().json()
        except (SerializationException, UnicodeDecodeError, RecursionError) as error:
            raise ClientException("unreadable JSON") from error

    @property
    def is_htmx(self) -> bool:
        """Tell whether htmx sent it."""
        return self.headers.get("hx-request") == "true"

    @property
    def wants_partial(self) -> bool:
        """Tell whether a fragment is asked for: not by a browser, not to fill a whole page."""
        restores = self.headers.get("hx-history-restore-request") == "true"
        return self.is_htmx and not restores and self.headers.get("hx-request-type") != "full"

    @property
    def htmx_target(self) -> str:
        """Give the id of the element that the answer goes into; "" when none is named."""
        return self.headers.get("hx-target", "").partition("#")[2]
