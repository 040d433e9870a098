"""Looking once more at what stood in the way of a unique or required field."""

from sqlalchemy import select

from engine.access.roles import rights_of
from engine.publish.deferred import BLOCKED, start
from engine.queue.job import Job, UnknownJob
from engine.storage.kernel_tables import deferred
from engine.storage.snapshot import Unit


def recheck(unit: Unit, held: Job) -> int:
    """Order the check again; gives the new job's id.

    Raises:
        UnknownJob: it was no such check, or nothing stands in the way any more.
        Forbidden: not granted.
    """
    rights_of(unit).require_admin("metadata")
    number = held.payload.get("deferred")
    row = unit.connection.execute(
        select(deferred).where(deferred.c.id == number, deferred.c.state == BLOCKED)
    ).one_or_none()
    if row is None:
        raise UnknownJob(job=held.id)
    place = {name: getattr(row, name) for name in ("kind", "object_id", "field_id", "name")}
    return start(unit, held.payload["object"], held.payload["field"], place)
