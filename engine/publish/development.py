"""A database that is there to be broken: packs in the making are published to it unasked."""

from sqlalchemy import insert, select

from engine.context import SYSTEM, Context
from engine.publish.live import LiveSite
from engine.storage.kernel_tables import setting

_KEY = "development"


def is_development(live: LiveSite) -> bool:
    """Tell whether somebody said that this database is for development."""
    with live.read(_context(live)) as unit:
        found = unit.connection.execute(select(setting.c.value).where(setting.c.key == _KEY))
        return found.scalar_one_or_none() is True


def mark_development(live: LiveSite) -> None:
    """Say that this database is for development."""
    if is_development(live):
        return
    with live.write(_context(live)) as unit:
        unit.connection.execute(insert(setting).values(key=_KEY, value=True))


def _context(live: LiveSite) -> Context:
    return Context(actor=SYSTEM, now=live.clock())
