"""Whether a pooled connection to PostgreSQL is still good when it is taken again.

A server that went away has closed its end, which a look at the socket tells without a message. To
what lay unused for a while a message is sent all the same: a cable may have been pulled meanwhile.
"""

import select
import time
from typing import Any

from psycopg import Error
from psycopg.pq import ExecStatus
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

QUIET = 1.0
"""Seconds without use after which a message is sent."""
_USED = "used at"


def watch(engine: Engine) -> None:
    """Look at every connection that is taken from the pool of an engine."""
    event.listen(engine, "checkout", _check)
    event.listen(engine, "checkin", _note)


def _note(_driver: Any, record: Any) -> None:
    record.info[_USED] = time.monotonic()


def _check(driver: Any, record: Any, _proxy: Any) -> None:
    used = record.info.get(_USED)
    if used is None:  # it has just been opened
        return
    if driver.closed or not (_is_quiet(driver, used) or _answers(driver)):
        raise InvalidatePoolError


def _is_quiet(driver: Any, used: float) -> bool:
    """Tell whether it was used a moment ago and the server has said nothing since."""
    if time.monotonic() - used > QUIET:
        return False
    waiting = select.poll()
    waiting.register(driver.fileno(), select.POLLIN)
    return not waiting.poll(0)


def _answers(driver: Any) -> bool:
    try:
        result = driver.pgconn.exec_(b"")
    except Error:
        return False
    return bool(result.status == ExecStatus.EMPTY_QUERY)
