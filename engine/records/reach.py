"""Whether one record, already read by a verb, is within reach of an action."""

from engine.access.roles import rights_of
from engine.access.scope import DEPARTMENT, USER
from engine.errors import Forbidden, RecordNotFound
from engine.query.predicate import AccessPredicate
from engine.records.shape import Shape, Stored
from engine.storage.snapshot import Unit


def admits(predicate: AccessPredicate, owner: int | None) -> bool:
    """Tell whether a predicate lets a record with this owner through."""
    if predicate.shape == "all":
        return True
    return predicate.shape == "owners" and owner is not None and owner in predicate.owner_ids


def require_reach(unit: Unit, shape: Shape, record: Stored, action: str) -> None:
    """Refuse an action on a record that is out of its scope.

    Raises:
        RecordNotFound: the actor may not even read it: as if it were not there.
        Forbidden: it may be read, but not this.
    """
    rights = rights_of(unit)
    if not rights.allows(shape.key, "read") or not admits(
        rights.predicate(shape.key, "read"), record.owner
    ):
        raise RecordNotFound(object=shape.key, id=record.id)
    if not admits(rights.predicate(shape.key, action), record.owner):
        raise Forbidden(object=shape.key, action=action)


def readable(unit: Unit, object_key: str, record_id: int, owner: int | None) -> bool:
    """Tell whether the actor may read a record; himself and his department he may always name."""
    actor = unit.context.actor
    if (object_key, record_id) in {(USER, actor.user_id), (DEPARTMENT, actor.department_id)}:
        return True
    rights = rights_of(unit)
    return rights.allows(object_key, "read") and admits(
        rights.predicate(object_key, "read"), owner
    )
