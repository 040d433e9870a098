"""Every check of what somebody reads, and the ways to read that each of them covers."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.oracle.hall import Look

Body = Callable[[Look], None]


@dataclass(frozen=True, slots=True)
class Check:
    """Compares one or several ways to read with the model.

    ``covers``: routes as ``GET /path`` and functions of the engine as dotted names.
    """

    name: str
    covers: tuple[str, ...]
    run: Body


CHECKS: dict[str, Check] = {}


def covers(*ways: str) -> Callable[[Body], Body]:
    """Register a check by the ways to read that it covers."""

    def register(body: Body) -> Body:
        CHECKS[body.__name__] = Check(body.__name__, ways, body)
        return body

    return register
