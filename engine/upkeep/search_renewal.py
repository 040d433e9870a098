"""Search entries of an older tokenizer are written anew, by a job for each object."""

from sqlalchemy import exists, insert, literal, select, update

from engine.context import SYSTEM, Context
from engine.publish.deferred import start
from engine.publish.live import LiveSite
from engine.query.tokens import TOKENIZER
from engine.storage.kernel_tables import search, setting
from engine.storage.snapshot import Unit

SETTING = "search.tokenizer"


class RenewSearch:
    """A chore of the runner: once in a process it looks which tokenizer wrote the entries."""

    def __init__(self) -> None:
        """Look the first time."""
        self._known = False

    def __call__(self, live: LiveSite) -> None:
        """Order what has to be written anew; a database that was looked at is known by a mark."""
        if self._known:
            return
        with live.database.read() as connection:
            written = connection.scalar(select(setting.c.value).where(setting.c.key == SETTING))
        if written != TOKENIZER:
            with live.write(Context(actor=SYSTEM, now=live.clock())) as unit:
                _order(unit)
            live.job_bell.set()
        self._known = True


def _order(unit: Unit) -> None:
    for key, bound in unit.snapshot.objects.items():
        older = exists().where(search.c.object_id == bound.id, search.c.tokenizer != TOKENIZER)
        if unit.connection.scalar(select(literal(1)).where(older)):
            place = {"kind": "search", "object_id": bound.id, "field_id": 0, "name": ""}
            start(unit, key, "", place)
    mark = update(setting).where(setting.c.key == SETTING).values(value=TOKENIZER)
    if not unit.connection.execute(mark).rowcount:
        unit.connection.execute(insert(setting).values(key=SETTING, value=TOKENIZER))
