"""What the handlers of one application share; made by `ui.server.make_services`."""

from concurrent.futures import Executor
from dataclasses import dataclass, field

from engine.access.keys import Keys
from engine.access.passwords import Passwords
from engine.access.sessions import SessionRules
from engine.publish.live import LiveSite
from engine.settings import Settings
from engine.sign_in.provider import Provider
from ui.metrics import Metrics
from ui.rates import Rates
from ui.views import Views


@dataclass(slots=True)
class Closed:
    """Whether everything is still closed because nobody administers the site."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of an application. Immutable, but for ``closed``.

    ``sign_ins`` are the only threads that check passwords for people: however many sign in at
    once, they queue there, and everybody else's pages keep their threads. ``outside`` are those
    that wait for another site's answer. ``provider`` is None where nobody signs in by one.
    """

    site: LiveSite
    settings: Settings
    keys: Keys
    passwords: Passwords
    views: Views
    session_rules: SessionRules
    sign_ins: Executor
    outside: Executor
    provider: Provider | None
    rates: Rates
    metrics: Metrics
    closed: Closed = field(default_factory=Closed)
