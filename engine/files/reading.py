"""Who may read a file: who may read the field of the record that it belongs to."""

from engine.access.roles import rights_of
from engine.errors import Forbidden, UnknownObject
from engine.files.attachments import Attached, find_files
from engine.files.errors import UnknownFile
from engine.query.listing import read_one
from engine.storage.snapshot import BoundField, BoundObject, Unit


def readable_file(unit: Unit, file_id: str) -> Attached:
    """Give a file that the actor may read.

    Raises:
        UnknownFile: there is none, or it is out of his reach: both look the same.
    """
    found = find_files(unit, [file_id]).get(file_id)
    if found is None or not may_read(unit, found):
        raise UnknownFile
    return found


def may_read(unit: Unit, file: Attached) -> bool:
    """Tell whether the actor may read a file: his own new one, else by its record's field."""
    if file.kept_until is None:
        return may_read_home(unit, file)
    mine = file.record_id is None and file.by == unit.context.actor.user_id
    return mine and unit.context.now < file.kept_until


def may_read_home(unit: Unit, file: Attached) -> bool:
    """Tell whether the actor may read the field of the record where a file is, or was."""
    home = _home(unit, file)
    if home is None or file.record_id is None:
        return False
    bound, field = home
    rights = rights_of(unit)
    if rights.field_level(bound.key, field.key) == "hidden":
        return False
    if rights.field_mask(bound.key, field.key):
        return False
    return any(_reaches(unit, bound, file.record_id, action) for action in ("read", "restore"))


def _reaches(unit: Unit, bound: BoundObject, record_id: int, action: str) -> bool:
    try:
        predicate = rights_of(unit).predicate(bound.key, action)
    except (UnknownObject, Forbidden):
        return False
    binned = action == "restore"
    return read_one(unit, predicate, bound.key, record_id, ("id",), bin=binned) is not None


def _home(unit: Unit, file: Attached) -> tuple[BoundObject, BoundField] | None:
    for bound in unit.snapshot.objects.values():
        if bound.id == file.object_id:
            for field in bound.fields.values():
                if field.id == file.field_id:
                    return bound, field
    return None
