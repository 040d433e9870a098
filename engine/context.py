"""Who is acting, when, in which language: an argument of every use-case, never a global."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Gives the present instant, aware, UTC. Injected, so that tests can hold it."""

COMPANY_ZONE = ZoneInfo("Asia/Shanghai")


def system_clock() -> datetime:
    """Give the machine's present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Locale:
    """How values are shown: ``language`` zh-CN or en, ``zone`` of the company."""

    language: str = "zh-CN"
    zone: tzinfo = COMPANY_ZONE
    week_start: int = 0  # 0 = Monday


@dataclass(frozen=True, slots=True)
class Limits:
    """What a token leaves of its user's rights.

    Attributes:
        reads: it may read records.
        writes: it may do with them whatever else its user may.
        metadata: it may read metadata and draft changes.
        publishes: it may publish them.
        admin: it keeps the other administration rights.
        objects: the only objects it reaches; None: all of them.
    """

    reads: bool = False
    writes: bool = False
    metadata: bool = False
    publishes: bool = False
    admin: bool = False
    objects: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or the system) that acts. ``roles`` are role keys, read anew for each call.

    ``limits`` narrow what the roles grant: those of the token that the call came with.
    ``organisation`` is the stamp of `engine.query.organisation` and ``teams`` the ids of the
    objects in whose teams the person is, as they were read with him; 0 and None: nobody asked.
    """

    user_id: int | None = None
    name: str = ""
    superadmin: bool = False
    roles: frozenset[str] = frozenset()
    department_id: int | None = None
    limits: Limits | None = None
    organisation: int = 0
    teams: frozenset[int] | None = None


SYSTEM = Actor(name="system", superadmin=True)
NOBODY = Actor()


@dataclass(frozen=True, slots=True)
class Context:
    """One call: who, when, how shown, and the id that its audit entries carry.

    ``version`` is the metadata version that was published when the call came in; what it reads
    need not ask for it again. 0: nobody has asked yet. ``read_only``: somebody looks through the
    actor's eyes, and nothing may be written for him.
    """

    actor: Actor
    now: datetime
    locale: Locale = field(default_factory=Locale)
    request_id: str = ""
    address: str = ""
    version: int = 0
    read_only: bool = False

    @property
    def today(self) -> date:
        """Give the date of ``now`` in the company's time zone."""
        return self.now.astimezone(self.locale.zone).date()
