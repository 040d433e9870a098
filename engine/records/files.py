"""Files as values of records: who may name which, and what a save does to their rows.

A file belongs to one record. Naming one that belongs to another record, which is what the copy of
a record does, makes a file of its own with the same content, for who may read the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.errors import FieldError, InvalidInput
from engine.fields.file import FileRef, Files
from engine.files.attachments import (
    Attached,
    Home,
    claim,
    copy,
    find_files,
    let_go,
    let_go_of_records,
    new_id,
)
from engine.files.content import MEGABYTE
from engine.files.kinds import extension_of
from engine.files.reading import may_read, may_read_home
from engine.files.upload import IMAGE, types_of
from engine.records.shape import Shape
from engine.records.writing import Faults
from engine.storage.snapshot import BoundField, Unit


def resolve_files(
    unit: Unit,
    shape: Shape,
    given: dict[str, Any],
    old: Mapping[str, Any] | None,
    faults: Faults,
) -> None:
    """Put the files that values name in the place of their ids.

    Args:
        unit: the transaction.
        shape: the object.
        given: parsed values; those of files are replaced.
        old: the stored values of the record that is changed; its files stay allowed.
        faults: gets ``no_such_file`` and what the field does not take.
    """
    for field in shape.files:
        if not given.get(field.key):
            continue
        before = {one.id: one for one in (old or {}).get(field.key) or ()}
        fresh = [one.id for one in given[field.key] if one.id not in before]
        known = find_files(unit, fresh)
        found: list[FileRef] = []
        for one in given[field.key]:
            file = known.get(one.id)
            if one.id in before:
                found.append(before[one.id])
            elif file is None or not _may_name(unit, file):
                faults.add(field.key, "no_such_file")
            elif _fits(field, file, faults):
                found.append(_taken(unit, file))
        given[field.key] = tuple(found) or None


def settle_files(
    unit: Unit,
    shape: Shape,
    record_id: int,
    new: Mapping[str, Any],
    old: Mapping[str, Any] | None = None,
) -> None:
    """Write what a save did to files: new ones get their home, others lose it.

    Raises:
        InvalidInput: somebody else took one of them at the same moment.
    """
    for field in shape.files:
        if field.key not in new:
            continue
        before = {one.id for one in (old or {}).get(field.key) or ()}
        after: Files = new[field.key] or ()
        home = Home(shape.bound.id, field.id, record_id)
        for one in after:
            if one.id not in before:
                _move_in(unit, field, one, home)
        let_go(unit, sorted(before - {one.id for one in after}))


def settle_new_files(
    unit: Unit, shape: Shape, records: Iterable[tuple[int, Mapping[str, Any]]]
) -> None:
    """Write what new records did to files: pairs of id and stored values."""
    if shape.files:
        for record_id, new in records:
            settle_files(unit, shape, record_id, new)


def lose_files(unit: Unit, shape: Shape, record_ids: Sequence[int]) -> None:
    """Let go of the files of records that are gone for good."""
    if shape.files:
        let_go_of_records(unit, shape.bound.id, record_ids)


def _may_name(unit: Unit, file: Attached) -> bool:
    """Tell whether the actor may give a record this file: his own new one, or one he may read.

    One that a record let go of may come back by who may read that record.
    """
    return may_read(unit, file) or may_read_home(unit, file)


def _fits(field: BoundField, file: Attached, faults: Faults) -> bool:
    definition = field.definition
    most = definition.props.get("max_size")
    if definition.type == IMAGE and file.thumb is None:
        faults.add(field.key, "not_a_picture", name=file.name)
    elif extension_of(file.name) not in types_of(definition):
        taken = ", ".join(sorted(types_of(definition)))
        faults.add(field.key, "file_type_not_allowed", name=file.name, types=taken)
    elif most and file.size > most * MEGABYTE:
        faults.add(field.key, "file_too_large", name=file.name, most=most)
    else:
        return True
    return False


def _taken(unit: Unit, file: Attached) -> FileRef:
    """Give a file as the record will name it: itself when it is free, else a copy to be."""
    reserved = unit.memo.setdefault("files taken", {})
    if file.kept_until is not None and file.id not in reserved:
        reserved[file.id] = None
        return file.ref
    made = file.ref._replace(id=new_id())
    reserved[made.id] = file
    return made


def _move_in(unit: Unit, field: BoundField, one: FileRef, home: Home) -> None:
    source = unit.memo.get("files taken", {}).get(one.id)
    if source is not None:
        copy(unit, source, one.id, home)
    elif not claim(unit, one.id, home):
        raise InvalidInput([FieldError(field.key, "no_such_file")])
