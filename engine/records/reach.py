"""Whether one record, already read by a verb, is within reach of an action."""

from engine.access.roles import rights_of
from engine.access.scope import DEPARTMENT, USER
from engine.errors import Forbidden, RecordNotFound
from engine.records.shape import Shape, Stored, load, shape_of
from engine.storage.snapshot import Unit


def require_reach(unit: Unit, shape: Shape, record: Stored, action: str) -> None:
    """Refuse an action on a record that is out of its scope.

    Raises:
        RecordNotFound: the actor may not even read it: as if it were not there.
        Forbidden: it may be read, but not this.
    """
    rights = rights_of(unit)
    if not rights.allows(shape.key, "read") or not rights.predicate(shape.key, "read").admits(
        record.owner
    ):
        raise RecordNotFound(object=shape.key, id=record.id)
    if not rights.predicate(shape.key, action).admits(record.owner):
        raise Forbidden(object=shape.key, action=action)


def readable(unit: Unit, object_key: str, record_id: int, owner: int | None) -> bool:
    """Tell whether the actor may read a record; himself and his department he may always name."""
    actor = unit.context.actor
    if (object_key, record_id) in {(USER, actor.user_id), (DEPARTMENT, actor.department_id)}:
        return True
    rights = rights_of(unit)
    return rights.allows(object_key, "read") and rights.predicate(object_key, "read").admits(owner)


def owner_of(unit: Unit, object_key: str, record_id: int) -> int | None:
    """Give the owner of a record, in the bin or not, that the actor may read.

    Raises:
        RecordNotFound: there is no such record, or he may not read it.
    """
    shape = shape_of(unit, object_key)
    record = load(unit, shape, record_id)
    if not readable(unit, object_key, record_id, record.owner):
        raise RecordNotFound(object=object_key, id=record_id)
    return record.owner
