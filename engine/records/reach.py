"""Whether one record, already read by a verb, is within reach of an action."""

from collections.abc import Mapping

from engine.access.roles import rights_of
from engine.access.scope import DEPARTMENT, USER
from engine.errors import Forbidden, RecordNotFound
from engine.query.members import admits, admitted
from engine.records.shape import Shape, Stored, load, load_live, shape_of
from engine.storage.snapshot import Unit


def require_reach(unit: Unit, shape: Shape, record: Stored, action: str) -> None:
    """Refuse an action on a record that is out of its scope.

    Raises:
        RecordNotFound: the actor may not even read it: as if it were not there.
        Forbidden: it may be read, but not this.
    """
    rights = rights_of(unit)
    place = (record.id, record.owner)
    if not rights.allows(shape.key, "read") or not admits(
        unit, rights.predicate(shape.key, "read"), *place
    ):
        raise RecordNotFound(object=shape.key, id=record.id)
    if not admits(unit, rights.predicate(shape.key, action), *place):
        raise Forbidden(object=shape.key, action=action)


def readable(unit: Unit, object_key: str, record_id: int, owner: int | None) -> bool:
    """Tell whether the actor may read a record; himself and his department he may always name."""
    return record_id in readable_ids(unit, object_key, {record_id: owner})


def readable_ids(unit: Unit, object_key: str, owners: Mapping[int, int | None]) -> frozenset[int]:
    """Give those of some records, by id with their owners, that the actor may read."""
    actor = unit.context.actor
    own = {USER: actor.user_id, DEPARTMENT: actor.department_id}.get(object_key)
    named = frozenset({own} & owners.keys()) if own is not None else frozenset()
    rights = rights_of(unit)
    if not rights.allows(object_key, "read"):
        return named
    return named | admitted(unit, rights.predicate(object_key, "read"), owners)


def reaches(unit: Unit, object_key: str, record_id: int) -> bool:
    """Tell whether the actor may read a live record that he just wrote."""
    record = load_live(unit, shape_of(unit, object_key), record_id)
    return readable(unit, object_key, record_id, record.owner)


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
