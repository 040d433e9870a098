"""When a formula is computed, and in whose days it counts."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.context import Context


@dataclass(frozen=True, slots=True)
class Moment:
    """``now`` is aware; days are those of ``zone``."""

    now: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        """Give the day."""
        return self.now.astimezone(self.zone).date()

    def day(self, value: date | datetime) -> date:
        """Give the day of an instant; a day is one already."""
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value


def moment_of(context: Context) -> Moment:
    """Give the moment of a call."""
    return Moment(context.now, context.locale.zone)


def zone_name(zone: tzinfo) -> str:
    """Give the name by which both databases know a zone."""
    return getattr(zone, "key", "UTC")


@lru_cache(maxsize=16)
def zone_of(name: str) -> tzinfo:
    """Give a zone by its name."""
    return ZoneInfo(name)
